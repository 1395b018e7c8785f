"""What the checks refuse before a run, by the parameters of the base environment."""

from copy import deepcopy

import pytest
import torch
import yaml
from kedro.pipeline import Pipeline, node

from genloom.errors import GenloomError
from genloom.hooks import checks
from genloom.pipeline_registry import BASE, parameter_blocks


@pytest.fixture
def parameters():
    shared = yaml.safe_load((BASE / "parameters.yml").read_text())
    return deepcopy(shared | parameter_blocks())


def test_the_base_environment_passes(parameters):
    checks.check_parameters(parameters, ["images"])


@pytest.mark.parametrize("environment", ["smoke", "full", "gpu"])
def test_every_environment_passes(parameters, environment):
    from omegaconf import OmegaConf

    folder = BASE.parent / environment
    own = [OmegaConf.load(path) for path in sorted(folder.glob("parameters*.yml"))]
    merged = OmegaConf.to_container(OmegaConf.merge(OmegaConf.create(parameters), *own))
    if environment == "gpu" and not torch.cuda.is_available():
        with pytest.raises(GenloomError, match="torch finds none on this machine"):
            checks.check_parameters(merged, ["images"])
        merged["hardware"]["accelerator"] = "auto"
    checks.check_parameters(merged, ["images"])


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("seed", -1, "seed is -1"),
        ("imges", {}, "parameters has no 'imges'; there are: code, fundamentals, hardware, im"),
        ("images.gna", {}, "images has no 'gna'; there are: "),
        ("images.reference", "svm", "images.reference is 'svm', but has to stay 'cnn'"),
        ("images.vae.steps", "20", "images.vae.steps is '20': input should be a valid integer"),
        ("images.svc.network", "kde", "images.svc.network is 'kde', which cannot play the role"),
        ("images.recipes.mixup.alpha", -1, "images.recipes.mixup.alpha is -1: input should be"),
        ("images.recipes.classical.copies", 0, "images.recipes.classical.copies is 0: input"),
        ("images.recipes.smote.copies", 0, "images.recipes.smote.copies is 0: input should be"),
        ("images.gan", 3, "images.gan is 3, but has to hold parameters by name."),
        ("images.gan.low_data", 3, "images.gan.low_data is 3, but has to hold parameters"),
        ("images.sampling", 3, "images.sampling is 3, but has to hold parameters by name."),
        ("images", 3, "images is 3, but has to hold parameters by name."),
        ("hardware", 3, "hardware is 3, but has to hold parameters by name."),
        ("images.sampling.draws", 0, "images.sampling.draws is 0, but has to be a whole number"),
        ("images.sampling.draw", 1, "images.sampling has no 'draw'; there are: draws"),
        ("images.augmentation.per_class", 0, "images.augmentation.per_class is 0"),
        ("images.augmentation.repeats", "3", "images.augmentation.repeats is '3'"),
        ("images.augmentation.synthetic_per_real", 0, "images.augmentation.synthetic_per_real is"),
        ("images.augmentation.predictor.widht", 3, "images.augmentation.predictor has no param"),
        ("images.gan.role", "predictor", "images.gan.role is 'predictor', but has to stay"),
        ("images.recipes.mixup.alfa", 1, "images.recipes.mixup has no parameter 'alfa'"),
        ("images.gan.network", "gon", "There is no network or floor 'gon'; there are: arima, au"),
        ("images.source", "digit", "There is no image source 'digit': set images.source to one of"),
        ("hardware.devices", 4, "hardware.devices is 4"),
    ],
)
def test_mistakes_are_named(parameters, path, value, sentence):
    place = parameters
    *folders, last = path.split(".")
    for key in folders:
        place = place.setdefault(key, {})
    place[last] = value
    with pytest.raises(GenloomError) as error:
        checks.check_parameters(parameters, ["images"])
    assert error.value.message.startswith(sentence)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("source", "docs", "There is no text source 'docs': set text.source to one of pydocs"),
        ("codec", "words", "text.gpt.codec is 'words', but there are: bytes, bpe"),
        ("network", "vae", "text.gpt.network is 'vae', which learns from images or vectors and"),
        ("temperature", -1, "text.gpt.temperature is -1"),
    ],
)
def test_mistakes_of_text_are_named(parameters, key, value, sentence):
    block = parameters["text"] if key in parameters["text"] else parameters["text"]["gpt"]
    block[key] = value
    with pytest.raises(GenloomError) as error:
        checks.check_parameters(parameters, ["text"])
    assert error.value.message.startswith(sentence)


def test_what_mixes_with_the_ngram_reads_its_tokens(parameters):
    parameters["text"]["mixture"]["codec"] = "bytes"
    with pytest.raises(GenloomError, match=r"text\.mixture\.codec has to be 'bpe'"):
        checks.check_parameters(parameters, ["text"])


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("sampling", {"draws": 2}, "series has no 'sampling'; there are: arima, autoencoder"),
        ("lstm", {"horizon": 3}, "series.lstm has no parameter 'horizon'; RecurrentForecaster"),
        ("arima", {"codec": "sequences"}, "series.arima.network is 'arima', which learns from lev"),
        ("lstm", {"network": "fnn"}, "series.lstm.network is 'fnn', which learns from"),
        ("arima", {"order": [1, 0]}, "series.arima.order"),
        ("context", 3, "series.context is 3, but has to be a whole number from 10 on"),
    ],
)
def test_a_domain_without_generators_has_nothing_of_their_use(parameters, key, value, sentence):
    checks.check_parameters(parameters, ["series"])
    if isinstance(value, dict) and key in parameters["series"]:
        value = parameters["series"][key] | value
    parameters["series"][key] = value
    with pytest.raises(GenloomError) as error:
        checks.check_parameters(parameters, ["series"])
    assert error.value.message.startswith(sentence)


def test_threads_only_for_pipelines_that_train_nothing():
    checks.refuse_threads("ThreadRunner", Pipeline([]))
    trains = Pipeline([node(lambda: 0, None, "fitted", name="fit_member", namespace="images.gan")])
    with pytest.raises(GenloomError, match="use --runner ParallelRunner instead"):
        checks.refuse_threads("ThreadRunner", trains)


@pytest.fixture(scope="module")
def registered():
    from kedro.framework.project import configure_project

    configure_project("genloom")


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"env": "bse"},
            "There is no environment 'bse'; there are: base, full, gpu, local, smoke.",
        ),
        ({"pipeline": "image"}, "There is no pipeline 'image'; there are: __default__, all, "),
        ({"pipelines": ["images", "texts"]}, "There is no pipeline 'texts'"),
        ({"namespaces": ["images.gon"]}, "There is no namespace 'images.gon'; there are: images, "),
        ({"tags": ("image",)}, "There is no tag 'image'; there are: images, "),
        ({"from_nodes": ["images.gan.fit"]}, "There is no node 'images.gan.fit'; there are: "),
    ],
)
def test_slices_that_do_not_exist_are_named(options, sentence):
    with pytest.raises(GenloomError) as error:
        checks.check_slice(options)
    assert error.value.message.startswith(sentence)


@pytest.mark.usefixtures("registered")
def test_slices_that_exist_pass():
    checks.check_slice({})
    checks.check_slice(
        {
            "env": "smoke",
            "pipelines": ["images"],
            "namespaces": ["images", "images.gan"],
            "tags": ("images",),
            "to_nodes": ["images.gan.fit_member"],
        }
    )
