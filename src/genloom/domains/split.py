"""Which samples train, which validate and which test: stratified, and without leakage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from genloom.errors import GenloomError
from genloom.seeds import derive_seed

if TYPE_CHECKING:
    import numpy as np

# Later ones are the more precious: a leak is mended at the cost of the earlier one.
SPLITS = ("train", "validation", "test")
# Copies of test samples with something wrong, for detectors to find: nothing trains on them.
FAULTS = "faults"
DEFAULT_SHARES = {"validation": 0.1, "test": 0.25}


def check_shares(
    shares: object, defaults: Mapping[str, float] = DEFAULT_SHARES
) -> dict[str, float]:
    """Check the ``split`` parameter and fill in what it leaves out.

    Args:
        shares: A mapping with some of the keys of ``defaults``, shares of all samples, each above 0
            and together below 1. None means the defaults.
        defaults: What counts where ``shares`` leaves it out: ``validation`` 0.1 and ``test`` 0.25
            unless given.

    Returns:
        All shares.

    Raises:
        GenloomError: Not a mapping, an unknown key, or a share out of range.
    """
    if shares is None:
        return dict(defaults)
    if not isinstance(shares, Mapping):
        raise GenloomError(
            f"split is {shares!r}, but has to be a mapping such as {dict(defaults)}."
        )
    full = {**defaults, **shares}
    for name, share in full.items():
        if name not in defaults:
            raise GenloomError(f"split has no part {name!r}: use {_listed(list(defaults))}.")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
            raise GenloomError(f"split.{name} is {share!r}, but has to be between 0 and 1.")
    if sum(full.values()) >= 1:
        parts = _listed([f"split.{name}" for name in full])
        raise GenloomError(
            f"{parts} sum to {sum(full.values()):g} and leave nothing to train on: "
            "make them smaller."
        )
    return full


def stratified_split(
    content: Sequence[Hashable],
    label: Sequence[str],
    shares: Mapping[str, float],
    *,
    seed: int,
) -> list[str]:
    """Assign every sample to a split, class by class, equal contents always together.

    Each class is shared out on its own, so every class stands in every split with its share
    of samples, as nearly as whole samples and equal contents allow. Contents that carry
    several labels are shared out with the class of the first of them.

    Args:
        content: One value per sample; samples with equal values stay on one side.
        label: One class per sample.
        shares: Split name to share of the samples; what remains is ``train``.
        seed: Other seeds give other splits; a class's split does not depend on other classes.

    Returns:
        One split name per sample.

    Raises:
        GenloomError: A class has fewer different contents than there are splits.

    >>> stratified_split("abcdefgh", "xxxxyyyy", {"test": 0.25}, seed=0).count("test")
    2
    """
    groups: dict[Hashable, list[int]] = {}
    for row, value in enumerate(content):
        groups.setdefault(value, []).append(row)
    classes: dict[str, list[list[int]]] = {name: [] for name in label}
    for rows in groups.values():
        classes[label[rows[0]]].append(rows)

    names = ["train", *shares]
    split = [""] * len(label)
    for name, members in classes.items():
        if len(members) < len(names):
            raise GenloomError(
                f"The class {name!r} has {len(members)} different samples, but needs at least "
                f"{len(names)} to stand in {_listed(names)}: add samples to it or leave it out."
            )
        total = sum(map(len, members))
        wanted = {part: max(1, round(share * total)) for part, share in shares.items()}
        wanted = {"train": total - sum(wanted.values()), **wanted}
        for part, rows in _share_out(members, wanted, derive_seed(seed, "split", name)):
            for row in rows:
                split[row] = part
    return split


def _share_out(
    groups: list[list[int]], wanted: dict[str, int], seed: int
) -> list[tuple[str, list[int]]]:
    """Give each group to the split that lacks most rows, and leave no split empty."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(groups))
    # Big groups first: the small ones that follow can still even the counts out.
    shuffled = sorted((groups[i] for i in order), key=len, reverse=True)
    lacking, empty, given = dict(wanted), set(wanted), []
    for left, rows in zip(range(len(shuffled), 0, -1), shuffled, strict=True):
        open_to = [part for part in wanted if part in empty or left > len(empty)]
        part = max(open_to, key=lambda part: lacking[part])
        lacking[part] -= len(rows)
        empty.discard(part)
        given.append((part, rows))
    return given


def leaks(content: Sequence[Hashable], split: Sequence[str]) -> list[str]:
    """Find samples whose content also stands in a later split (train, validation, test).

    For splits that a source brings along: setting these samples aside keeps its validation
    and test splits as they are and the training split free of them.

    Args:
        content: One value per sample.
        split: One split name per sample.

    Returns:
        Per sample the later split that holds the same content, or ``""``.
    """
    latest: dict[Hashable, int] = {}
    for value, part in zip(content, split, strict=True):
        latest[value] = max(latest.get(value, 0), SPLITS.index(part))
    return [
        SPLITS[latest[value]] if latest[value] > SPLITS.index(part) else ""
        for value, part in zip(content, split, strict=True)
    ]


def stratified_limit(
    strata: Sequence[Hashable], limit: int, *, at_least: int = 1, seed: int
) -> np.ndarray:
    """Choose ``limit`` samples at random, each stratum keeping its share of them.

    Args:
        strata: One stratum per sample, e.g. its class.
        limit: How many samples to keep; all are kept if there are no more than that.
        at_least: How many of each stratum are kept even if its share is smaller.
        seed: Other seeds choose other samples.

    Returns:
        The rows to keep, ``[min(limit, n)]`` int64, ascending.

    Raises:
        GenloomError: The limit is too small for ``at_least``.
    """
    import numpy as np

    sizes = Counter(strata)
    if limit >= len(strata):
        return np.arange(len(strata))
    floor = {name: min(size, at_least) for name, size in sizes.items()}
    if limit < sum(floor.values()):
        raise GenloomError(
            f"A limit of {limit} samples is too small: at least {sum(floor.values())} are needed "
            "for every class to stand in every split; raise the limit or set it to null."
        )
    share = {name: size * limit / len(strata) for name, size in sizes.items()}
    keep = {name: max(floor[name], int(share[name])) for name in sizes}
    while (missing := limit - sum(keep.values())) != 0:
        step = 1 if missing > 0 else -1
        movable = [name for name in sizes if floor[name] <= keep[name] + step <= sizes[name]]
        name = max(movable, key=lambda name: step * (share[name] - keep[name]))
        keep[name] += step

    rows: dict[Hashable, list[int]] = {name: [] for name in sizes}
    for row, name in enumerate(strata):
        rows[name].append(row)
    random = np.random.default_rng(derive_seed(seed, "limit"))
    chosen = [random.permutation(rows[name])[: keep[name]] for name in sizes]
    return np.sort(np.concatenate(chosen))


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
