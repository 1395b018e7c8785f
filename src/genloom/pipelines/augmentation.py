"""The verb *augment*: does a recipe help a predictor, with all the data and with little?

Every recipe is measured in several arms, see ``arms``; in a low-data arm generators are trained on
its few samples alone. Repeats are paired: repeat ``i`` of every recipe has the same few samples,
the same initial weights and the same number of training steps.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from genloom import members, recipes
from genloom.domains import Measures
from genloom.domains.codecs import codec_for, decoded, training_samples
from genloom.fitted import Fitted
from genloom.metrics.table import metrics_table
from genloom.networks.hardware import Hardware
from genloom.pipelines.arms import Arm, arms
from genloom.pipelines.sampling import proportional_labels
from genloom.pipelines.trial import Encode, Trial
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


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
    """How right a predictor is that was trained by a recipe that needs no generator.

    Args:
        samples: The domain's samples.
        codec: The domain's codec.
        predictor: The block of parameters of the predictor that is trained.
        augmentation: ``repeats``, ``per_class`` (one number or several), how many samples a
            generator gives (``synthetic_per_class`` in a low-data arm, ``synthetic_per_real``, 1
            unless given, in the full one) and what of the predictor's block is replaced here
            (``predictor``).
        arguments: Arguments of the recipe.
        seed: The project's seed.
        hardware: The arguments of ``Hardware``.
        domain: The domain's name.
        subject: The predictor's name.
        recipe: ``none``, ``classical``, ``mixup`` or ``smote``.
        classical_moves: The domain's own small moves that keep a label.

    Returns:
        A row of ``recipe_accuracy`` and one of ``recipe_auroc`` per arm and repeat. Data of a
        single class has nothing to predict: the values are NaN, and nothing is trained. Where
        generators make numbers to predict, ``none`` has ``recipe_rmse`` and ``recipe_r2``, too.
    """
    import torch

    codec = codec_for(codec, predictor)
    classes = len(codec.classes)

    def train_on(arm: Arm) -> "tuple[Tensor, Tensor]":
        real, labels = trial.real(arm), codec.encode_labels(arm.rows)
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

    block = predictor | (augmentation.get("predictor") or {})
    trial = Trial(samples, codec, block, seed, hardware)
    rows = []
    for arm in arms(samples, codec.classes, augmentation, seed, hardware, f"{domain}.{recipe}"):
        rows += trial.classes(arm, recipe, partial(train_on, arm))
        if recipe == "none" and trial.has_numbers:
            learned = partial(trial.with_numbers, arm.rows, trial.real(arm))
            rows += trial.numbers(arm, recipe, learned)
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
    """How right another predictor is with the real samples of every arm, as a recipe of its name.

    It answers whether, with few labels, another predictor would help more than any augmentation.

    Args:
        block: The other predictor's block of parameters.
        rival: Its name.

    See ``measure_recipe`` for the other arguments.
    """
    codec = codec_for(codec, block)
    trial = Trial(samples, codec, block, seed, hardware)

    def encoded(arm: Arm) -> "tuple[Tensor, Tensor]":
        return trial.real(arm), codec.encode_labels(arm.rows)

    # Without chance, every repeat learns the same from all the data: once is enough.
    repeats_itself = not getattr(members.member_class(block["network"]), "uses_seed", True)
    rows: list[dict[str, Any]] = []
    first: list[dict[str, Any]] = []  # of all the data
    for arm in arms(samples, codec.classes, augmentation, seed, hardware, f"{domain}.{rival}"):
        if repeats_itself and not arm.low_data and first:
            rows += [row | {"seed": arm.repeat} for row in first]
            continue
        found = trial.classes(arm, rival, partial(encoded, arm))
        first = first or found
        rows += found
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
    """How right a predictor trained on a generator's samples is, alone and beside real ones.

    Args:
        synthetic: What the generator fitted on all training data made, for the full arm; where
            that asks for more, as many are drawn anew.
        generator: That generator; a low-data arm trains it anew, by its ``low_data`` budget.
        recipe: The generator's name; rows are called ``recipe`` and ``real+recipe``.
        measures: The domain's own; samples that are not usable are left out.

    See ``measure_recipe`` for the other arguments.
    """
    import torch

    codec = codec_for(codec, predictor)
    block = predictor | (augmentation.get("predictor") or {})
    trial = Trial(samples, codec, block, seed, hardware)
    kinds = [(trial.classes, trial.with_classes)]
    if trial.has_numbers:
        kinds.append((trial.numbers, trial.with_numbers))

    def made_for(arm: Arm) -> "pd.DataFrame":
        own_seed = derive_seed(seed, "augment", recipe, arm.repeat)
        if arm.low_data:
            made = _fit_and_sample(arm, generator, augmentation, own_seed, hardware)
        else:
            asked = augmentation.get("synthetic_per_real")
            wanted = (asked or 1) * len(arm.rows)
            made = synthetic
            if asked and wanted > len(synthetic):
                made = _more(generator, arm, wanted, own_seed)
            own = torch.Generator().manual_seed(own_seed)
            made = made.iloc[torch.randperm(len(made), generator=own)[:wanted].numpy()]
        return made[measures.usable(made)]

    def alone(made: Callable[[], Any], encode: Encode) -> "tuple[Tensor, Tensor]":
        return encode(made())

    def beside_real(arm: Arm, own: Callable[[], Any], encode: Encode) -> "tuple[Tensor, Tensor]":
        (x, y), (real, targets) = own(), encode(arm.rows, trial.real(arm))
        # Real samples are repeated until they are about half of what the predictor sees.
        repeats = max(1, round(len(x) / len(real)))  # where there are more synthetic ones
        return (
            torch.cat([x, real.repeat(repeats, *[1] * (real.ndim - 1))]),
            torch.cat([y, targets.repeat(repeats, *[1] * (targets.ndim - 1))]),
        )

    rows = []
    for arm in arms(samples, codec.classes, augmentation, seed, hardware, f"{domain}.{recipe}"):
        made = cache(partial(made_for, arm))  # drawn once, and not at all where nothing is trained
        for score, encode in kinds:
            own = cache(partial(alone, made, encode))
            rows += score(arm, recipe, own)
            rows += score(arm, f"real+{recipe}", partial(beside_real, arm, own, encode))
    return _table(rows, domain, subject)


def _fit_and_sample(
    arm: Arm,
    generator: Fitted,
    augmentation: dict[str, Any],
    seed: int,
    hardware: dict[str, Any],
) -> "pd.DataFrame":
    """Train the generator on the arm's few samples only and draw from it."""
    codec = generator.own_codec
    classes = len(codec.classes)
    written = training_samples(codec, arm.rows, seed=seed)
    x, y = codec.encode(written), codec.encode_labels(written)
    block = members.for_low_data(generator.block)
    member = members.build(block, codec.shape, classes, seed=seed)
    member.fit(x, y, seed=seed, hardware=Hardware(**hardware))
    labels = proportional_labels(y, classes, augmentation["synthetic_per_class"] * classes)
    return _draw(member, codec, labels, seed)


def _more(generator: Fitted, arm: Arm, n: int, seed: int) -> "pd.DataFrame":
    """As many samples of a generator, with the labels of the arm in proportion."""
    y = generator.encode_labels(arm.rows)
    labels = proportional_labels(y, len(generator.own_codec.classes), n)
    return _draw(generator.member, generator.own_codec, labels, seed)


def _draw(member: Any, codec: Any, labels: "Tensor", seed: int) -> "pd.DataFrame":
    """Samples pass through content, as any sample that is stored does."""
    return decoded(codec, member.sample(len(labels), labels=labels, seed=seed), labels)


def _table(rows: list[dict[str, Any]], domain: str, subject: str) -> "pd.DataFrame":
    common = {"domain": domain, "subject": subject, "role": "predictor", "split": "test"}
    return metrics_table([common | row for row in rows])
