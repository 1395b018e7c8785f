"""The features of ChemNet, and the Fréchet distance of molecules that rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from genloom.metrics.molecules.sharing import Spread

__all__ = ["Moments", "activations", "frechet_distance", "moments"]

_LENGTH = 350  # characters that ChemNet reads, the rest of them empty
_CHARACTERS = 35  # what it tells apart
_STEPS = 88  # of its recurrent layers: a quarter of the characters, as two convolutions halve them
_SIZE = 512  # of its features
_BATCH = 512


class Moments(NamedTuple):
    """Mean ``[512]`` and covariance ``[512, 512]`` of features."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]


def activations(smiles: Sequence[str], *, spread: Spread = map) -> NDArray[np.float32]:
    """The last hidden layer of ChemNet (Mayr et al. 2018, doi:10.1039/C8SC00148K).

    The weights are those of the package ``fcd_torch``. The features are the same but for rounding;
    here the empty rest of a SMILES, which is most of what the network reads, is computed once for
    all as far as that is possible.

    Args:
        smiles: Canonical SMILES as RDKit writes them; the network knows no other spelling.
        spread: Applies a function to each batch, in order: ``map``, or that of a pool of
            processes. The features do not depend on it.

    Returns:
        ``[n, 512]``. Each distinct SMILES is read once, with others of nearly its length, so the
        last digits depend on the set, not on its order.
    """
    distinct = sorted(set(smiles), key=lambda text: (len(text), text))
    if not distinct:
        return np.zeros((0, _SIZE), dtype=np.float32)
    batches = [distinct[start : start + _BATCH] for start in range(0, len(distinct), _BATCH)]
    found = np.concatenate(list(spread(_features, batches)))
    row = {text: number for number, text in enumerate(distinct)}
    return found[[row[text] for text in smiles]]


def moments(features: NDArray[np.float32]) -> Moments | None:
    """Mean and covariance of features ``[n, 512]``; None for fewer than two."""
    if len(features) < 2:
        return None
    exact = features.astype(np.float64)
    return Moments(exact.mean(axis=0), np.cov(exact.T))


def frechet_distance(made: Moments | None, real: Moments | None) -> float:
    """FCD: the Fréchet distance of two Gaussians (Preuer et al. 2018, arXiv:1803.09518).

    It is biased upward in small sets, so quote a value only beside the one that real molecules
    get in the same number. NaN where either set has fewer than two molecules.
    """
    if made is None or real is None:
        return float("nan")
    import torch

    # The trace of (AB)^(1/2) is the sum of the singular values of A^(1/2) B^(1/2), which rounding
    # cannot make complex, as it can the root of a product that is nearly singular.
    roots = [_root(torch.from_numpy(each.covariance)) for each in (made, real)]
    shared = float(torch.linalg.svdvals(roots[0].T @ roots[1]).sum())
    traces = float(np.trace(made.covariance) + np.trace(real.covariance))
    return max(0.0, float(np.square(made.mean - real.mean).sum()) + traces - 2 * shared)


def _root(covariance: Tensor) -> Tensor:
    """R with ``R @ R.T`` the covariance."""
    import torch

    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp(min=0).sqrt()


def _features(batch: list[str]) -> NDArray[np.float32]:
    """The features of some SMILES, best of nearly one length, ``[n, 512]``."""
    import torch
    from threadpoolctl import threadpool_limits

    with torch.inference_mode(), threadpool_limits(limits=1, user_api="blas"):
        found: NDArray[np.float32] = _chemnet()(batch).numpy()
    return found


@lru_cache(maxsize=1)
def _chemnet() -> _ChemNet:
    return _ChemNet()


class _Recurrent:
    """One LSTM layer, step by step, so that what all molecules share is computed once.

    A column is a molecule, so that each gate lies in one piece and is changed where it lies.
    Products of matrices are NumPy's: its library takes a fifth less time for these than PyTorch's.
    """

    def __init__(self, layer: Any) -> None:
        self.of_input: NDArray[np.float32] = layer.weight_ih_l0.numpy()
        self.of_state: NDArray[np.float32] = layer.weight_hh_l0.numpy()
        self.bias: Tensor = (layer.bias_ih_l0 + layer.bias_hh_l0)[:, None]
        self.size: int = layer.hidden_size

    def project(self, x: Tensor) -> Tensor:
        """What inputs ``[..., d, n]`` add to the gates, ``[..., 4 h, n]``."""
        import torch

        return torch.from_numpy(self.of_input @ x.numpy()).add_(self.bias)

    def run(
        self, projected: Iterable[Tensor], hidden: Tensor, cell: Tensor
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """The states ``[h, n]`` after each input; they are overwritten by the next ones."""
        import torch

        hidden, cell = hidden.clone(), cell.clone()
        gates = hidden.new_empty(4 * self.size, hidden.shape[1])
        enter, keep, new, leave = gates.chunk(4)
        product, state = gates.numpy(), hidden.numpy()  # the same memory
        for given in projected:
            np.matmul(self.of_state, state, out=product)
            gates.add_(given)
            gates[: 2 * self.size].sigmoid_()
            cell.mul_(keep).addcmul_(enter, new.tanh_())
            torch.tanh(cell, out=hidden).mul_(leave.sigmoid_())
            yield hidden, cell


class _ChemNet:
    """ChemNet's layers: two convolutions, an LSTM from the end to the start, one from the start."""

    def __init__(self) -> None:
        import warnings
        from pathlib import Path

        import fcd_torch
        import torch
        from fcd_torch.utils import load_imported_model
        from torch import nn

        path = Path(fcd_torch.__file__).parent / "ChemNet_v0.13_pretrained.pt"
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = load_imported_model(torch.load(path)).eval().requires_grad_(False)
        self.convolutions = [layer for layer in network if isinstance(layer, nn.Conv1d)]
        backward, forward = (layer for layer in network if isinstance(layer, nn.LSTM))
        self.backward, self.forward = _Recurrent(backward), _Recurrent(forward)
        with torch.inference_mode():
            self._read_nothing()

    def _read_nothing(self) -> None:
        """The states of the backward LSTM after 0, 1, ... empty steps, the same for all SMILES."""
        import torch

        start = torch.zeros(self.backward.size, 1), torch.zeros(self.backward.size, 1)
        # The convolutions have no bias and SELU(0) is 0, so they make nothing of nothing.
        nothing = self.backward.project(torch.zeros(self.convolutions[-1].out_channels, 1))
        states = self.backward.run([nothing] * _STEPS, *start)
        self.empty = [start, *((hidden.clone(), cell.clone()) for hidden, cell in states)]
        # In the order of reading: what the forward LSTM gets at an empty step.
        self.of_empty = [self.forward.project(hidden) for hidden, _ in self.empty[:0:-1]]

    def __call__(self, batch: list[str]) -> Tensor:
        x = self._convolved(batch)
        steps, rows = len(x), len(batch)
        start = (state.expand(-1, rows) for state in self.empty[_STEPS - steps])
        states = self.backward.run(self.backward.project(x).flip(0), *start)
        said = [hidden.clone() for hidden, _ in states][::-1]
        inputs = (
            self.forward.project(said[step]) if step < steps else self.of_empty[step]
            for step in range(_STEPS)
        )
        zeros = x.new_zeros(self.forward.size, rows)
        for hidden, _ in self.forward.run(inputs, zeros, zeros):  # noqa: B007
            pass  # only the last state is a feature
        return hidden.T

    def _convolved(self, batch: list[str]) -> Tensor:
        """What the LSTMs read, as far as it is not empty for all, ``[steps, channels, n]``."""
        import torch
        import torch.nn.functional as F
        from fcd_torch.utils import get_one_hot

        used = max(map(len, batch)) + 1  # a full stop ends every SMILES
        steps = min(used // 4 + 2, _STEPS)  # as far as two convolutions carry it, or further
        width = min(4 * steps + 8, _LENGTH)
        x = torch.zeros(len(batch), _CHARACTERS, width)
        for row, text in enumerate(batch):
            read = get_one_hot(text, _LENGTH)[:width]
            x[row] = torch.from_numpy(read.T / _CHARACTERS)
        first, second = self.convolutions
        x = F.selu(F.conv1d(F.pad(x, (1, 1)), first.weight, stride=2))
        x = F.selu(F.conv1d(F.pad(x, (1, 2)), second.weight, stride=2))
        return x[:, :, :steps].permute(2, 1, 0).contiguous()
