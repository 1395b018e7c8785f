"""Members are found by name and held against the signatures of their classes."""

import pytest

from genloom import members
from genloom.domains import images
from genloom.errors import GenloomError


def test_every_network_and_floor_is_available_and_no_helper_module():
    assert set(members.available()) == {
        *("cnn", "flow", "gan", "vae"),
        *("gpt", "recurrent", "mixture", "encoder", "recurrent_classifier", "fnn", "sequence_vae"),
        *("graph_network", "ensemble", "rbf_network"),
        *("kde", "knn", "pca_gmm", "svc"),
        *("ngram", "tfidf", "naive_bayes", "brics", "copies"),
        *("linear", "random_forest", "boosting", "nearest_neighbours"),
        *("gaussian_copula", "smote_rows"),
        *("autoencoder", "self_organizing_map"),
        *("pca", "filters", "outliers", "classical_som", "kmeans"),
        *("recurrent_forecaster", "causal_cnn", "transformer_forecaster"),
        *("last_value", "seasonal_naive", "exponential_smoothing", "arima"),
    }
    assert members.is_floor("kde")
    assert not members.is_floor("gan")


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"network": "gon"}, "There is no network or floor 'gon'; there are: arima, autoencod"),
        ({"network": "gan", "los": "r3gan"}, "images.gan has no parameter 'los'; GAN takes: "),
        ({"network": "gan", "loss": "hinge"}, "images.gan.loss is 'hinge': input should be"),
        ({"network": "gan", "steps": "many"}, "images.gan.steps is 'many': input should be a"),
        ({"network": "gan", "steps": 0}, "images.gan.steps is 0: input should be greater"),
        ({"network": "gan", "low_data": {"step": 3}}, "images.gan.low_data has no parameter"),
        ({"network": "gan", "shape": [1, 8, 8]}, "images.gan has no parameter 'shape'"),
    ],
)
def test_wrong_blocks_end_in_a_sentence(block, sentence):
    with pytest.raises(GenloomError) as error:
        members.check("images.gan", block, "images")
    assert error.value.message.startswith(sentence)


def test_right_blocks_pass():
    gan = {"role": "generator", "network": "gan", "loss": "wgan_gp"}
    members.check("images.gan", gan, "images")
    kde = {"role": "generator", "network": "kde", "bandwidth": 0.1}
    members.check("images.kde", kde, "images")
    members.check_recipe("images.recipes.classical", "classical", {"copies": 2}, images)


def test_low_data_is_laid_over_the_arguments():
    block = {"role": "generator", "network": "gan", "steps": 9, "low_data": {"steps": 2}}
    assert members.arguments_of(block) == {"steps": 9}
    assert members.for_low_data(block)["steps"] == 2
    mixture = {"role": "generator", "network": "mixture", "of": block}
    assert members.for_low_data(mixture)["of"]["steps"] == 2


@pytest.mark.parametrize(
    ("hardware", "sentence"),
    [
        ({"devices": 2}, "hardware.devices is 2, but a network trains on one device"),
        ({"thread": 1}, "hardware has no parameter 'thread'"),
        ({"accelerator": "abacus"}, "hardware.accelerator is 'abacus'"),
    ],
)
def test_hardware_is_checked(hardware, sentence):
    with pytest.raises(GenloomError) as error:
        members.check_hardware(hardware)
    assert error.value.message.startswith(sentence)


def test_recipes_are_checked():
    with pytest.raises(
        GenloomError, match="There is no recipe 'cutmix' here; there are: none, class"
    ):
        members.check_recipe("images.recipes.cutmix", "cutmix", {}, images)
    with pytest.raises(GenloomError, match=r"images.recipes.mixup.alpha is 'x'"):
        members.check_recipe("images.recipes.mixup", "mixup", {"alpha": "x"}, images)
