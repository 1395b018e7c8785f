"""What the pictures of molecules share: which ones are shown, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.domains.molecules.drawings import parsed
from genloom.domains.molecules.targets import PROPERTIES

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Properties that are compared, and what a panel says of each.
PANELS = {
    "logp": "logP, how much it prefers fat to water",
    "qed": "QED, how drug-like it is, 0 to 1",
    "sa": "SA, how hard it is to make, 1 to 10",
    "weight": "molecular weight, g/mol",
}

INVALID = "no molecule"  # what is said of a text that is none


class Shown(NamedTuple):
    """Real molecules and as many generated ones of the same classes.

    Attributes:
        real: Molecules of the test split.
        made: What was generated and is a molecule.
        texts: The SMILES of ``made`` in RDKit's spelling.
        drawn: How many samples were drawn.
    """

    real: list[Any]
    made: list[Any]
    texts: list[str]
    drawn: int


def shown(samples: pd.DataFrame, generator: Any, most: int, *, seed: int) -> Shown | None:
    """Molecules of the test split at even distances, and samples of the same classes.

    Args:
        samples: The domain's samples.
        generator: A fitted generator.
        most: How many real molecules at most; as many samples are drawn.
        seed: Of the samples.

    Returns:
        None where the test split is empty.
    """
    from rdkit import Chem

    test = samples[samples["split"] == "test"]
    test = test.iloc[spread(range(len(test)), most)]
    real = [molecule for text in test["content"] if (molecule := parsed(text)) is not None]
    if not real:
        return None
    labels = generator.own_codec.encode_labels(test)
    rows = generator.member.sample(len(test), labels=labels, seed=seed)
    found = [parsed(text) for text in generator.own_codec.decode(rows)]
    made = [molecule for molecule in found if molecule is not None]
    texts = [Chem.MolToSmiles(molecule) for molecule in made]
    # What can be written may still not be readable, and only what is can be drawn.
    kept = [place for place, text in enumerate(texts) if parsed(text) is not None]
    texts = [texts[place] for place in kept]
    return Shown(real, [parsed(text) for text in texts], texts, len(test))


def spread(items: Sequence[Any], most: int) -> list[Any]:
    """At most so many of some items, at even distances."""
    count = min(most, len(items))
    return [items[(2 * place + 1) * len(items) // (2 * count)] for place in range(count)]


def values(molecules: Sequence[Any]) -> dict[str, np.ndarray]:
    """Properties of molecules by name, each ``[n]`` float64: those of ``PANELS``."""
    import numpy as np

    return {
        name: np.array([PROPERTIES[name](molecule) for molecule in molecules], np.float64)
        for name in PANELS
    }


def notes(molecule: Any) -> tuple[str, str]:
    """What is said below a molecule: its logP and its QED."""
    return f"logP {PROPERTIES['logp'](molecule):.1f}", f"QED {PROPERTIES['qed'](molecule):.2f}"
