"""Fragment recombination, on molecules of the NCI."""

from pathlib import Path

import pytest
import torch
from rdkit import Chem, RDConfig, rdBase
from safetensors.torch import load, save

from genloom.errors import GenloomError
from genloom.floors import brics
from genloom.floors.brics import Brics
from genloom.tokens import END, cut_at_end, first_content

LENGTH, CLASSES = 70, 2
SHAPE = (LENGTH, first_content(CLASSES) + 128)


def rows(texts, length=LENGTH, classes=CLASSES):
    x = torch.zeros(len(texts), length, dtype=torch.int64)
    for row, text in zip(x, texts, strict=True):
        row[: len(text)] = torch.tensor(list(text.encode())) + first_content(classes)
        row[len(text)] = END
    return x


def texts(x, classes=CLASSES):
    start = first_content(classes)
    return [bytes((row[row >= start] - start).tolist()).decode() for row in x]


@pytest.fixture(scope="module")
def molecules():
    """200 real molecules; those with chlorine are of class 1, and others have none."""
    found = []
    with rdBase.BlockLogs():
        for line in (Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi").open():
            molecule = Chem.MolFromSmiles(line.split()[0])
            if molecule is not None:
                found.append(Chem.MolToSmiles(molecule))
    found = [text for text in found if "." not in text and 8 < len(text) < LENGTH]
    chlorine, others = (
        [t for t in found if ("Cl" in t) == wanted][:100] for wanted in (True, False)
    )
    return others + chlorine, torch.tensor([0] * 100 + [1] * 100)


@pytest.fixture(scope="module")
def fitted(molecules):
    floor = Brics(SHAPE, CLASSES)
    history = floor.fit(rows(molecules[0]), molecules[1], seed=0)
    assert history.empty
    return floor


@pytest.fixture(scope="module")
def drawn(fitted):
    labels = torch.tensor([0, 1] * 150)
    return fitted.sample(300, labels=labels, seed=1), labels


def test_molecules_are_valid_and_canonical_and_mostly_new(drawn, molecules):
    samples, _ = drawn
    assert samples.dtype == torch.int64
    assert samples.shape == (300, LENGTH)
    assert torch.equal(samples, cut_at_end(samples))
    assert (samples == END).sum(1).eq(1).all()
    found = texts(samples)
    for text in found:
        molecule = Chem.MolFromSmiles(text)
        assert molecule is not None
        assert Chem.MolToSmiles(molecule) == text
        assert "." not in text
        assert "*" not in text
    assert len(set(found)) > 200
    assert len(set(found) - set(molecules[0])) > 0.9 * len(set(found))


def test_fragments_come_from_the_class(drawn, fitted, molecules):
    samples, labels = drawn
    for text, label in zip(texts(samples), labels.tolist(), strict=True):
        assert label or "Cl" not in text  # no molecule of class 0 has any
    assert sum("Cl" in text for text in texts(samples[1::2])) > 50
    own, _ = brics._cut(text for text, y in zip(*molecules, strict=True) if y == 1)
    again, _ = brics._cut(texts(samples[1::2]))
    known = sum(count for piece, count in again.items() if piece in own)
    # Where a cut end got a hydrogen, another bond may be cut now, and another not.
    assert known > 0.6 * again.total()
    held = dict(zip(fitted._texts, fitted._counts[:, 1], strict=True))
    assert {text: count for text, count in held.items() if count} == dict(own)


def test_molecules_are_as_large_as_those_of_the_class(drawn, molecules):
    def heavy(some):
        sizes = [Chem.MolFromSmiles(text).GetNumHeavyAtoms() for text in some]
        return sum(sizes) / len(sizes), max(sizes)

    mean, largest = heavy(texts(drawn[0]))
    real_mean, real_largest = heavy(molecules[0])
    assert largest <= real_largest
    assert 0.7 * real_mean < mean < 1.3 * real_mean


def test_samples_depend_on_the_seed_alone(drawn, fitted, molecules):
    samples, labels = drawn
    assert torch.equal(samples, fitted.sample(300, labels=labels, seed=1))
    assert not torch.equal(samples, fitted.sample(300, labels=labels, seed=2))
    twin = Brics(SHAPE, CLASSES)
    twin.fit(rows(molecules[0]), molecules[1], seed=9)
    assert save(twin.weights()) == save(fitted.weights())


def test_weights_bring_it_back(drawn, fitted):
    samples, labels = drawn
    again = Brics(SHAPE, CLASSES)
    again.load_weights(load(save(fitted.weights())))
    assert torch.equal(samples, again.sample(300, labels=labels, seed=1))
    assert save(again.weights()) == save(fitted.weights())
    assert again.parameter_count == fitted.parameter_count > 200


@pytest.mark.parametrize(
    "text",
    [
        "CCOC(=O)[C@H](C)NC(C)=O",
        "CCOC(=O)[C@@H](N)Cc1ccc(OC)cc1",
        "COc1ccc(/C=C/C(=O)Nc2ccccc2)cc1",
        "Cc1cccn1-c1ccccc1",
    ],
)
def test_a_molecule_joined_where_it_was_cut_is_itself(text):
    molecule = Chem.MolFromSmiles(text)
    bonds = [molecule.GetBondBetweenAtoms(*pair).GetIdx() for pair, _ in brics_bonds(molecule)]
    pieces = Chem.FragmentOnBonds(
        molecule, bonds, dummyLabels=[(n, n) for n in range(1, len(bonds) + 1)]
    )
    parts = [brics._fragment(piece) for piece in Chem.MolToSmiles(pieces).split(".")]
    ends, start = {}, 0
    for part in parts:
        for atom, number in part.ends:
            ends.setdefault(number, []).append(start + atom)
        start += part.atoms
    joins = [tuple(pair) for pair in ends.values()]
    assert len(joins) == len(bonds) > 0
    assert brics._joined([part.molecule for part in parts], joins, []) == Chem.CanonSmiles(text)


def brics_bonds(molecule):
    from rdkit.Chem import BRICS

    # Single bonds alone: a double bond's own geometry is lost when it is cut.
    return [
        (pair, labels)
        for pair, labels in BRICS.FindBRICSBonds(molecule)
        if molecule.GetBondBetweenAtoms(*pair).GetBondType() == Chem.BondType.SINGLE
    ]


def test_what_is_open_in_the_end_gets_a_hydrogen():
    part = brics._fragment("[9*]n1cccc1")
    assert brics._joined([part.molecule], [], [part.ends[0][0]]) == "c1cc[nH]c1"
    double = brics._fragment("[7*]=CC")
    assert brics._joined([double.molecule], [], [double.ends[0][0]]) is None


def test_a_class_that_cannot_be_cut_is_handed_out_whole():
    floor = Brics(SHAPE, CLASSES)
    floor.fit(
        rows(["CC", "c1ccccc1", "CCOC(C)=O", "not one", "C*"]),
        torch.tensor([0, 0, 1, 1, 1]),
        seed=0,
    )
    samples = floor.sample(40, labels=torch.zeros(40, dtype=torch.int64), seed=0)
    assert set(texts(samples)) == {"CC", "c1ccccc1"}


def test_molecules_too_long_for_the_row_are_drawn_again(molecules):
    short = [text for text in molecules[0] if len(text) < 18]
    floor = Brics((18, first_content(1) + 128), 1)
    floor.fit(rows(short, 18, classes=1), torch.zeros(len(short), dtype=torch.int64), seed=0)
    labels = torch.zeros(200, dtype=torch.int64)
    samples = floor.sample(200, labels=labels, seed=0)
    assert (samples == END).sum(1).eq(1).all()
    floor.length = 60  # with more room, some are longer
    assert (floor.sample(200, labels=labels, seed=0)[:, 18:] != 0).any()
    floor.length = 2
    with pytest.raises(GenloomError, match="no molecule of at most 1 characters"):
        floor.sample(1, labels=labels[:1], seed=0)


def test_refusals():
    with pytest.raises(GenloomError, match="has 132 numbers, but was built for 60"):
        Brics((LENGTH, 60), CLASSES)
    floor = Brics(SHAPE, CLASSES)
    x, y = rows(["CCOC(C)=O", "CCO", "hello"]), torch.tensor([0, 0, 1])
    with pytest.raises(GenloomError, match="not fitted"):
        floor.sample(1, labels=torch.tensor([0]), seed=0)
    with pytest.raises(GenloomError, match="cannot learn to draw class 1: none of its training"):
        floor.fit(x, y, seed=0)
    with pytest.raises(GenloomError, match="cannot learn to draw class 1"):
        floor.fit(x, y * 0, seed=0)
    with pytest.raises(GenloomError, match="takes tokens"):
        floor.fit(x.float(), y, seed=0)
    with pytest.raises(GenloomError, match="not a Brics's"):
        floor.load_weights({"other": torch.zeros(1)})
