"""Molecular graphs as tensors: the one layout that codecs write and networks read.

A sample is ``[atoms, F + atoms]``, a row per atom: ``F`` features, each a category, then the bond
to every other atom. A molecule fills the first rows; all the others are 0 throughout. Codecs write
uint8, an eighth of what int64 takes; networks read whole numbers of any type.

    ELEMENT    its place in ELEMENTS            DEGREE    neighbours 0 to 5 or more, plus 1
    CHARGE     -2 to 2, cut there, plus 3       HYDROGENS 0 to 4 or more, plus 1
    AROMATIC   1 no, 2 yes                      RING      1 no, 2 yes

In each of them 0 says that there is no atom, so that a table of embeddings can hold 0 as padding.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

# Those that drug-like molecules are made of, by how frequent they are; "" is no atom.
ELEMENTS: tuple[str, ...] = (
    *("", "C", "O", "N", "S", "Cl", "F", "Br", "I", "P", "B", "Si", "Se", "As"),
    "other",
)
ELEMENT, DEGREE, CHARGE, HYDROGENS, AROMATIC, RING = range(6)
#: How many values each feature has, 0 included.
ATOM_FEATURES: tuple[int, ...] = (len(ELEMENTS), 7, 6, 6, 3, 3)
#: How many values a bond has: NO_BOND, SINGLE, DOUBLE, TRIPLE, AROMATIC_BOND.
BONDS = 5
NO_BOND, SINGLE, DOUBLE, TRIPLE, AROMATIC_BOND = range(BONDS)


def shape_for(atoms: int) -> tuple[int, int]:
    """The shape of one sample with room for so many atoms.

    >>> shape_for(40)
    (40, 46)
    """
    return atoms, len(ATOM_FEATURES) + atoms


def parts(x: "Tensor") -> tuple["Tensor", "Tensor"]:
    """Take graphs apart.

    Args:
        x: Graphs ``[n, a, F + a]``.

    Returns:
        Features of the atoms ``[n, a, F]`` and bonds between them ``[n, a, a]``, both views of
        ``x``; the bonds are symmetric with an empty diagonal.
    """
    features = len(ATOM_FEATURES)
    return x[..., :features], x[..., features:]


def present(x: "Tensor") -> "Tensor":
    """Where there is an atom: ``[n, a]`` bool of graphs ``[n, a, F + a]``."""
    return x[..., ELEMENT] != 0
