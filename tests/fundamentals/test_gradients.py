"""Three ways to the same gradient."""

import pandas as pd
import pytest
import torch

from genloom.fundamentals import gradients
from genloom.fundamentals.gradients import Gradients, Network
from genloom.networks.fnn import ACTIVATIONS


def network_of(activation, outputs):
    return Network.begin([6, 5, 4, outputs], activation, seed=1).to(torch.float64)


@pytest.fixture
def x():
    return torch.randn(9, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("classes", [3, 0])
def test_backpropagation_is_what_torch_and_differences_say(activation, classes, x):
    network = network_of(activation, max(1, classes))
    y = torch.arange(9) % 3 if classes else x[:, 0] * 2
    ours = gradients.backpropagated(network, x, y)
    assert [len(layer) for layer in ours] == [6 * 5 + 5, 5 * 4 + 4, 5 * max(1, classes)]
    for one, other in zip(ours, gradients.by_library(network, x, y), strict=True):
        assert gradients.difference(one, other) < 1e-14
    for one, other in zip(ours, gradients.by_differences(network, x, y, 1e-6), strict=True):
        assert gradients.difference(one, other) < 1e-6


def test_a_fault_in_one_layer_is_found_in_that_layer(x):
    network, y = network_of("tanh", 3), torch.arange(9) % 3
    wrong = gradients.backpropagated(network, x, y)
    wrong[1] = wrong[1] * 1.01
    right = gradients.by_differences(network, x, y, 1e-6)
    errors = [gradients.difference(a, b) for a, b in zip(wrong, right, strict=True)]
    assert errors[1] == pytest.approx(0.005, rel=0.01)
    assert max(errors[0], errors[2]) < 1e-7


def test_the_experiment_finds_the_valley(breast_cancer, diabetes):
    sources = {"breast_cancer": breast_cancer, "diabetes": diabetes}
    settings = Gradients(activations=["tanh", "relu"], hidden_size=4, samples=8, checked=4)
    found = settings.run(sources, seed=0)
    table = found.results
    assert set(table["exponent"]) == set(range(1, 11))
    smooth = table[(table["activation"] == "tanh") & (table["precision"] == "float64")]
    errors = smooth[smooth["layer"] == 0].set_index(["source", "exponent"])["error"]
    for source in sources:
        # The error of central differences falls with the square of the difference.
        assert 50 < errors[source, 2] / errors[source, 3] < 200
        assert errors[source, 10] > 100 * errors[source, 5]
    metrics = {row["metric"]: row["value"] for row in found.metrics}
    row = smooth[(smooth["exponent"] == 4) & (smooth["layer"] == 2)].set_index("source")
    assert metrics["relative_error/diabetes/tanh/layer_2"] == row.loc["diabetes", "error"]
    assert metrics["library_error/breast_cancer/relu"] < 1e-14
    curve = found.history[found.history["metric"] == "relative_error/diabetes/tanh/float64"]
    assert curve.set_index("step")["value"][5] == errors["diabetes", 5]
    pd.testing.assert_frame_equal(table, settings.run(sources, seed=0).results)
