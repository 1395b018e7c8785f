"""The verb *augment*: does a recipe help a predictor, with all the data and with little?

Arms stand side by side. The *full* arm has every real training sample. A *low-data* arm
(recipe names end in ``@10`` for 10 labels per class) sees a few per class and nothing else:
its generators are trained on those few alone. Repeats are paired: repeat ``i`` of every recipe has
the same few samples, the same initial weights and the same number of training steps.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from math import nan
from typing import TYPE_CHECKING, Any

from genloom import members, recipes
from genloom.domains import Measures
from genloom.domains.codecs import codec_for, training_samples
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
    """The real training samples of one repeat, and the ending of its recipes' names."""

    ending: str
    low_data: bool
    repeat: int
    rows: "pd.DataFrame"


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
        augmentation: ``repeats``, ``per_class`` (one number or several), ``synthetic_per_class``
            and what of the predictor's block is replaced here (``predictor``).
        arguments: Arguments of the recipe.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``.
        domain: The domain's name.
        subject: The predictor's name.
        recipe: ``none``, ``classical``, ``mixup`` or ``smote``.
        classical_moves: The domain's own small moves that keep a label.

    Returns:
        One row of ``recipe_accuracy`` per arm and repeat. Data of a single class has nothing to
        predict: the values are NaN, and nothing is trained.
    """
    import torch

    codec = codec_for(codec, predictor)
    classes = len(codec.classes)

    def train_on(arm: Arm) -> "tuple[Tensor, Tensor]":
        real, labels = codec.encode(arm.rows), codec.encode_labels(arm.rows)
        own_seed = derive_seed(seed, "augment", recipe, arm.repeat)
        if recipe == "none":
            return real, recipes.soft(labels, classes)
        if recipe == "classical":
            moved = classical_moves(real, codec=codec, seed=own_seed, **arguments)
            x = torch.cat([real, moved])
            return x, recipes.soft(labels, classes).repeat(len(x) // len(real), 1)
        made: tuple[Tensor, Tensor] = getattr(recipes, recipe)(
            real, labels, classes, seed=own_seed, **arguments
        )
        return made

    score = _scorer(
        samples, codec, predictor | (augmentation.get("predictor") or {}), seed, hardware
    )
    rows = []
    for arm in _arms(samples, codec.classes, augmentation, seed, hardware, f"{domain}.{recipe}"):
        rows.append(score(arm, partial(train_on, arm)) | {"recipe": recipe + arm.ending})
    return _table(rows, domain, subject)


def measure_rival(
    samples: "pd.DataFrame",
    codec: Any,
    block: dict[str, Any],
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    *,
    domain: str,
    subject: str,
    rival: str,
) -> "pd.DataFrame":
    """Accuracy of another predictor on the real samples of every arm, as a recipe of its name.

    It answers whether, with few labels, another predictor would help more than any augmentation.

    Args:
        block: The other predictor's block of parameters.
        rival: Its name.

    See ``measure_recipe`` for the other arguments.
    """
    codec = codec_for(codec, block)
    score = _scorer(samples, codec, block, seed, hardware)

    def encoded(arm: Arm) -> "tuple[Tensor, Tensor]":
        return codec.encode(arm.rows), codec.encode_labels(arm.rows)

    # Without chance, every repeat learns the same from all the data: once is enough.
    repeats_itself = not getattr(members.member_class(block["network"]), "uses_seed", True)
    rows: list[dict[str, Any]] = []
    for arm in _arms(samples, codec.classes, augmentation, seed, hardware, f"{domain}.{rival}"):
        if repeats_itself and not arm.low_data and rows:
            rows.append(rows[0] | {"seed": arm.repeat})
            continue
        rows.append(score(arm, partial(encoded, arm)) | {"recipe": rival + arm.ending})
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
    measures: Measures,
) -> "pd.DataFrame":
    """Accuracy of a predictor trained on a generator's samples, alone and beside real ones.

    Args:
        synthetic: What the generator fitted on all training data made, for the full arm.
        generator: That generator; a low-data arm trains it anew, by its ``low_data`` budget.
        recipe: The generator's name; rows are called ``recipe`` and ``real+recipe``.
        measures: The domain's own; samples that are not usable are left out.

    See ``measure_recipe`` for the other arguments.
    """
    import torch

    codec = codec_for(codec, predictor)
    classes = len(codec.classes)
    score = _scorer(
        samples, codec, predictor | (augmentation.get("predictor") or {}), seed, hardware
    )

    def alone(arm: Arm) -> "tuple[Tensor, Tensor]":
        own_seed = derive_seed(seed, "augment", recipe, arm.repeat)
        if arm.low_data:
            made = _fit_and_sample(arm, generator, augmentation, own_seed, hardware)
        else:
            own = torch.Generator().manual_seed(own_seed)
            order = torch.randperm(len(synthetic), generator=own)
            made = synthetic.iloc[order[: len(arm.rows)].numpy()]
        made = made[measures.usable(made)]
        return codec.encode(made), recipes.soft(codec.encode_labels(made), classes)

    def beside_real(arm: Arm, made: Callable[[], Any]) -> "tuple[Tensor, Tensor]":
        x, y = made()
        real = codec.encode(arm.rows)
        labels = recipes.soft(codec.encode_labels(arm.rows), classes)
        # Real samples are repeated until they are about half of what the predictor sees.
        repeats = max(1, round(len(x) / len(real)))  # where there are more synthetic ones
        more = real.repeat(repeats, *[1] * (real.dim() - 1))
        return torch.cat([x, more]), torch.cat([y, labels.repeat(repeats, 1)])

    rows = []
    for arm in _arms(samples, codec.classes, augmentation, seed, hardware, f"{domain}.{recipe}"):
        made = cache(partial(alone, arm))  # drawn once, and not at all where nothing is trained
        rows.append(score(arm, made) | {"recipe": recipe + arm.ending})
        rows.append(
            score(arm, partial(beside_real, arm, made)) | {"recipe": f"real+{recipe}{arm.ending}"}
        )
    return _table(rows, domain, subject)


def _arms(
    samples: "pd.DataFrame",
    classes: list[str],
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
    title: str,
) -> Iterable[Arm]:
    """All arms of every repeat, with one progress bar for all the small trainings of a recipe."""
    from tqdm import tqdm

    return tqdm(
        _every_arm(samples, classes, augmentation, seed),
        desc=f"{title} augmentation",
        total=(1 + len(_sizes(augmentation))) * augmentation["repeats"],
        disable=not hardware.get("progress", True),
        unit="arm",
    )


def _every_arm(
    samples: "pd.DataFrame", classes: list[str], augmentation: dict[str, Any], seed: int
) -> Iterator[Arm]:
    """The full arm and the low-data arms; these draw their few samples by repeat."""
    import torch

    train = samples[samples["split"] == "train"]
    labels = train["label"].to_numpy()
    for repeat in range(augmentation["repeats"]):
        yield Arm("", False, repeat, train)
        own = torch.Generator().manual_seed(derive_seed(seed, "low_data", repeat))
        order = torch.randperm(len(train), generator=own).numpy()
        for per_class in _sizes(augmentation):
            # The few of a smaller arm are among those of a larger one.
            few = [row for name in classes for row in order[labels[order] == name][:per_class]]
            yield Arm(f"@{per_class}", True, repeat, train.iloc[few])


def _sizes(augmentation: dict[str, Any]) -> list[int]:
    """Labels per class in each low-data arm."""
    per_class = augmentation["per_class"]
    return per_class if isinstance(per_class, list) else [per_class]


def _fit_and_sample(
    arm: Arm,
    generator: Fitted,
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
) -> "pd.DataFrame":
    """Train the generator on the arm's few samples only and draw from it."""
    import pandas as pd

    codec = generator.own_codec
    classes = len(codec.classes)
    written = training_samples(codec, arm.rows, seed=seed)
    x, y = codec.encode(written), codec.encode_labels(written)
    block = members.for_low_data(generator.block)
    member = members.build(block, codec.shape, classes, seed=seed)
    member.fit(x, y, seed=seed, hardware=Hardware(**hardware))
    n = augmentation["synthetic_per_class"] * classes
    labels = proportional_labels(y, classes, n)
    made = member.sample(n, labels=labels, seed=seed)
    # Samples pass through content, as any sample that is stored does.
    return pd.DataFrame({"content": codec.decode(made), "label": codec.decode_labels(labels)})


def _scorer(
    samples: "pd.DataFrame",
    codec: Any,
    block: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
) -> Callable[[Arm, Callable[[], Any]], dict[str, Any]]:
    """What trains a predictor on some data, and gives its accuracy on the real test split."""
    test = samples[samples["split"] == "test"]
    x, y = codec.encode(test), codec.encode_labels(test)

    def score(arm: Arm, train_on: Callable[[], Any]) -> dict[str, Any]:
        row = {"n": len(test), "seed": arm.repeat}
        if len(codec.classes) == 1:
            return row | {"value": nan}
        x_train, y_train = train_on()
        if not len(x_train):  # a generator of which no sample is usable teaches nothing
            return row | {"value": nan}
        own_seed = derive_seed(seed, "predictor", arm.repeat)
        member = members.build(block, codec.shape, len(codec.classes), seed=own_seed)
        member.fit(x_train, y_train, seed=own_seed, hardware=Hardware(**hardware))
        guessed = member.predict(x).argmax(dim=1)
        return row | {"value": float((guessed == y).double().mean())}

    return score


def _table(rows: list[dict[str, Any]], domain: str, subject: str) -> "pd.DataFrame":
    common = {"domain": domain, "subject": subject, "role": "predictor", "split": "test"}
    return metrics_table([common | {"metric": "recipe_accuracy"} | row for row in rows])
