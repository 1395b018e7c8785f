"""Molecules as the descriptors that chemists know: counts, surfaces, indices of shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from genloom.domains.molecules.arrays import read

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

# What says the property itself, or adds up to it. Of the weight these are also what counts atoms,
# by element or all together. Nothing here says how drug-like (``qed``) or how easy to make
# (``sa``) a molecule is; both are made of many things.
_GIVEN_AWAY = {
    "logp": ("CrippenClogP", "SlogP_VSA"),
    "weight": ("exactmw", "amw", "NumHeavyAtoms", "NumAtoms", "labuteASA", "chi0", "atoms_"),
}
# Surface by charge, by refractivity, and by what it adds to logP, each cut into so many bands.
_SURFACES = {"PEOE_VSA": 14, "SMR_VSA": 10, "SlogP_VSA": 12}
# Molecular quantum numbers (Nguyen et al., 2009): the first 12 count atoms, then come bonds,
# polar groups and the topology.
_ATOM_COUNTS = 12
_QUANTUM_NUMBERS = tuple(
    f"atoms_{n}" if n <= _ATOM_COUNTS else f"topology_{n}"  # counted from 1 as in the paper
    for n in range(1, 43)
)


def names(left_out: str = "") -> list[str]:
    """The descriptors' names, in the order of the columns.

    Args:
        left_out: Without those that give away this property: ``logp`` or ``weight``; any other
            name leaves out nothing.
    """
    return [name for name in _all_names() if not name.startswith(_GIVEN_AWAY.get(left_out, ()))]


def descriptors(contents: Sequence[str], left_out: str = "") -> Tensor:
    """Describe molecules by numbers of RDKit that are computed fast and always exist.

    Besides counts of rings, bonds and groups and the indices of Hall and Kier, they are surfaces
    by charge, by refractivity and by what they add to logP (Labute, 2000), and the molecular
    quantum numbers.

    Args:
        contents: SMILES texts.
        left_out: A property that the columns must not give away, see ``names``.

    Returns:
        ``[n, len(names(left_out))]`` float32, each number ``v`` as ``sign(v) * log(1 + |v|)``: a
        few are a thousand times as large in one molecule as in most. Zeros where the text is no
        molecule or a number is not finite.
    """
    import numpy as np
    import torch

    rows = np.zeros((len(contents), len(names(left_out))), np.float32)
    for row, content in zip(rows, contents, strict=True):
        row[:] = _described(content, left_out)
    return torch.from_numpy(rows)


@lru_cache(maxsize=2**14)  # every member that reads descriptors asks for the same molecules
def _described(content: str, left_out: str) -> NDArray[Any]:
    """One row of ``descriptors``, float32."""
    import numpy as np

    molecule = next(read([content]))
    wanted = _columns(left_out)
    row = np.array(_describer(wanted)(molecule) if molecule is not None else [0.0] * len(wanted))
    row[~np.isfinite(row)] = 0
    return (np.sign(row) * np.log1p(np.abs(row))).astype(np.float32)


@cache
def _columns(left_out: str) -> tuple[str, ...]:
    return tuple(names(left_out))


@cache
def _describer(wanted: tuple[str, ...]) -> Callable[[Any], list[float]]:
    """A function that gives a molecule's numbers of these names, and computes no more of them."""
    from rdkit.Chem import rdMolDescriptors as library

    single = library.Properties([name for name in _single_names() if name in wanted])
    surfaces = [getattr(library, f"{kind}_") for kind in _SURFACES if f"{kind}1" in wanted]
    first = 0 if _QUANTUM_NUMBERS[0] in wanted else _ATOM_COUNTS

    def described(molecule: Any) -> list[float]:
        numbers = [number for surface in surfaces for number in surface(molecule)]
        return [*single.ComputeProperties(molecule), *numbers, *library.MQNs_(molecule)[first:]]

    return described


@cache
def _single_names() -> tuple[str, ...]:
    """RDKit's names of the numbers that stand for themselves."""
    from rdkit.Chem.rdMolDescriptors import Properties

    return tuple(Properties.GetAvailableProperties())


def _all_names() -> tuple[str, ...]:
    surfaces = (f"{kind}{n + 1}" for kind, count in _SURFACES.items() for n in range(count))
    return (*_single_names(), *surfaces, *_QUANTUM_NUMBERS)
