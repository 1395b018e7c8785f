"""How near generated samples come to real ones, measured on feature vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["fidelity"]

# 1,000 rows against 10,000 in float64 are 80 MB.
_CHUNK = 1000
# The protocol of Binkowski et al. (2018): 100 subsets of 1,000.
_KERNEL_SUBSETS = 100
_KERNEL_SUBSET_SIZE = 1000


def fidelity(
    real_features: Tensor, fake_features: Tensor, *, k: int = 5, seed: int
) -> dict[str, float]:
    """Six measures of how well generated samples match real ones.

    All depend on the features and on both sizes (the Fréchet distance is biased upward in small
    sets), so quote a value only beside the one that held-out real data of the same size gets.

    Args:
        real_features: ``[n, d]``, features of real samples.
        fake_features: ``[m, d]``, features of generated samples.
        k: Which nearest neighbour spans the balls of the last four measures.
        seed: Draws the subsets of the kernel distance.

    Returns:
        - ``frechet_distance``: Fréchet distance of two fitted Gaussians (Heusel et al. 2017,
          arXiv:1706.08500), 0 or more.
        - ``kernel_distance``: unbiased squared maximum mean discrepancy with a cubic kernel
          (Bińkowski et al. 2018, arXiv:1801.01401), the mean over 100 random subsets of at most
          1,000; may be slightly negative.
        - ``precision`` and ``recall``: share of fake samples inside the k-NN balls of the real
          ones, and the reverse (Kynkäänniemi et al. 2019, arXiv:1904.06991), in [0, 1].
        - ``density`` and ``coverage``: how many real balls hold a fake sample, divided by k, about
          1 for two draws of one distribution; share of real balls that hold any fake sample, in
          [0, 1] (Naeem et al. 2020, arXiv:2002.09797).

    Raises:
        GenloomError: The features are no matrices of one width, are not finite, or either set has
            fewer than ``k + 1`` rows.
    """
    real = _checked(real_features, "real", k)
    fake = _checked(fake_features, "generated", k)
    if real.shape[1] != fake.shape[1]:
        raise GenloomError(
            f"Real features have {real.shape[1]} columns and generated ones {fake.shape[1]}: "
            "compute both with the same network."
        )
    return {
        "frechet_distance": _frechet_distance(real, fake),
        "kernel_distance": _kernel_distance(real, fake, seed),
        **_neighbourhoods(real, fake, k),
    }


def _checked(features: Tensor, whose: str, k: int) -> Tensor:
    import torch

    if k < 1:
        raise GenloomError(f"Fidelity needs k of at least 1 neighbour, not {k}.")
    matrix = torch.as_tensor(features).detach().cpu().to(torch.float64)
    if matrix.ndim != 2:
        raise GenloomError(
            f"The {whose} features have shape {tuple(matrix.shape)}: they have to be [n, d]."
        )
    if len(matrix) < k + 1:
        raise GenloomError(
            f"Fidelity with k={k} needs at least {k + 1} {whose} samples, but there are "
            f"{len(matrix)}: give more samples or a smaller k."
        )
    if not torch.isfinite(matrix).all():
        raise GenloomError(f"The {whose} features hold NaN or infinity: they cannot be compared.")
    return matrix


def _identity(width: int) -> nn.Module:
    """Lets torchmetrics' image metrics take features that are computed already."""
    from torch import nn

    class Features(nn.Identity):
        num_features = width  # saves torchmetrics a trial with a random image

    return Features()


def _frechet_distance(real: Tensor, fake: Tensor) -> float:
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(_identity(real.shape[1]))
    # The distance does not change when both sets move together; centred features keep
    # torchmetrics' E[xx'] - E[x]E[x]' free of cancellation.
    centre = real.mean(dim=0)
    metric.update(real - centre, real=True)
    metric.update(fake - centre, real=False)
    # torchmetrics takes complex roots of the eigenvalues, so a singular covariance gives no NaN,
    # but rounding can leave a distance of zero slightly below it.
    return max(0.0, metric.compute().item())


def _kernel_distance(real: Tensor, fake: Tensor, seed: int) -> float:
    import warnings

    import torch
    from torchmetrics.image.kid import KernelInceptionDistance

    size = min(_KERNEL_SUBSET_SIZE, len(real), len(fake))
    # Where a subset is all there is, every further one would be the same.
    whole = size == len(real) == len(fake)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*will save all extracted features in buffer")
        metric = KernelInceptionDistance(
            _identity(real.shape[1]),
            subsets=1 if whole else _KERNEL_SUBSETS,
            subset_size=size,
        )
    metric.update(real, real=True)
    metric.update(fake, real=False)
    with torch.random.fork_rng(devices=[]):  # the metric draws from torch's global generator
        torch.manual_seed(seed)
        mean, _ = metric.compute()
    return float(mean)


def _neighbourhoods(real: Tensor, fake: Tensor, k: int) -> dict[str, float]:
    """Precision, recall, density and coverage, from distances taken a chunk of rows at a time."""
    import torch

    # Distances by matrix products are about five times faster than by differences, but err by
    # about 1e-8 of the features' scale. Centring keeps that scale small, and the slack closes the
    # balls, so that a copy of a real sample always lies inside the ball that it spans.
    centre = real.mean(dim=0)
    real, fake = real - centre, fake - centre
    slack = 1e-6 * float(torch.sqrt(real.square().sum(dim=1).mean()))
    real_radius = _radius(real, k) + slack
    fake_radius = _radius(fake, k) + slack

    in_real_balls = torch.zeros(len(fake), dtype=torch.int64)  # how many hold each fake sample
    covered = torch.zeros(len(real), dtype=torch.bool)
    recalled = torch.zeros(len(real), dtype=torch.bool)
    for start in range(0, len(real), _CHUNK):
        rows = slice(start, start + _CHUNK)
        distance = torch.cdist(real[rows], fake)
        inside = distance <= real_radius[rows, None]
        in_real_balls += inside.sum(dim=0)
        covered[rows] = inside.any(dim=1)
        recalled[rows] = (distance <= fake_radius).any(dim=1)
    return {
        "precision": (in_real_balls > 0).double().mean().item(),
        "recall": recalled.double().mean().item(),
        "density": in_real_balls.double().mean().item() / k,
        "coverage": covered.double().mean().item(),
    }


def _radius(features: Tensor, k: int) -> Tensor:
    """Distance of each row to its k-th nearest other row, ``[n]``."""
    import torch

    # The nearest of k + 1 is the row itself.
    chunks = [
        torch.cdist(rows, features).topk(k + 1, dim=1, largest=False).values[:, -1]
        for rows in features.split(_CHUNK)
    ]
    return torch.cat(chunks)
