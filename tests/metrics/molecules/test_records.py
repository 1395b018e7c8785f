"""What is found of single molecules, against RDKit's slower ways and published values."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem, RDConfig, rdBase
from rdkit.Chem import QED, Crippen, Descriptors
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from genloom.metrics.molecules import patterns, properties
from genloom.metrics.molecules.records import EVERYTHING, parse, records


@pytest.fixture(scope="module")
def nci() -> list[str]:
    """Odd and plain molecules: every 50th of 5,000."""
    lines = (Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi").read_text().splitlines()
    with rdBase.BlockLogs():
        return [text for line in lines[::50] if parse(text := line.split()[0]) is not None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C(",
        "CCCincorrectsyntaxCCC",
        "CCC(CC)(CC)(=O)CCC",
        "CC O",
        "CC\tname",
        "C\n",
        "Ć",
        "C\0C",
    ],
)
def test_what_is_no_molecule(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = records([text, "C"])
    assert found.valid.tolist() == [False, True]
    assert found.smiles == ["C"]
    assert capfd.readouterr() == ("", "")


def test_valid_molecules_of_guacamol() -> None:  # tests/utils/test_chemistry.py of its repository
    assert records(["O", "C", "CC(ONONOC)CCCc1ccccc1"], ()).valid.all()
    acid = r"OC(=O)[C@H]5C2\C=C/C3[C@@H]5CC4[C@H](C\C=C\C=C\c1ccccc1)[C@@H]2[C@@H]34"
    found = records([acid])
    # As its test has it; RDKit writes the same molecules in another way today.
    isomeric = "O=C(O)[C@H]1C2C=CC3[C@@H]1CC1[C@H](C/C=C/C=C/c4ccccc4)[C@@H]2[C@@H]31"
    flat = "O=C(O)C1C2C=CC3C1CC1C(CC=CC=Cc4ccccc4)C2C31"
    assert found.smiles == records([isomeric]).smiles != records([flat]).smiles
    assert found.flat == records([flat]).smiles


def test_fragments_of_moses() -> None:  # tests/test_baselines.py of its repository
    found = records(["CCCS(=O)c1ccc2[nH]c(=NC(=O)OC)[nH]c2c1"]).fragments
    assert found == [["[1*]C(=O)N=c1[nH]c2ccc(S(=O)CCC)cc2[nH]1", "[3*]OC"]]


def test_scaffolds_have_two_rings_or_more() -> None:
    found = records(["Cc1ccccc1", "CCC", "Oc1ccccc1Cc1ccccc1"]).scaffolds
    assert found == [None, None, "c1ccc(Cc2ccccc2)cc1"]


def test_properties_are_those_of_rdkit(nci: list[str]) -> None:
    molecules = [Chem.MolFromSmiles(text) for text in nci]
    found = records(nci, ("properties",)).properties
    assert properties.PROPERTIES == ("logp", "qed", "sa", "weight")
    np.testing.assert_allclose(found[:, 0], [Crippen.MolLogP(each) for each in molecules])
    np.testing.assert_allclose(found[:, 1], [QED.qed(each) for each in molecules])
    np.testing.assert_allclose(found[:, 3], [Descriptors.MolWt(each) for each in molecules])


def test_synthetic_accessibility_of_its_authors() -> None:
    # Expected values of the script's own test, which comes with RDKit.
    path = Path(RDConfig.RDContribDir) / "SA_Score" / "data" / "zim.100.txt"
    rows = [line.split("\t") for line in path.read_text().splitlines()[1:31]]
    for smiles, _, expected in rows:
        found = properties.synthetic_accessibility(Chem.MolFromSmiles(smiles))
        assert found == pytest.approx(float(expected), abs=1e-3)


def test_published_qed() -> None:  # the examples in RDKit's description of QED.qed
    found = records(["N=C(CCSCc1csc(N=C(N)N)n1)NS(N)(=O)=O", "CNC(=NCCSCc1nc[nH]c1C)NC#N"])
    assert found.properties[:, 1] == pytest.approx([0.253, 0.234], abs=1e-3)


def test_descriptors_are_those_of_rdkit(nci: list[str]) -> None:
    found = records(nci[:60], ("descriptors",)).descriptors
    for column, name in enumerate(properties.DESCRIPTORS):
        of_rdkit = [getattr(Descriptors, name)(Chem.MolFromSmiles(text)) for text in nci[:60]]
        np.testing.assert_allclose(found[:, column], of_rdkit, err_msg=name)


def test_patterns_behind_a_fingerprint_miss_nothing(nci: list[str]) -> None:
    parameters = FilterCatalogParams(FilterCatalogParams.FilterCatalogs.PAINS)
    catalog = FilterCatalog(parameters)
    held = 0
    for text in nci:
        molecule = Chem.MolFromSmiles(text)
        bits = patterns.pattern_bits(molecule)
        assert patterns.pains().any(molecule, bits) == catalog.HasMatch(molecule), text
        slow = [
            n for n, each in enumerate(QED.StructuralAlerts) if molecule.HasSubstructMatch(each)
        ]
        assert patterns.alerts().held(molecule, bits) == slow, text
        held += catalog.HasMatch(molecule)
    assert held > 0


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("CC(=O)Nc1ccccc1", True),
        ("Cc1noc(C)c1CN(C)C(=O)Nc1cc(F)cc(F)c1", True),
        ("CCCP", False),  # an element
        ("CC(=O)[O-]", False),  # a charge
        ("C1CCCCCCC1", False),  # a large ring
        ("CCS", False),  # an unwanted group
        ("O=C1NC(=S)SC1=Cc1ccccc1", False),  # PAINS: a rhodanine
        ("O=[N+]([O-])c1ccccc1", False),  # Brenk, and charges
    ],
)
def test_filters(text: str, passes: bool) -> None:
    assert records([text]).passes.tolist() == [passes]


@pytest.mark.parametrize(
    ("group", "text"),
    [
        *(("acyl halide", "CC(=O)Cl"), ("aldehyde", "CC=O"), ("anhydride", "CC(=O)OC(C)=O")),
        *(("azide", "CN=[N+]=[N-]"), ("azo group", "CN=NC"), ("peroxide", "COOC")),
        *(("alkyl chloride, bromide or iodide", "CCCl"), ("carbodiimide", "CN=C=NC")),
        *(("beta-lactone or beta-thiolactone", "O=C1CCO1"), ("diazo group", "C=[N+]=[N-]")),
        *(("disulfide", "CSSC"), ("epoxide, aziridine or thiirane", "CC1CO1")),
        *(("hydrazine", "CNN"), ("isocyanate or isothiocyanate", "CN=C=S")),
        *(("ketene or allene", "C=C=C"), ("nitroso group", "CN=O"), ("N-oxyl or N-halide", "CNCl")),
        *(("quinone", "O=C1C=CC(=O)C=C1"), ("sulfonate ester", "CS(=O)(=O)OC")),
        *(("sulfonyl halide", "CS(=O)(=O)Cl"), ("thiol", "CS"), ("thiocarbonyl", "CC(C)=S")),
        ("vinyl sulfone, nitrile or nitro group", "C=CS(C)(=O)=O"),
    ],
)
def test_unwanted_groups(group: str, text: str) -> None:
    query = Chem.MolFromSmarts(patterns.UNWANTED[group])
    assert Chem.MolFromSmiles(text).HasSubstructMatch(query)
    assert not Chem.MolFromSmiles("CC(=O)Nc1ccc(O)cc1").HasSubstructMatch(query)


def test_parts_and_chunks(nci: list[str]) -> None:
    texts = [*nci[:90], "X"] * 3
    found = records(texts, ("shape",))
    assert len(found.valid) == 273
    assert len(found.smiles) == len(found.fragments) == len(found.fingerprints) == 270
    assert Counter(found.smiles[:90]) == Counter(found.smiles[180:])
    assert (found.fingerprints[:90] == found.fingerprints[180:]).all()
    assert len(found.properties) == len(found.passes) == len(found.flat) == 0
    assert records([]).smiles == []
    assert set(EVERYTHING) == {"shape", "properties", "descriptors", "filters"}
