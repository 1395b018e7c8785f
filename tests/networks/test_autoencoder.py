"""The autoencoder on real digits and tumours."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import roc_auc_score

from genloom import members
from genloom.errors import GenloomError
from genloom.floors.pca import PCA
from genloom.metrics.restoration import explained_variance, noise_reduction
from genloom.networks.autoencoder import Autoencoder
from genloom.noise import add_noise

SCORES = ("reconstruction", "residual", "latent", "both")


@pytest.fixture(scope="module")
def digits():
    """1200 to train with and 400 to judge by."""
    x = torch.tensor(load_digits().images, dtype=torch.float32)[:, None] / 8 - 1
    return x[:1200], x[1200:1600]


@pytest.fixture(scope="module")
def tumours():
    """Benign ones to train with, others to judge by, and which of those are malignant."""
    data = load_breast_cancer()
    x, malignant = torch.tensor(data.data, dtype=torch.float32), data.target == 0
    benign = torch.tensor(np.flatnonzero(~malignant)[:250])
    rest = torch.tensor(np.setdiff1d(np.arange(len(x)), benign))
    return x[benign], x[rest], malignant[rest]


def trained(x, **arguments):
    block = {"network": "autoencoder", **arguments}
    member = members.build(block, tuple(x.shape[1:]), 0, seed=0)
    history = member.fit(x, torch.zeros(len(x)), seed=0)
    assert set(history.metric) == {"loss"}
    return member


@pytest.fixture(scope="module")
def compressor(digits):
    return trained(digits[0], code=8, width=8, hidden=64, steps=250, lr=8e-3)


@pytest.fixture(scope="module")
def detector(tumours):
    return trained(tumours[0], code=8, hidden=32, gaussian=3.0, steps=200, lr=5e-3)


def test_a_code_says_more_than_as_many_principal_components(compressor, digits):
    train, test = digits
    floor = PCA((1, 8, 8), 0, code=8)
    floor.fit(train, torch.zeros(len(train)), seed=0)
    own = explained_variance(test, compressor.reconstruct(test))
    assert own > explained_variance(test, floor.reconstruct(test)) + 0.05
    assert compressor.code_size == 8
    assert compressor.reconstruct(test).abs().max() <= 1


def test_trained_with_noise_it_takes_noise_away(digits):
    train, test = digits
    member = trained(train, code=32, width=8, hidden=64, gaussian=0.8, steps=200, lr=8e-3)
    noisy = add_noise(test, "gaussian", 0.5, seed=3)
    assert noise_reduction(test, noisy, member.reconstruct(noisy)) > 3


@pytest.mark.parametrize("score", SCORES)
def test_malignant_tumours_are_stranger_than_benign_ones(detector, tumours, score):
    _, x, malignant = tumours
    detector.score = score
    assert roc_auc_score(malignant, detector.anomaly_score(x)) > 0.85


def test_scores_of_training_samples_are_in_units_of_their_deviation(detector, tumours):
    detector.score = "latent"
    assert detector.anomaly_score(tumours[0]).mean() == pytest.approx(1, abs=0.1)
    detector.score = "residual"
    shrunk = detector.anomaly_score(tumours[0]).mean()
    assert shrunk == pytest.approx(1, abs=0.25)
    detector.score = "both"
    assert 0.75 < detector.anomaly_score(tumours[0]).mean() < 1.25


def test_both_is_the_mean_of_all_terms(detector, tumours):
    found = {}
    for detector.score in SCORES:
        found[detector.score] = detector.anomaly_score(tumours[1])
    together = (30 * found["residual"] + 8 * found["latent"]) / 38
    assert torch.allclose(found["both"], together, rtol=1e-4)


def test_units_of_columns_do_not_matter(tumours):
    train, x, _ = tumours
    how = {"code": 4, "hidden": 16, "gaussian": 1.0, "steps": 50}
    scale, shift = torch.logspace(-3, 3, 30), torch.linspace(-50, 50, 30)
    first = trained(train, **how)
    other = trained(train * scale + shift * scale, **how)
    scores = first.anomaly_score(x), other.anomaly_score(x * scale + shift * scale)
    assert np.corrcoef(*(np.argsort(np.argsort(score.numpy())) for score in scores))[0, 1] > 0.99


def test_columns_that_never_vary_do_no_harm():
    x = torch.randn(100, 4, generator=torch.Generator().manual_seed(0))
    x[:, 2] = 0.1
    member = trained(x, code=2, hidden=8, steps=30)
    assert member.reconstruct(x)[:, 2].sub(0.1).abs().max() < 0.5
    assert member.anomaly_score(x).isfinite().all()
    stranger = x.clone()
    stranger[:, 2] = 9
    assert (member.anomaly_score(stranger) > member.anomaly_score(x)).all()


def test_equal_samples_can_be_learned():
    x = torch.ones(20, 3)
    member = trained(x, code=2, hidden=8, steps=30)
    assert member.anomaly_score(x).isfinite().all()
    assert member.anomaly_score(x + 5).min() > member.anomaly_score(x).max()


def test_it_lives_again_with_its_scores(detector, tumours):
    detector.score = "both"
    again = Autoencoder((30,), 0, code=8, hidden=32)
    again.load_weights(load(save(detector.weights())))
    x = tumours[1]
    assert torch.equal(again.anomaly_score(x), detector.anomaly_score(x))
    assert torch.equal(again.reconstruct(x), detector.reconstruct(x))
    assert torch.equal(again.embed(x), detector.embed(x))


def test_no_samples_give_no_answers(compressor, digits):
    none = digits[1][:0]
    assert compressor.embed(none).shape == (0, 8)
    assert compressor.reconstruct(none).shape == none.shape
    assert compressor.anomaly_score(none).shape == (0,)


def test_what_it_cannot_work_with_is_refused(compressor, digits):
    for ask in (compressor.embed, compressor.reconstruct, compressor.anomaly_score):
        with pytest.raises(GenloomError, match="finite numbers"):
            ask(digits[1] * torch.nan)
        with pytest.raises(GenloomError, match=r"shape \(1, 8, 8\).*\(1, 8, 4\)"):
            ask(digits[1][..., :4])
    fresh = Autoencoder((1, 8, 8), 0, width=8, hidden=8, steps=1)
    with pytest.raises(GenloomError, match="give samples that fit"):
        fresh.fit(digits[0][:0], torch.zeros(0), seed=0)
    with pytest.raises(GenloomError, match="give samples that fit"):
        fresh.fit(digits[0][..., :4], torch.zeros(1200), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("masking", 1.5),
        ("salt_and_pepper", -0.1),
        ("gaussian", -1.0),
        ("loss", "cubic"),
        ("score", "distance"),
        ("code", 0),
    ],
)
def test_values_out_of_range_are_named(name, value):
    with pytest.raises(GenloomError, match=rf"any\.detector\.{name} is {value!r}"):
        members.check("any.detector", {"network": "autoencoder", name: value}, "images")


@pytest.mark.parametrize("loss", ["squared", "absolute"])
def test_losses_are_those_of_their_names(loss):
    x = torch.cat([torch.zeros(90, 1), torch.full((10, 1), 10.0)])
    member = Autoencoder((1,), 0, code=1, hidden=8, loss=loss, steps=1, batch_size=100)
    history = member.fit(x, torch.zeros(100), seed=0)
    with torch.no_grad():
        back = Autoencoder((1,), 0, code=1, hidden=8)
        back.load_weights(member.weights())
    error = (back.reconstruct(x) - x) / x.std(correction=0)
    expected = error.square().mean() if loss == "squared" else error.abs().mean()
    assert history.value.iloc[0] == pytest.approx(float(expected), rel=0.2)
