"""ChemNet's features and the distance of molecules against the package that has the weights."""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from genloom.metrics.molecules import chemnet
from genloom.metrics.molecules.chemnet import Moments, activations, frechet_distance, moments

SMILES = ["C", "CCO", "CC(=O)Oc1ccccc1C(=O)O", "Clc1ccc(Br)cc1", "C[C@H](N)C(=O)O", "CCO.[Na]"]
LONG = ["C" * n for n in (337, 345, 348, 349, 350, 400)]


def of_the_package(smiles: list[str]) -> np.ndarray:
    from fcd_torch import FCD

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return FCD(canonize=False).get_predictions(smiles)


@pytest.mark.parametrize("smiles", [SMILES, SMILES + LONG], ids=["short", "long"])
def test_features_are_those_of_fcd_torch(smiles: list[str]) -> None:
    found = activations(smiles)
    assert found.shape == (len(smiles), 512)
    np.testing.assert_allclose(found, of_the_package(smiles), atol=2e-5)


def test_order_and_repeats_do_not_matter() -> None:
    found = activations(SMILES)
    turned = activations([*SMILES[::-1], *SMILES])
    assert (turned[: len(SMILES)] == found[::-1]).all()
    assert (turned[len(SMILES) :] == found).all()
    assert activations([]).shape == (0, 512)


def test_batches_may_be_read_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def last_first(function: Callable[[list[str]], np.ndarray], batches: list[list[str]]) -> Any:
        assert len(batches) == 3
        return [function(batch) for batch in batches[::-1]][::-1]

    monkeypatch.setattr(chemnet, "_BATCH", 2)
    assert (activations(SMILES) == activations(SMILES, spread=last_first)).all()


def test_distance_is_that_of_fcd_torch() -> None:
    from fcd_torch import calculate_frechet_distance

    random = np.random.default_rng(0)
    one, other = (random.normal(size=(900, 512)).astype(np.float32) for _ in range(2))
    made, real = moments(one), moments(2 * other + 1)
    assert made is not None
    assert real is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SciPy, about an argument of its function
        expected = calculate_frechet_distance(*made, *real)
    assert frechet_distance(made, real) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(made, made) == pytest.approx(0, abs=1e-6)


def test_distance_by_hand() -> None:
    made = Moments(np.array([3.0, 4.0]), np.diag([1.0, 4.0]))
    real = Moments(np.zeros(2), np.diag([9.0, 16.0]))
    assert frechet_distance(made, real) == pytest.approx(25 + 4 + 4)
    assert moments(np.zeros((1, 512), dtype=np.float32)) is None
    assert np.isnan(frechet_distance(made, None))


def test_the_randomness_of_others_is_left_alone() -> None:
    chemnet._chemnet.cache_clear()
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    activations(["CCO"])
    assert torch.equal(torch.rand(3), expected)


def test_import_is_light() -> None:
    code = (
        "import sys, genloom.metrics.molecules.suite\n"
        "assert not {'torch', 'rdkit', 'pandas', 'scipy'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": "src"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
