"""Grown decision trees as plain arrays, which can be saved, and the walk down them.

It is the same walk before and after saving, so that a model that lives again gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Trees", "from_boosting", "from_forest"]


@dataclass(frozen=True)
class Trees:
    """All nodes of a list of binary trees behind one another.

    Attributes:
        roots: Where each tree begins among the nodes, ``[trees]`` int64.
        left: Node to go to where the feature is at most the threshold, ``[nodes]`` int32. Leaves
            lead to themselves, to the left and to the right.
        right: Node to go to otherwise, ``[nodes]`` int32.
        feature: Column that a node looks at, ``[nodes]`` int32; 0 in leaves.
        threshold: ``[nodes]`` float64; 0 in leaves.
        value: What a leaf says, ``[nodes, outputs]`` float64.
    """

    roots: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    feature: NDArray[Any]
    threshold: NDArray[Any]
    value: NDArray[Any]

    def __len__(self) -> int:
        return len(self.roots)

    def values(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """What each tree says of every row, one tree after the other.

        Args:
            rows: ``[n, d]`` float.

        Yields:
            ``[n, outputs]`` float64.
        """
        import numpy as np

        for root in self.roots:
            node = np.full(len(rows), root)
            walking = np.arange(len(rows))
            while len(walking):
                here = node[walking]
                low = rows[walking, self.feature[here]] <= self.threshold[here]
                after = np.where(low, self.left[here], self.right[here])
                node[walking] = after
                walking = walking[after != here]
            yield self.value[node]

    def first(self, count: int) -> Trees:
        """The first ``count`` trees alone."""
        end = len(self.left) if count >= len(self) else self.roots[count]
        parts = {field.name: getattr(self, field.name)[:end] for field in fields(self)}
        return Trees(**(parts | {"roots": self.roots[:count]}))

    def weights(self) -> dict[str, Tensor]:
        """The arrays as tensors ``trees.<name>``."""
        return {
            f"trees.{field.name}": torch.from_numpy(getattr(self, field.name).copy())
            for field in fields(self)
        }

    @classmethod
    def from_weights(cls, weights: Mapping[str, Tensor]) -> Trees:
        """The trees that gave these ``weights()``.

        Raises:
            KeyError: There are no tensors of trees.
        """
        names = (field.name for field in fields(cls))
        return cls(**{name: weights[f"trees.{name}"].numpy().copy() for name in names})


def from_forest(estimators: Sequence[Any]) -> Trees:
    """The trees of a fitted scikit-learn forest.

    Args:
        estimators: Its ``estimators_``, of one output each.

    Returns:
        Trees whose values are the means of their leaves: numbers ``[., 1]``, or shares of the
        classes ``[., classes]``.
    """
    grown = [tree.tree_ for tree in estimators]
    return _joined(
        [
            {
                "left": tree.children_left,
                "right": tree.children_right,
                "feature": tree.feature,
                "threshold": tree.threshold,
                "value": tree.value[:, 0, :],
                "leaf": tree.children_left < 0,
            }
            for tree in grown
        ]
    )


def from_boosting(predictors: Sequence[Sequence[Any]], columns: NDArray[Any]) -> Trees:
    """The trees of a fitted scikit-learn histogram gradient boosting of numbers alone.

    Args:
        predictors: Its ``_predictors``: for each round one tree, or one for each class.
        columns: Which column of the rows each of its features is, ``[features]`` int64.

    Returns:
        Trees round by round, with values ``[., 1]``.
    """
    grown = [tree.nodes for each in predictors for tree in each]
    return _joined(
        [
            {
                "left": nodes["left"],
                "right": nodes["right"],
                "feature": columns[nodes["feature_idx"]],
                "threshold": nodes["num_threshold"],
                "value": nodes["value"][:, None],
                "leaf": nodes["is_leaf"].astype(bool),
            }
            for nodes in grown
        ]
    )


def _joined(grown: Sequence[Mapping[str, NDArray[Any]]]) -> Trees:
    import numpy as np

    roots = np.cumsum([0, *(len(tree["leaf"]) for tree in grown)])[:-1]

    def nodes(name: str, kind: type) -> NDArray[Any]:
        parts = []
        for root, tree in zip(roots, grown, strict=True):
            own = root + np.arange(len(tree["leaf"]))
            there = own if name in ("left", "right") else 0
            moved = tree[name].astype(np.int64) + root if name in ("left", "right") else tree[name]
            parts.append(np.where(tree["leaf"], there, moved))
        return np.concatenate(parts).astype(kind)

    return Trees(
        roots=roots.astype(np.int64),
        left=nodes("left", np.int32),
        right=nodes("right", np.int32),
        feature=nodes("feature", np.int32),
        threshold=nodes("threshold", np.float64),
        value=np.concatenate([tree["value"] for tree in grown]).astype(np.float64),
    )
