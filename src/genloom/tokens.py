"""Sequences of tokens as tensors: the one layout that codecs write and networks read.

A sample is a row of ``length`` token numbers: its content, then ``END``, then ``PAD`` to the row's
end. A sample too long for its row is cut, and has no ``END``. Numbers are given out as

    0 PAD    1 END    2 ... 1 + classes: one control token per label    then the content

so a vocabulary has ``2 + classes`` numbers more than there are kinds of content. Rows never hold
control tokens; a *stream*, what language models learn from, has each row's label before it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

PAD, END, FIRST_LABEL = 0, 1, 2


def first_content(classes: int) -> int:
    """The smallest number that stands for content rather than for control.

    >>> first_content(classes=3)
    5
    """
    return FIRST_LABEL + classes


def lengths(x: "Tensor") -> "Tensor":
    """How many tokens of each row count, ``END`` included: ``[n]`` int64 of ``[n, length]``."""
    return (x != PAD).sum(dim=1)


def stream(x: "Tensor", y: "Tensor") -> "Tensor":
    """All rows behind one another, each as label, content, ``END``.

    Args:
        x: Rows ``[n, length]`` int64.
        y: Labels ``[n]`` int64, each written as its control token before its row.

    Returns:
        ``[t]`` int64 without ``PAD``.
    """
    import torch

    rows = torch.cat([(FIRST_LABEL + y)[:, None], x], dim=1)
    return rows[rows != PAD]


def cut_at_end(x: "Tensor") -> "Tensor":
    """Rows in which everything behind the first ``END`` is ``PAD``; ``[n, length]`` int64."""
    import torch

    behind = torch.cumsum((x == END).long(), dim=1) - (x == END).long()
    return torch.where(behind > 0, PAD, x)
