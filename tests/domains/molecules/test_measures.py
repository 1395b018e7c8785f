"""The measures of molecules as the domain's answers."""

import math
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from genloom.domains.molecules.measures import (
    METRICS,
    describe,
    likelihood,
    own_metrics,
    preference,
    usable,
)
from genloom.metrics.molecules import references as real
from genloom.metrics.molecules import sharing
from genloom.metrics.molecules.suite import molecule_metrics
from genloom.metrics.table import BETTER, Measure, distance_to_ideal

MADE = ["CCO", "OCC", "CC(", "Oc1ccccc1-c1cccc2cnccc12", "CCN"]
TEST = ["Oc1ccccc1-c1cccc2cnccc12", "COc1cccc(NC(=O)Cc2coc3ccc(OC)cc23)c1", "CCOCC"]
SCAFFOLD = ["O=C(C1CC2C=CC1C2)N1CCOc2ccccc21", "Nc1c(Br)cccc1C(=O)Nc1ccncn1"]


def contents(*texts: str, split: str = "test") -> pd.DataFrame:
    return pd.DataFrame({"content": texts, "label": "", "split": split}).astype("str")


def test_every_measure_is_explained_and_none_is_known_elsewhere() -> None:
    assert not set(METRICS) & set(BETTER)
    for name, measure in METRICS.items():
        assert isinstance(measure, Measure)
        assert math.isfinite(distance_to_ideal(measure.better, 1.0)), name
        assert measure.sentence.endswith("."), name
        assert measure.sentence.count(". ") == 0, "one sentence"
        assert "{" not in measure.sentence
    lower = {name for name, measure in METRICS.items() if measure.better == "lower"}
    distances = {name for name in METRICS if name.endswith("_distance")}
    assert lower == {"fcd", "fcd_scaffold", "nll_per_molecule", *distances}
    assert len({measure.title for measure in METRICS.values()}) == len(METRICS)


def test_own_metrics_tells_the_two_held_out_sets_apart() -> None:
    references = pd.concat([contents(*TEST), contents(*SCAFFOLD, split="scaffold")])
    found = own_metrics(contents(*MADE), references, contents("CCO", split="train"))
    assert set(found) == set(METRICS) - {"nll_per_molecule"}
    known = (real.known(real.describe(smiles)) for smiles in (TEST, SCAFFOLD))
    assert str(found) == str(molecule_metrics(MADE, *known, ["CCO"], judged=len(TEST)))
    assert found["validity"] == 4 / 5
    assert found["uniqueness"] == 3 / 4
    assert found["novelty"] == 2 / 3
    assert found["vun"] == 2 / 5
    assert found["snn"] > found["snn_scaffold"]


def test_what_is_described_already_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    references = pd.concat([contents(*SCAFFOLD, split="scaffold"), contents(*TEST)])
    references.index = pd.Index(range(10, 15))
    train = contents("CCO", split="train")
    found = own_metrics(contents(*MADE), references, train)
    described = describe(references)
    assert described["content"].tolist() == [*TEST, *SCAFFOLD]
    assert described.index.tolist() == [12, 13, 14, 10, 11]
    read: list[int] = []
    chemnet = real.chemnet.activations
    monkeypatch.setattr(
        real.chemnet,
        "activations",
        lambda smiles, **how: read.append(len(smiles)) or chemnet(smiles, **how),
    )
    assert str(own_metrics(contents(*MADE), described, train)) == str(found)
    assert read == [3]  # of those made
    # Other molecules in place of the test split are described, the scaffold split is known.
    part = pd.concat([contents(*TEST, split="train"), described[described["split"] == "scaffold"]])
    assert str(own_metrics(contents(*MADE), part, train)) == str(found)
    assert read == [3, 3, 0, 3]  # also of the empty scaffold split beside the test split


def test_many_molecules_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    references = pd.concat([contents(*TEST), contents(*SCAFFOLD, split="scaffold")])
    train = contents("CCO", split="train")
    found = own_metrics(contents(*MADE), references, train)
    monkeypatch.setattr(sharing, "workers_for", lambda _: 2)
    assert str(own_metrics(contents(*MADE), references, train)) == str(found)


def test_without_a_scaffold_split() -> None:
    references = contents(*TEST).drop(columns="split")
    found = own_metrics(contents(*MADE), references, contents("CCO", split="train"))
    missing = {name for name in found if name.endswith("_scaffold")}
    assert len(missing) == 4
    assert all(math.isnan(found[name]) for name in missing)
    assert found["fcd"] > 0


def test_nothing_valid() -> None:
    found = own_metrics(contents("C(", ""), contents(*TEST), contents("CCO", split="train"))
    assert found["validity"] == found["vun"] == 0
    assert math.isnan(found["fcd"])


def test_usable(capfd: pytest.CaptureFixture[str]) -> None:
    found = usable(contents(*MADE, "", "C(C)(C)(C)(C)C"))
    assert found.dtype == bool
    assert found.tolist() == [True, True, False, True, True, False, False]
    assert usable(contents()).tolist() == []
    assert capfd.readouterr() == ("", "")
    assert len(contents(*MADE)[usable(contents(*MADE))]) == 4


def test_preference_is_the_share_of_new_molecules() -> None:
    train, validation = contents("CCO", split="train"), contents(*TEST, split="validation")
    assert preference(contents(*MADE), validation, train) == 2 / 5
    assert preference(contents("C("), validation, train) == 0
    repeating = contents(*["CCN"] * 5)
    assert preference(repeating, validation, train) == 1 / 5


def test_likelihood_by_hand() -> None:
    score = {"nats": 30.0, "tokens": 12, "window_nats": 5.0, "window_tokens": 2}
    assert likelihood(contents("CCO", "CCN"), score) == {"nll_per_molecule": 15.0}


def test_rows_of_any_index_are_taken_in_order() -> None:
    samples = contents(*MADE)
    samples.index = pd.Index(np.arange(len(samples))[::-1])
    assert usable(samples).tolist() == [True, True, False, True, True]


def test_import_is_light() -> None:
    code = (
        "import sys, genloom.domains.molecules.measures\n"
        "assert not {'torch', 'rdkit', 'pandas'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": "src"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
