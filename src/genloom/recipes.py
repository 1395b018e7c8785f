"""Recipes that need no generator: ways to make more of the training samples one has.

All take encoded samples ``x`` ``[n, *shape]`` and labels ``y`` ``[n]``, and return a training
set: samples and soft labels ``[m, classes]``.
"""

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt

if TYPE_CHECKING:
    from torch import Tensor


def soft(y: "Tensor", classes: int) -> "Tensor":
    """Labels ``[n]`` as float32 rows ``[n, classes]`` with a single one."""
    from torch.nn.functional import one_hot

    return one_hot(y, classes).float()


def mixup(
    x: "Tensor",
    y: "Tensor",
    classes: int,
    *,
    seed: int,
    alpha: Annotated[float, Gt(0)] = 0.4,
    copies: Annotated[int, Ge(1)] = 8,
) -> tuple["Tensor", "Tensor"]:
    """Convex combinations of random pairs of samples and of their labels.

    Args:
        x: Samples ``[n, *shape]``.
        y: Labels ``[n]``.
        classes: How many labels there are.
        seed: Which pairs and weights.
        alpha: Both parameters of the Beta distribution of the weight; smaller mixes less.
        copies: How many mixed samples per real one.

    References:
        Zhang et al., *mixup: Beyond Empirical Risk Minimization*, 2018 (arXiv 1710.09412).
    """
    import numpy as np
    import torch

    random = np.random.default_rng(seed)
    left = torch.from_numpy(np.tile(np.arange(len(x)), copies))
    right = torch.from_numpy(random.integers(len(x), size=len(left)))
    weight = torch.from_numpy(random.beta(alpha, alpha, size=len(left))).float()
    labels = soft(y, classes)
    column = weight[:, None]
    broad = weight.reshape(-1, *[1] * (x.dim() - 1))
    mixed = broad * x[left] + (1 - broad) * x[right]
    return mixed, column * labels[left] + (1 - column) * labels[right]


def smote(
    x: "Tensor",
    y: "Tensor",
    classes: int,
    *,
    seed: int,
    copies: Annotated[int, Ge(1)] = 4,
    neighbours: Annotated[int, Ge(1)] = 5,
) -> tuple["Tensor", "Tensor"]:
    """Real samples plus points between them and their nearest neighbours of the same class.

    Args:
        x: Samples ``[n, *shape]``.
        y: Labels ``[n]``; a class with a single sample is repeated as it is.
        classes: How many labels there are.
        seed: Which pairs and places between them.
        copies: How many times as large as the largest class every class becomes.
        neighbours: How many neighbours are candidates; fewer where a class has fewer.

    References:
        Chawla et al., *SMOTE: Synthetic Minority Over-sampling Technique*, 2002 (imbalanced-learn).
    """
    import torch
    from imblearn.over_sampling import SMOTE

    counts = torch.bincount(y, minlength=classes)
    target = int(counts.max()) * copies
    enough = [label for label in range(classes) if counts[label] > 1]
    smallest = min((int(counts[label]) for label in enough), default=0)
    flat, labels = x.flatten(1), y
    if enough:
        sampler = SMOTE(
            sampling_strategy=dict.fromkeys(enough, target),
            k_neighbors=min(neighbours, smallest - 1),
            random_state=seed,
        )
        more, more_labels = sampler.fit_resample(flat.numpy(), labels.numpy())
        flat, labels = torch.tensor(more), torch.tensor(more_labels)
    return flat.reshape(-1, *x.shape[1:]).float(), soft(labels.long(), classes)
