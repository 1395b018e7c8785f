"""Classical augmentation: changes to what stands for a molecule that leave its label alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt, Lt

from genloom.graphs import ELEMENT, ELEMENTS

if TYPE_CHECKING:
    from torch import Generator, Tensor


def classical_moves(
    x: Tensor,
    *,
    codec: Any,
    seed: int,
    copies: Annotated[int, Ge(1)] = 4,
    share: Annotated[float, Gt(0), Lt(1)] = 0.02,
) -> Tensor:
    """Make copies of molecules that say the same in another way, or a little less.

    Rows of tokens get another spelling of the same molecule (Bjerrum, 2017, arXiv 1703.07076); a
    row that is no molecule stays, and so does one whose other spelling does not fit or has unknown
    tokens. Vectors and graphs have one spelling only, up to the order of the atoms, which networks
    of graphs do not see. There, copies hide a little: a fingerprint loses a share of its bits, a
    descriptor is moved by about that share of its value, and a share of a graph's atoms become of
    an unknown element. That is no longer quite the same molecule, so a small share is wise.

    Args:
        x: Encoded molecules, ``[n, ...]``.
        codec: Wrote ``x``.
        seed: Other seeds draw other changes.
        copies: How many copies of each molecule.
        share: How much vectors and graphs change; rows of tokens do not ask for it.

    Returns:
        ``[copies * n, ...]`` of the same type on ``x``'s device: the first copy of every molecule,
        then the second of every molecule, and so on.
    """
    import torch

    from genloom.domains.molecules.codec import FORMS

    repeated = x.repeat(copies, *[1] * (x.ndim - 1))
    if not len(x):
        return repeated
    kind = FORMS[codec.form]
    if kind in ("tokens", "characters"):
        return _respelled(x, codec, seed, copies)
    # Drawn on the processor, so that every device gets the same.
    random = torch.Generator().manual_seed(seed)
    if kind == "graphs":
        return _with_hidden_atoms(repeated, share, random)
    described = codec.shape[0] - codec.fingerprint_columns
    return torch.cat(
        [
            _moved(repeated[:, :described], share, random),
            _thinned(repeated[:, described:], share, random),
        ],
        dim=1,
    )


def _respelled(x: Tensor, codec: Any, seed: int, copies: int) -> Tensor:
    import pandas as pd
    import torch

    from genloom.domains.molecules.spelling import spellings

    contents = codec.decode(x)
    copied = []
    for drawn in zip(*spellings(contents, copies, seed=seed), strict=True):
        fits = torch.tensor([codec.holds(text) for text in drawn], device=x.device)
        new = codec.encode(pd.DataFrame({"content": drawn})).to(x.device)
        copied.append(torch.where(fits[:, None], new, x))
    return torch.cat(copied)


def _thinned(x: Tensor, share: float, random: Generator) -> Tensor:
    """Vectors of counts without some of them."""
    import torch

    return x * (torch.rand(x.shape, generator=random) >= share).to(x.device)


def _moved(x: Tensor, share: float, random: Generator) -> Tensor:
    """Vectors with each number a little larger or smaller."""
    import torch

    return x * (1 + share * torch.randn(x.shape, generator=random)).to(x.device)


def _with_hidden_atoms(x: Tensor, share: float, random: Generator) -> Tensor:
    """Graphs ``[n, a, F + a]``, some of whose atoms are of an unknown element."""
    import torch

    hidden = (torch.rand(x.shape[:2], generator=random) < share).to(x.device)
    x[..., ELEMENT] = torch.where(
        hidden & (x[..., ELEMENT] != 0), len(ELEMENTS) - 1, x[..., ELEMENT]
    )
    return x
