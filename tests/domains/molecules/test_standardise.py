"""Every molecule has one spelling; what is none is refused in words."""

from collections.abc import Iterator
from itertools import islice

import pytest
from rdkit import Chem, rdBase

from genloom.domains.molecules.files import nci, read_smiles
from genloom.domains.molecules.standardise import (
    CHARGED,
    PLAIN,
    UnusableError,
    _neutral_parent,
    _settled,
    standardise,
    without_stereo,
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with rdBase.BlockLogs():
        yield


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("OCC", "CCO"),
        ("  C1=CC=CC=C1 benzene \r", "c1ccccc1"),
        ("[H]C([H])([H])C([H])([H])O", "CCO"),
        ("[CH3:1][NH2:2]", "CN"),
        # Stereo stays.
        ("O[C@H](F)Cl", "O[C@H](F)Cl"),
        ("C/C=C/C", "C/C=C/C"),
        # Salts become their organic part, also where they were drawn as bound or by halves.
        ("[Cl-].C[NH3+]", "CN"),
        ("[Cl].CCN", "CCN"),
        ("CCCC(=O)O[Na]", "CCCC(=O)O"),
        ("[Ca+2].[O-]C(=O)CCC.[O-]C(=O)CCC", "CCCC(=O)O"),
        ("NCc1ccccc1.OC(=O)/C=C/C(=O)O", "NCc1ccccc1"),
        ("NCc1ccccc1.CO.O", "NCc1ccccc1"),
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),
        ("[Zn+2].[O-]c1ccccc1.[O-]c1ccccc1", "Oc1ccccc1"),
        # Charges that hydrogen can balance go.
        ("C[NH2+]CC(=O)[O-]", "CNCC(=O)O"),
        ("CCC[NH+](C)C", "CCCN(C)C"),
        ("CCCC(=O)[O-]", "CCCC(=O)O"),
        ("C[N+](C)(C)CCO.[Cl-]", "C[N+](C)(C)CCO"),
        # One way to draw a group.
        ("CN(=O)=O", "C[N+](=O)[O-]"),
        ("C[S+]([O-])C", "CS(C)=O"),
        ("CS(C)=O", "CS(C)=O"),
        ("C[S@+]([O-])CC", "CC[S@](C)=O"),
    ],
)
def test_spellings(text: str, content: str) -> None:
    found = standardise(text, 80)
    assert found.content == Chem.CanonSmiles(content)
    assert Chem.MolToSmiles(found.mol) == found.content
    assert standardise(found.content, 80).content == found.content


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no SMILES"),
        (" \t", "has no SMILES"),
        ("ethanol", "cannot be read as SMILES"),
        ("C1CC", "cannot be read as SMILES"),
        ("CC(", "cannot be read as SMILES"),
        ("CCO,1", "cannot be read as SMILES"),
        ("CCO>>CC=O", "cannot be read as SMILES"),
        ("CCO\x00", "cannot be read as SMILES"),
        ("CC(C)(C)(C)C", "is no possible molecule"),
        ("c1cccc1", "is no possible molecule"),
        ("c1ccccc1.CCCCO", "is a mixture of different molecules"),
        ("CCCO.CCCN.[Cl-]", "is a mixture of different molecules"),
        ("CC*", "has a wildcard in place of an atom"),
        ("[1*]CC", "has a wildcard in place of an atom"),
        ("C[R1]", "cannot be read as SMILES"),
        ("C[CH2]", "is a radical"),
        ("CC(C)(C)N([O])C", "is a radical"),
        ("[13CH3]CO", "has an atom marked as an isotope"),
        ("[2H]OC", "has an atom marked as an isotope"),
        ("C", "is a single atom"),
        ("[Cl-]", "has no carbon"),
        ("[Na+].[Cl-]", "has no carbon"),
        ("O", "is a single atom"),
        ("NN", "has no carbon"),
        ("OP(O)(O)=O", "has no carbon"),
        ("C[Hg]C", "has a bound metal atom"),
        ("c1ccccn1->[Cu]", "has a bound metal atom"),
        ("C" * 81, "has more than 80 tokens"),
        ("NCC(=O)" * 12 + "O", "has more than 80 tokens"),
        ("NCC(=O)" * 20000 + "O", "has more than 80 tokens"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(UnusableError) as error:
        standardise(text, 80)
    assert str(error.value).startswith(reason)


def test_length_counts_tokens_not_characters() -> None:
    assert standardise("Cl" + "C" * 78 + "Br", 80).content == "Cl" + "C" * 78 + "Br"
    with pytest.raises(UnusableError):
        standardise("Cl" + "C" * 79 + "Br", 80)
    # A counter-ion does not count.
    assert standardise("NCCCCCCC.[Cl-].[Cl-].[Cl-]", 10).content == "CCCCCCCN"


def test_the_short_ways_lead_to_the_same() -> None:
    short = 0
    for row in islice(read_smiles(nci()), 300):
        mol = Chem.MolFromSmiles(row.text)
        if mol is None or not CHARGED.fullmatch(Chem.MolToSmiles(mol)) or "C" not in row.text:
            continue
        short += 1
        assert standardise(row.text, 400).content == _settled(_neutral_parent(mol))[0]
    assert short > 250
    for text in ("C[NH2+]CC[N+](=O)[O-]", "CC([O-])=NC", "Cn1cc[nH+]c1", "c1cc[n-]c1CS(C)=O"):
        assert CHARGED.fullmatch(Chem.CanonSmiles(text))
        assert not PLAIN.fullmatch(Chem.CanonSmiles(text))
        long = _settled(_neutral_parent(Chem.MolFromSmiles(text)))[0]
        assert standardise(text, 80).content == long


def test_stereoisomers_are_one_without_stereo() -> None:
    pairs = [("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"), ("C/C=C/CO", "C/C=C\\CO")]
    for pair in pairs:
        one, other = (standardise(text, 80) for text in pair)
        assert one.content != other.content
        assert without_stereo(one) == without_stereo(other)
        assert "@" in one.content or "/" in one.content, "the molecule itself keeps it"
        assert without_stereo(one) == standardise(without_stereo(one), 80).content
