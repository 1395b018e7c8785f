"""What predictors that read rows of tokens share: rows of unequal length."""

from torch import Tensor

from genloom.networks.predictor import Predictor
from genloom.tokens import PAD


class TokenClassifier(Predictor):
    """A network that names the class of a row of tokens, or with ``classes`` 0 gives it a number.

    A subclass sets ``longest`` and what every ``Predictor`` sets, and writes ``read``.
    """

    takes = ("tokens",)
    longest: int  # tokens of a row that are read

    def read(self, x: Tensor) -> Tensor:
        """Features ``[n, d]`` of rows ``[n, t]`` int64 that are ``trimmed``."""
        raise NotImplementedError

    def represent(self, x: Tensor) -> Tensor:
        return self.read(trimmed(x, self.longest))


def trimmed(x: Tensor, longest: int) -> Tensor:
    """Rows without the columns that no row uses, and never empty: ``[n, 1 to longest]``."""
    x = x[:, :longest]
    used = max(1, int((x != PAD).sum(dim=1).max())) if len(x) else 1
    return x[:, :used]


def content_mask(x: Tensor) -> Tensor:
    """Which places of rows hold content or ``END``; the first always counts: ``[n, t]`` bool."""
    mask = x != PAD
    mask[:, 0] = True
    return mask


def masked_mean(h: Tensor, mask: Tensor) -> Tensor:
    """The mean of ``h`` ``[n, t, d]`` over the places of ``mask`` ``[n, t]``."""
    weight = mask[..., None].to(h.dtype)
    return (h * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
