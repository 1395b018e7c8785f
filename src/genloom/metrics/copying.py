"""Does a generator repeat its training data?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["dcr_ceiling", "dcr_share"]

# 2,048 rows against 8,192 in float32 are 64 MB.
_SAMPLES_AT_ONCE = 2048
_REFERENCE_AT_ONCE = 8192
_TIE = 1e-5  # float32 coordinates of unit length differ by less


def dcr_share(samples: Tensor, train: Tensor, holdout: Tensor, *, seed: int) -> float:
    """Share of samples that lie nearer to the training set than to an equally large held-out set.

    The "distance to the closest record" share: 0.5 where a generator has learnt the
    distribution, towards 1 where it copies its training set (Platzer and Reutterer 2021,
    "Holdout-based empirical assessment of mixed-type synthetic data", who ask it of tables).

    A larger set holds nearer neighbours by chance alone, so the larger of the two is cut at random
    into parts as large as the smaller one and the shares are averaged. Every row is used; where the
    sizes do not divide, the last part is filled up with rows from the others.

    Read it against ``dcr_ceiling``: with few held-out samples even a perfect copier stays below 1.

    Args:
        samples: ``[m, *shape]``, generated samples as the codec encodes them.
        train: ``[n, *shape]``, what the generator was fitted on.
        holdout: ``[h, *shape]``, real samples that it has not seen.
        seed: Decides how the larger set is cut.

    Returns:
        A number in [0, 1]; a sample equally far from both counts one half.

    Raises:
        GenloomError: A set is empty or holds NaN, or the sets differ in shape.
    """
    import torch

    for name, rows in (("generated", samples), ("training", train), ("held-out", holdout)):
        if len(rows) == 0:
            raise GenloomError(f"The copy test needs {name} samples, but there are none.")
        if rows.shape[1:] != train.shape[1:]:
            raise GenloomError(
                f"The copy test got {name} samples of shape {tuple(rows.shape[1:])} and training "
                f"samples of shape {tuple(train.shape[1:])}: encode all with one codec."
            )
        if not torch.isfinite(rows).all():
            raise GenloomError(f"The copy test got {name} samples that hold NaN or infinity.")
    made, seen, unseen = (
        rows.detach().cpu().to(torch.float32).flatten(1) for rows in (samples, train, holdout)
    )
    centre = seen.mean(dim=0)  # small numbers keep matrix products exact
    made, seen, unseen = made - centre, seen - centre, unseen - centre

    size = min(len(seen), len(unseen))
    to_seen = torch.stack([_nearest(made, seen[part]) for part in _parts(len(seen), size, seed)])
    to_unseen = torch.stack(
        [_nearest(made, unseen[part]) for part in _parts(len(unseen), size, seed)]
    )
    # One of the two has a single row and is broadcast against all parts of the other.
    # Rounding must not decide between distances that are equal by right.
    tie = torch.isclose(to_seen, to_unseen, rtol=_TIE, atol=0)
    nearer = ((to_seen < to_unseen) & ~tie).double() + 0.5 * tie.double()
    return float(nearer.mean())


def dcr_ceiling(n_train: int, n_holdout: int) -> float:
    """The ``dcr_share`` of a generator that hands out its training samples.

    The original of a copy is in a given part of the training set with probability ``n_holdout /
    n_train``; where it is not, the copy is as good as a fresh sample.

    Args:
        n_train: Size of the training set, at least 1.
        n_holdout: Size of the held-out set, at least 1.

    Returns:
        1 where the held-out set is as large as the training set, towards 0.5 where it is small.

    >>> dcr_ceiling(60_000, 15_000)
    0.625
    """
    return 0.5 + 0.5 * min(1.0, n_holdout / n_train)


def _parts(n: int, size: int, seed: int) -> list[Tensor]:
    """Cut ``n`` indices at random into parts of ``size`` without repetition, using all."""
    import torch

    if n == size:
        return [torch.arange(n)]
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    parts = [order[start : start + size] for start in range(0, n, size)]
    short = size - len(parts[-1])
    # The first rows of the order are not in the last part, which is the only short one.
    parts[-1] = torch.cat([parts[-1], order[:short]])
    return parts


def _nearest(samples: Tensor, reference: Tensor) -> Tensor:
    """Distance of each sample to the nearest reference row, ``[m]`` float64."""
    import torch

    found = []
    for rows in samples.split(_SAMPLES_AT_ONCE):
        best = torch.full((len(rows),), torch.inf)
        where = torch.zeros(len(rows), dtype=torch.int64)
        for start in range(0, len(reference), _REFERENCE_AT_ONCE):
            distance, index = torch.cdist(rows, reference[start : start + _REFERENCE_AT_ONCE]).min(
                dim=1
            )
            closer = distance < best
            best = torch.where(closer, distance, best)
            where = torch.where(closer, index + start, where)
        # The fast search rounds; the distance to what it found is taken exactly, so that a
        # row which is in both sets gives a true tie.
        found.append((rows.double() - reference[where].double()).norm(dim=1))
    return torch.cat(found)
