"""How different molecules are, and a memory that tires of scaffolds that it has seen too often."""

from collections import Counter
from collections.abc import Sequence

from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from rdkit.Chem.Scaffolds import MurckoScaffold


class ScaffoldMemory:
    """Takes the reward from good molecules of scaffolds that it has seen too many good ones of.

    Blaschke et al., *Memory-assisted reinforcement learning for diverse molecular de novo design*
    (2020, J. Cheminform. 12, 68).

    Args:
        bucket: Good molecules of one scaffold that are rewarded; 0 rewards all.
        good: The least score of a good molecule.
    """

    def __init__(self, bucket: int, good: float) -> None:
        self.bucket, self.good = bucket, good
        self._counts: Counter[str] = Counter()
        self._known: dict[str, str] = {}

    def add(self, smiles: Sequence[str], scores: Sequence[float]) -> None:
        """Remember molecules that were scored for the first time."""
        for molecule, score in zip(smiles, scores, strict=True):
            if self.bucket and score >= self.good:
                self._known[molecule] = scaffold(molecule)
                self._counts[self._known[molecule]] += 1

    def is_tired_of(self, smiles: str) -> bool:
        """Whether a molecule is of a scaffold whose bucket is full."""
        kind = self._known.get(smiles)
        return kind is not None and self._counts[kind] > self.bucket


def scaffold(smiles: str) -> str:
    """The rings of a molecule and the chains between them (Bemis and Murcko, 1996)."""
    return str(MurckoScaffold.MurckoScaffoldSmiles(smiles=smiles))


def internal_diversity(smiles: Sequence[str]) -> float:
    """One less the mean similarity of two different molecules; NaN for fewer than two.

    Similarity is Tanimoto's of Morgan fingerprints of radius 2 with 1,024 bits, as MOSES has it
    (Polykovskiy et al., 2020, Front. Pharmacol. 11, 565644), but of pairs of different molecules.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]
    if len(prints) < 2:
        return float("nan")
    total = sum(
        sum(DataStructs.BulkTanimotoSimilarity(prints[place], prints[:place]))
        for place in range(1, len(prints))
    )
    return 1 - total / (len(prints) * (len(prints) - 1) / 2)


def share_passing(smiles: Sequence[str]) -> float:
    """The share of molecules with nothing that would put a medicinal chemist off; NaN for none."""
    from genloom.metrics.molecules.patterns import passes_filters, pattern_bits

    molecules = [Chem.MolFromSmiles(text) for text in smiles]
    passing = [passes_filters(molecule, pattern_bits(molecule)) for molecule in molecules]
    return sum(passing) / len(passing) if passing else float("nan")
