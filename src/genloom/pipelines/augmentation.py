"""The verb *augment*: does a recipe help a predictor, with all the data and with little?

Two arms stand side by side. The *full* arm has every real training sample. The *low-data* arm
(recipe names end in ``@10`` for 10 labels per class) sees a few per class and nothing else:
its generators are trained on those few alone. Repeats are paired: repeat ``i`` of every recipe has
the same few samples, the same initial weights and the same number of training steps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genloom import members, recipes
from genloom.fitted import Fitted
from genloom.metrics.table import metrics_table
from genloom.networks.hardware import Hardware
from genloom.pipelines.sampling import proportional_labels
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


@dataclass
class Arm:
    """The real training data of one repeat, and the ending of its recipes' names."""

    ending: str
    low_data: bool
    repeat: int
    x: "Tensor"
    y: "Tensor"


def measure_recipe(
    samples: "pd.DataFrame",
    codec: Any,
    predictor: dict[str, Any],
    augmentation: dict[str, Any],
    arguments: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    *,
    domain: str,
    subject: str,
    recipe: str,
    classical_moves: Any,
) -> "pd.DataFrame":
    """Accuracy of a predictor trained by a recipe that needs no generator.

    Args:
        samples: The domain's samples.
        codec: The domain's codec.
        predictor: The block of parameters of the predictor that is trained.
        augmentation: ``repeats``, ``per_class``, ``synthetic_per_class`` and what of the
            predictor's block is replaced here (``predictor``).
        arguments: Arguments of the recipe.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``.
        domain: The domain's name.
        subject: The predictor's name.
        recipe: ``none``, ``classical``, ``mixup`` or ``smote``.
        classical_moves: The domain's own small moves that keep a label.

    Returns:
        One row of ``recipe_accuracy`` per arm and repeat.
    """
    import torch

    rows = []
    classes = len(codec.classes)
    arms = _arms(samples, codec, augmentation, seed)
    for arm in _shown(arms, augmentation, hardware, f"{domain}.{recipe}"):
        own_seed = derive_seed(seed, "augment", recipe, arm.repeat)
        if recipe == "none":
            x, y = arm.x, recipes.soft(arm.y, classes)
        elif recipe == "classical":
            moved = classical_moves(arm.x, seed=own_seed, **arguments)
            x = torch.cat([arm.x, moved])
            y = recipes.soft(arm.y, classes).repeat(len(x) // len(arm.x), 1)
        else:
            x, y = getattr(recipes, recipe)(arm.x, arm.y, classes, seed=own_seed, **arguments)
        score = _score(x, y, samples, codec, predictor, augmentation, arm, seed, hardware)
        rows.append(score | {"recipe": recipe + arm.ending})
    return _table(rows, domain, subject)


def measure_generator(
    samples: "pd.DataFrame",
    synthetic: "pd.DataFrame",
    codec: Any,
    generator: Fitted,
    predictor: dict[str, Any],
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    *,
    domain: str,
    subject: str,
    recipe: str,
) -> "pd.DataFrame":
    """Accuracy of a predictor trained on a generator's samples, alone and beside real ones.

    Args:
        synthetic: What the generator fitted on all training data made, for the full arm.
        generator: That generator; the low-data arm trains it anew, by its ``low_data`` budget.
        recipe: The generator's name; rows are called ``recipe`` and ``real+recipe``.

    See ``measure_recipe`` for the other arguments.
    """
    import torch

    pool, pool_labels = codec.encode(synthetic), codec.encode_labels(synthetic)
    classes = len(codec.classes)
    rows = []
    arms = _arms(samples, codec, augmentation, seed)
    for arm in _shown(arms, augmentation, hardware, f"{domain}.{recipe}"):
        own_seed = derive_seed(seed, "augment", recipe, arm.repeat)
        if arm.low_data:
            made, labels = _fit_and_sample(arm, codec, generator, augmentation, own_seed, hardware)
        else:
            order = torch.randperm(len(pool), generator=torch.Generator().manual_seed(own_seed))
            chosen = order[: len(arm.x)]
            made, labels = pool[chosen], pool_labels[chosen]
        y = recipes.soft(labels, classes)
        # Real samples are repeated until they are about half of what the predictor sees.
        repeats = max(1, round(len(made) / len(arm.x)))
        both_x = torch.cat([made, arm.x.repeat(repeats, *[1] * (arm.x.dim() - 1))])
        both_y = torch.cat([y, recipes.soft(arm.y, classes).repeat(repeats, 1)])
        for name, x, soft_labels in ((recipe, made, y), (f"real+{recipe}", both_x, both_y)):
            score = _score(
                x, soft_labels, samples, codec, predictor, augmentation, arm, seed, hardware
            )
            rows.append(score | {"recipe": name + arm.ending})
    return _table(rows, domain, subject)


def _arms(
    samples: "pd.DataFrame", codec: Any, augmentation: dict[str, Any], seed: int
) -> Iterator[Arm]:
    """Both arms of every repeat; the low-data arm draws its few samples by repeat."""
    import torch

    train = samples[samples["split"] == "train"]
    x, y = codec.encode(train), codec.encode_labels(train)
    per_class = augmentation["per_class"]
    for repeat in range(augmentation["repeats"]):
        yield Arm("", False, repeat, x, y)
        own = torch.Generator().manual_seed(derive_seed(seed, "low_data", repeat))
        order = torch.randperm(len(y), generator=own)
        few = [order[y[order] == label][:per_class] for label in range(len(codec.classes))]
        chosen = torch.cat(few)
        yield Arm(f"@{per_class}", True, repeat, x[chosen], y[chosen])


def _shown(
    arms: Iterator[Arm], augmentation: dict[str, Any], hardware: dict[str, Any], title: str
) -> Iterable[Arm]:
    """The arms, with one progress bar for all the small trainings of a recipe."""
    from tqdm import tqdm

    return tqdm(
        arms,
        desc=f"{title} augmentation",
        total=2 * augmentation["repeats"],
        disable=not hardware.get("progress", True),
        unit="arm",
    )


def _fit_and_sample(
    arm: Arm,
    codec: Any,
    generator: Fitted,
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
) -> tuple["Tensor", "Tensor"]:
    """Train the generator on the arm's few samples only and draw from it."""
    import torch

    block = generator.block | (generator.block.get("low_data") or {})
    member = members.build(block, codec.shape, len(codec.classes), seed=seed)
    member.fit(arm.x, arm.y, seed=seed, hardware=Hardware(**hardware))
    n = augmentation["synthetic_per_class"] * len(codec.classes)
    labels = proportional_labels(arm.y, len(codec.classes), n)
    made = member.sample(n, labels=labels, seed=seed)
    # Samples pass through content, as any sample that is stored does.
    stored = codec.decode(made)
    import pandas as pd

    return codec.encode(pd.DataFrame({"content": stored})), torch.as_tensor(labels)


def _score(
    x: "Tensor",
    y: "Tensor",
    samples: "pd.DataFrame",
    codec: Any,
    predictor: dict[str, Any],
    augmentation: dict[str, Any],
    arm: Arm,
    seed: int,
    hardware: dict[str, Any],
) -> dict[str, Any]:
    """Train the predictor on ``x, y`` and give its accuracy on the real test split."""
    own_seed = derive_seed(seed, "predictor", arm.repeat)
    block = predictor | (augmentation.get("predictor") or {})
    member = members.build(block, codec.shape, len(codec.classes), seed=own_seed)
    member.fit(x, y, seed=own_seed, hardware=Hardware(**hardware))
    test = samples[samples["split"] == "test"]
    guessed = member.predict(codec.encode(test)).argmax(dim=1)
    accuracy = float((guessed == codec.encode_labels(test)).double().mean())
    return {"value": accuracy, "n": len(test), "seed": arm.repeat}


def _table(rows: list[dict[str, Any]], domain: str, subject: str) -> "pd.DataFrame":
    common = {"domain": domain, "subject": subject, "role": "predictor", "split": "test"}
    return metrics_table([common | {"metric": "recipe_accuracy"} | row for row in rows])
