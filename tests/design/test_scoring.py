"""From numbers to scores, from scores to one, and the properties that are scored."""

import math

import pytest
from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors

from genloom.design.components import Formula, Measured, Pattern, Similarity, counted, read
from genloom.design.properties import PROPERTIES
from genloom.design.scoring import benchmark_score
from genloom.design.shapes import AtLeast, AtMost, Near, Rising, arithmetic_mean, geometric_mean
from genloom.errors import GenloomError


def bell(x, mu, sigma):
    return math.exp(-((x - mu) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("x", [-33.0, -3.3, 0.011, 2.0, 5.5])
def test_shapes_are_bells_and_their_halves(x):
    assert Near(-1.2, 0.9)(x) == pytest.approx(bell(x, -1.2, 0.9))
    assert AtLeast(1.0, 2.0)(x) == pytest.approx(1.0 if x >= 1 else bell(x, 1, 2))
    assert AtMost(1.0, 2.0)(x) == pytest.approx(1.0 if x <= 1 else bell(x, 1, 2))


@pytest.mark.parametrize(("x", "score"), [(-1, 0), (0, 0), (0.3, 0.4), (0.75, 1), (2, 1)])
def test_rising_is_a_line_between_two_plateaus(x, score):
    assert Rising(0.75)(x) == pytest.approx(score)


def test_means():
    assert arithmetic_mean([0.2, 0.4, 0.9]) == pytest.approx(0.5)
    assert geometric_mean([0.2, 0.4, 0.9]) == pytest.approx((0.2 * 0.4 * 0.9) ** (1 / 3))


def test_the_geometric_mean_asks_for_nothing_after_a_zero():
    def scores():
        yield 0.0
        raise AssertionError("asked for more")

    assert geometric_mean(scores()) == 0.0


def test_benchmark_score_is_the_mean_over_the_tops():
    # GuacaMol's own test of its aggregation: top 1 is 0.9, top 3 is 1.3 / 3
    assert benchmark_score([0.3, 0.9, 0.1], (1, 3)) == pytest.approx((0.9 + 1.3 / 3) / 2)
    assert benchmark_score([0.3, 0.9, 0.1], (3,)) == pytest.approx(1.3 / 3)


def test_missing_molecules_count_as_zero():
    assert benchmark_score([0.3], (3,)) == pytest.approx(0.1)
    assert benchmark_score([], (1, 10)) == 0.0
    assert benchmark_score([1.0] * 100) == 1.0


@pytest.mark.parametrize("top", [(), (0, 1)])
def test_a_mean_over_nothing_is_refused(top):
    with pytest.raises(GenloomError, match="top is"):
        benchmark_score([1.0], top)


@pytest.mark.parametrize("text", ["", " ", "C1CC", "c1ccc1c", "CCO name", " CCO", "C(C)(C)(C)(C)C"])
def test_what_is_no_smiles_is_not_read(text):
    assert read(text) is None


def test_atoms_are_counted_with_hydrogen():
    assert counted("C6H9NOF2Cl2Br") == {"C": 6, "H": 9, "N": 1, "O": 1, "F": 2, "Cl": 2, "Br": 1}
    molecule = Chem.MolFromSmiles("C[N+](C)(C)CC(=O)[O-].Cl[Si]")
    assert Measured(molecule).elements() == counted("C5H11NO2ClSi")


def test_a_formula_is_missed_as_guacamol_counts():
    c11h24, c12h24 = Formula("C11H24"), Formula("C12H24")
    for text in ("CCCCCCCCCCCO", "CC(CCC)COCCCCC", "CCCCOC(CC(C)CC)C"):
        measured = Measured(Chem.MolFromSmiles(text))
        assert c11h24(measured) == pytest.approx(bell(1, 0, 2) ** (1 / 3))  # an atom too many
        assert c12h24(measured) == pytest.approx(bell(1, 0, 1) ** (1 / 3))  # a carbon missing


def test_patterns_as_in_guacamols_own_test():
    pattern = "[#7;h1]c1ncccn1"
    osimertinib = Measured(
        Chem.MolFromSmiles("COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc2nccc(n2)c3cn(C)c4ccccc34")
    )
    troglitazone = Measured(
        Chem.MolFromSmiles("Cc1c(C)c2OC(C)(COc3ccc(CC4SC(=O)NC4=O)cc3)CCc2c(C)c1O")
    )
    assert Pattern(pattern)(osimertinib) == Pattern(pattern, wanted=False)(troglitazone) == 1.0
    assert Pattern(pattern)(troglitazone) == Pattern(pattern, wanted=False)(osimertinib) == 0.0


def test_unreadable_targets_and_unknown_kinds_are_named():
    ethanol = Measured(Chem.MolFromSmiles("CCO"))
    with pytest.raises(GenloomError, match=r"'C1CC' is no SMILES"):
        Similarity("C1CC", "ECFP4")(ethanol)
    with pytest.raises(GenloomError, match=r"'\[' is no SMARTS"):
        Pattern("[")(ethanol)
    with pytest.raises(GenloomError, match=r"no fingerprint called 'ECFP8'.*PHCO"):
        Similarity("CCO", "ECFP8")(ethanol)


def test_properties_are_rdkits():
    aspirin = Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")
    expected = {
        "logp": Crippen.MolLogP(aspirin),
        "qed": Descriptors.qed(aspirin),
        "weight": 180.159,
        "tpsa": 63.6,
        "bertz": Descriptors.BertzCT(aspirin),
        "donors": 1,
        "acceptors": 3,
        "rotatable": 2,
        "rings": 1,
        "aromatic_rings": 1,
    }
    for name, value in expected.items():
        assert PROPERTIES[name].of(aspirin) == pytest.approx(value, abs=1e-3), name
    assert set(PROPERTIES) == {*expected, "sa"}


def test_what_is_hard_to_make_has_a_high_sa():
    easy, hard = (
        PROPERTIES["sa"].of(Chem.MolFromSmiles(text))
        for text in ("CC(=O)Oc1ccccc1C(=O)O", "CC1(C)C2CCC1(C)C(=O)C2")
    )
    assert 1 <= easy < 2 < hard <= 10
