"""What every network promises, held against each one that there is."""

import inspect

import pytest
import torch
from safetensors.torch import load_file, save_file

from genloom import members
from genloom.errors import GenloomError, TrainingDivergedError
from genloom.graphs import ATOM_FEATURES
from genloom.networks.base import Network
from genloom.tokens import END, FIRST_LABEL, PAD, cut_at_end

EVERY = sorted(
    name for name, module in members.available().items() if module.startswith("genloom.networks.")
)
GENERATORS = [name for name in EVERY if hasattr(members.member_class(name), "sample")]
FORECASTERS = [name for name in EVERY if members.member_class(name).takes == ("series",)]
PREDICTORS = [
    name
    for name in EVERY
    if hasattr(members.member_class(name), "predict") and name not in FORECASTERS
]
# Those that map stand in test_mappers.py.
NETWORKS = sorted({*GENERATORS, *PREDICTORS, *FORECASTERS})
# What is made of others trains those; the rest trains itself.
MADE_OF = {"mixture": "gpt", "ensemble": "fnn"}
TRAINS_ITSELF = [name for name in NETWORKS if name not in MADE_OF]
WALKS = [name for name in GENERATORS if hasattr(members.member_class(name), "interpolate")]
CLASSES = 3
NUMBERS = 0  # the classes of a predictor of numbers
SHAPES = {
    "images": [(1, 8, 8), (1, 28, 28), (3, 32, 32)],
    "tokens": [(20, FIRST_LABEL + CLASSES + 9)],  # rows of 20 tokens, 9 of them content
    "vectors": [(12,)],
    "graphs": [(6, len(ATOM_FEATURES) + 6)],
    "series": [(24, 3)],
}
HORIZON = 5
SMALL = {"width": 8, "hidden": 16, "critic_width": 8, "heads": 2, "context": 24, "hidden_size": 8}
SMALL |= {"buckets": 64, "horizon": HORIZON}


def small(network):
    takes = inspect.signature(members.member_class(network)).parameters
    return {"network": network} | {key: value for key, value in SMALL.items() if key in takes}


def block(network, **more):
    if network in MADE_OF:
        more.pop("batch_size", None)
        inner = {key: more.pop(key) for key in list(more) if key in ("steps", "lr")}
        return small(network) | {"of": block(MADE_OF[network], **inner), **more}
    return small(network) | {"steps": 2, "batch_size": 8, **more}


def kinds_of(network):
    """The kinds of samples that it is tried on: all that it takes, or what it is made of takes."""
    return members.member_class(MADE_OF.get(network, network)).takes


def shape_of(network):
    return SHAPES[kinds_of(network)[0]][0]


def data(shape, n=48):
    """Three classes that are easy to tell, as images, rows of tokens, vectors or graphs.

    Images are bright, dark and grey; rows count up, down and stay; vectors lie in three places;
    graphs are rings of one element each. Of series, windows of a wave and what follows them.
    """
    random = torch.Generator().manual_seed(0)
    y = torch.arange(n) % CLASSES
    if shape in SHAPES["series"]:
        steps = torch.rand(n, 1, generator=random) * 8 + torch.arange(shape[0] + HORIZON)
        wave = (2 * torch.pi * steps / 8).sin()
        x = torch.randn(n, *shape, generator=random)
        x[:, :, 0] = wave[:, : shape[0]]
        return x, wave[:, shape[0] :]
    if shape in SHAPES["vectors"]:
        return torch.randn(n, *shape, generator=random) + y[:, None], y
    if shape in SHAPES["graphs"]:
        places = torch.arange(shape[0])
        ring = (places[:, None] - places).abs() % (shape[0] - 2) == 1
        atoms = torch.ones(n, shape[0], len(ATOM_FEATURES), dtype=torch.int64)
        atoms[:, :, 0] += y[:, None]
        return torch.cat([atoms, ring.long().expand(n, -1, -1)], dim=2), y
    if len(shape) == 3:
        x = 0.1 * torch.randn(n, *shape, generator=random) + (y[:, None, None, None] - 1) * 0.6
        return x.clamp(-1, 1), y
    lengths = torch.randint(4, shape[0] - 1, (n, 1), generator=random)
    starts = torch.randint(9, (n, 1), generator=random)
    places = torch.arange(shape[0])
    x = FIRST_LABEL + CLASSES + (starts + (y[:, None] - 1) * places) % 9
    x = torch.where(places < lengths, x, torch.where(places == lengths, END, PAD))
    return x, y


def fitted(network, shape=None, seed=0, classes=CLASSES, **more):
    shape = shape or shape_of(network)
    member = members.build(block(network, **more), shape, classes, seed=seed)
    (x, y), (held_out, known) = data(shape), data(shape, 12)
    if classes == NUMBERS:
        y, known = 100 + 10.0 * y, 100 + 10.0 * known
    return member, member.fit(x, y, seed=seed, validation=(held_out, known))


def cases(networks):
    """Each network with the shapes that it takes."""
    return [
        pytest.param(name, shape, id=f"{name}-{shape}")
        for name in networks
        for kind in kinds_of(name)
        for shape in SHAPES[kind]
    ]


@pytest.mark.parametrize("network", NETWORKS)
def test_arguments_are_typed_and_named(network):
    parameters = inspect.signature(members.member_class(network)).parameters
    assert list(parameters)[:2] == ["shape", "classes"]
    own = {k: p for k, p in list(parameters.items())[2:] if k not in ("model", "models")}
    own = {k: p for k, p in own.items() if k not in members.TOLD}
    for name, parameter in own.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, name
        assert parameter.annotation is not inspect.Parameter.empty, name
        assert parameter.default is not inspect.Parameter.empty, name
    defaults = {name: parameter.default for name, parameter in own.items()}
    takes = members.member_class(network).takes[0]
    members.check(f"any.{network}", {"network": network, **defaults}, takes)


@pytest.mark.parametrize("network", TRAINS_ITSELF)
def test_a_misspelt_parameter_is_named_with_those_that_exist(network):
    takes = members.member_class(network).takes[0]
    with pytest.raises(GenloomError, match=r"no parameter 'stepz'.*steps"):
        members.check(f"any.{network}", {"network": network, "stepz": 5}, takes)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_for_other_samples_is_refused_with_those_that_fit(network):
    takes = members.member_class(network).takes
    other = next((kind for kind in SHAPES if kind not in takes), "sounds")
    fit = [n for n in sorted(members.available()) if other in members.member_class(n).takes]
    said = f"learns from .* and not from {other}; these do: {', '.join(fit)}"
    with pytest.raises(GenloomError, match=said):
        members.check(f"any.{network}", {"network": network}, other)


@pytest.mark.parametrize("network", TRAINS_ITSELF)
@pytest.mark.parametrize(
    ("name", "value"), [("steps", 0), ("batch_size", -1), ("lr", 0.0), ("lr", "fast")]
)
def test_a_value_out_of_range_is_named(network, name, value):
    takes = members.member_class(network).takes[0]
    with pytest.raises(GenloomError, match=rf"any\.{network}\.{name} is {value!r}"):
        members.check(f"any.{network}", {"network": network, name: value}, takes)


@pytest.mark.parametrize(("network", "shape"), cases(GENERATORS))
def test_generators_draw_what_their_codec_can_read(network, shape):
    member, history = fitted(network, shape)
    x = member.sample(5, labels=torch.tensor([0, 1, 2, 0, 1]), seed=3)
    if shape in SHAPES["tokens"]:
        assert x.shape == (5, shape[0])
        assert x.dtype == torch.int64
        assert torch.equal(x, cut_at_end(x))
        assert not ((x >= FIRST_LABEL) & (x < FIRST_LABEL + CLASSES)).any()
    else:
        assert x.shape == (5, *shape)
        assert x.dtype == torch.float32
        assert x.isfinite().all()
        if len(shape) == 3:
            assert x.abs().max() <= 1
    assert list(history.columns) == ["step", "metric", "value"]
    assert len(history)


@pytest.mark.parametrize(("network", "shape"), cases(WALKS))
def test_generators_with_latents_walk_between_them(network, shape):
    walk = fitted(network, shape)[0].interpolate(torch.tensor([0, 2]), steps=3, seed=3)
    assert walk.shape == (2, 3, *(shape[:1] if shape in SHAPES["tokens"] else shape))


@pytest.mark.parametrize(("network", "shape"), cases(PREDICTORS))
def test_predictors_give_probabilities_and_features(network, shape):
    member, history = fitted(network, shape)
    x, _ = data(shape)
    p = member.predict(x)
    assert p.shape == (len(x), CLASSES)
    assert torch.allclose(p.sum(dim=1), torch.ones(len(x)), atol=1e-5)
    assert member.features(x).ndim == 2
    assert len(member.features(x)) == len(x)
    assert list(history.columns) == ["step", "metric", "value"]
    assert len(history)


@pytest.mark.parametrize(("network", "shape"), cases(PREDICTORS))
def test_predictors_give_numbers_in_the_targets_own_units(network, shape):
    member, _ = fitted(network, shape, classes=NUMBERS, steps=40)
    x, y = data(shape)
    values = member.predict(x)
    assert values.shape == (len(x),)
    assert (values - 100 - 10.0 * y).abs().mean() < 10  # the targets are 100, 110 and 120
    assert len(member.features(x)) == len(x)


@pytest.mark.parametrize("network", FORECASTERS)
def test_forecasters_give_quantiles_of_what_follows(network):
    member, history = fitted(network, steps=150, lr=1e-2)
    x, y = data(shape_of(network))
    q = member.predict(x)
    assert q.shape == (len(x), HORIZON, 9)
    assert q.dtype == torch.float32
    assert (q.diff(dim=2) >= 0).all()
    assert (q[:, :, 4] - y).abs().mean() < 0.5 * y.abs().mean()  # a wave can be foretold
    assert len(member.features(x)) == len(x)
    assert list(history.columns) == ["step", "metric", "value"]
    assert len(history)


def outcome(network, member):
    x, _ = data(shape_of(network))
    return member.sample(6, seed=7) if network in GENERATORS else member.predict(x)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_same_seed_gives_the_same_bytes(network):
    first, history = fitted(network)
    torch.rand(5)  # whatever happens between two runs must not matter
    second, again = fitted(network)
    assert history.equals(again)
    for name, value in first.weights().items():
        assert torch.equal(value, second.weights()[name]), name
    assert torch.equal(outcome(network, first), outcome(network, second))
    assert torch.equal(outcome(network, first), outcome(network, first))


@pytest.mark.parametrize("network", NETWORKS)
def test_another_seed_gives_other_weights(network):
    first, second = fitted(network)[0].weights(), fitted(network, seed=1)[0].weights()
    assert any(not torch.equal(value, second[name]) for name, value in first.items())


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_lives_again_from_its_file(network, tmp_path):
    member, _ = fitted(network)
    save_file(member.weights(), tmp_path / "weights.safetensors")
    again = members.build(block(network), shape_of(network), CLASSES, seed=99)
    again.load_weights(load_file(tmp_path / "weights.safetensors"))
    assert torch.equal(outcome(network, member), outcome(network, again))
    assert member.parameter_count == again.parameter_count > 0


@pytest.mark.parametrize("network", [n for n in TRAINS_ITSELF if n != "gan"])
def test_training_lowers_the_loss(network):
    _, history = fitted(network, steps=30, lr=3e-3)
    loss = history[history.metric == "loss"].value.to_numpy()
    assert loss[-5:].mean() < loss[:5].mean()


def test_the_gan_learns_how_bright_each_class_is():
    member, _ = fitted(
        "gan", steps=60, width=16, hidden=64, critic_width=16, lr=2e-3, critic_lr=2e-3
    )
    labels = torch.arange(CLASSES).repeat_interleave(20)
    brightness = member.sample(60, labels=labels, seed=0).reshape(CLASSES, -1).mean(dim=1)
    assert brightness[0] < brightness[1] < brightness[2]


FLOATING = [name for name in NETWORKS if {"images", "vectors", "series"} & set(kinds_of(name))]


@pytest.mark.parametrize("network", FLOATING)
def test_data_that_is_not_finite_ends_in_one_sentence(network):
    kind = next(k for k in ("vectors", "images", "series") if k in kinds_of(network))
    shape = SHAPES[kind][0]
    member = members.build(block(network), shape, CLASSES, seed=0)
    x, y = data(shape)
    with pytest.raises(TrainingDivergedError, match="not finite numbers"):
        member.fit(torch.full_like(x, torch.nan), y, seed=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_training_that_diverges_ends_in_one_sentence(network):
    member = members.build(block(network, lr=1e30, steps=20), shape_of(network), CLASSES, seed=0)
    with pytest.raises(TrainingDivergedError, match="stopped being a finite number"):
        member.fit(*data(shape_of(network)), seed=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_fitting_leaves_the_callers_torch_as_it_was(network):
    threads = torch.get_num_threads()
    torch.manual_seed(0)
    expected = torch.rand(3)
    member = members.build(block(network), shape_of(network), CLASSES, seed=0)
    torch.manual_seed(0)
    member.fit(*data(shape_of(network)), seed=4)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    assert isinstance(member, Network)
    assert not member.training
