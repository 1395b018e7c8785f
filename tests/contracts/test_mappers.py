"""What every mapper promises, network or floor, held against each one that there is."""

import inspect

import pytest
import torch
from safetensors.torch import load_file, save_file

from genloom import members
from genloom.errors import GenloomError
from genloom.tasks import TASKS


def plays(cls):
    """Whether a class has all that some task of mappers asks for."""
    return any(all(hasattr(cls, method) for method in task.methods) for task in TASKS.values())


MAPPERS = {
    name: members.member_class(name)
    for name in sorted(members.available())
    if plays(members.member_class(name))
}
NETWORKS = [name for name in MAPPERS if not members.is_floor(name)]
SHAPES = {"images": (1, 8, 8), "vectors": (12,)}
CASES = [(name, kind) for name, cls in MAPPERS.items() for kind in SHAPES if kind in cls.takes]
# What is small and quick wherever a mapper has it.
SMALL = {
    **{"width": 8, "hidden": 16, "code": 4, "steps": 20, "batch_size": 16},
    **{"rows": 4, "columns": 3, "epochs": 3, "units": 8},
}
UNSEEDED = {"pca", "filters"}  # their fit has nothing random
# What makes a seed show where it otherwise would not.
SEEDED = {"self_organizing_map": {"start": "random"}}


def block(network, **more):
    takes = inspect.signature(MAPPERS[network]).parameters
    return {"network": network} | {k: v for k, v in SMALL.items() if k in takes} | more


def data(kind, n=60):
    """Three clouds of samples, and their numbers."""
    random = torch.Generator().manual_seed(0)
    y = torch.arange(n) % 3
    shape = SHAPES[kind]
    middle = torch.randn(3, *shape, generator=random)[y]
    x = 0.5 * middle + 0.2 * torch.randn(n, *shape, generator=random)
    return (x.clamp(-1, 1) if kind == "images" else x), y


def fitted(network, kind, seed=0, **more):
    member = members.build(block(network, **more), SHAPES[kind], 3, seed=seed)
    (x, y), (held_out, known) = data(kind), data(kind, 12)
    return member, member.fit(x, y, seed=seed, validation=(held_out, known))


def answers(member, x):
    """All that a mapper says of samples, by the method's name."""
    methods = ("embed", "reconstruct", "anomaly_score", "place")
    return {name: getattr(member, name)(x) for name in methods if hasattr(member, name)}


@pytest.mark.parametrize("network", MAPPERS)
def test_arguments_are_typed_and_named(network):
    parameters = inspect.signature(MAPPERS[network]).parameters
    assert list(parameters)[:2] == ["shape", "classes"]
    own = dict(list(parameters.items())[2:])
    for name, parameter in own.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, name
        assert parameter.annotation is not inspect.Parameter.empty, name
    defaults = {name: parameter.default for name, parameter in own.items()}
    members.check(f"any.{network}", {"network": network, **defaults}, MAPPERS[network].takes[0])
    with pytest.raises(GenloomError, match="no parameter 'stepz'"):
        members.check(f"any.{network}", {"network": network, "stepz": 5}, MAPPERS[network].takes[0])


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_answers_have_the_promised_shapes(network, kind):
    member, history = fitted(network, kind)
    assert list(history.columns) == ["step", "metric", "value"]
    assert len(history) > 0 or network not in NETWORKS
    x, _ = data(kind, 7)
    said = answers(member, x)
    if "embed" in said:
        assert said["embed"].shape == (7, member.code_size)
        assert said["embed"].dtype == torch.float32
    if "reconstruct" in said:
        assert said["reconstruct"].shape == x.shape
        assert said["reconstruct"].dtype == torch.float32
    if "anomaly_score" in said:
        assert said["anomaly_score"].shape == (7,)
        assert said["anomaly_score"].dtype == torch.float32
    if "place" in said:
        units = len(member.prototypes)
        assert member.prototypes.shape == (units, *SHAPES[kind])
        assert said["place"].shape == (7,)
        assert said["place"].dtype == torch.int64
        assert 0 <= said["place"].min() <= said["place"].max() < units
        if member.positions is None:
            assert member.distances is None
        else:
            assert member.positions.shape == (units, 2)
            assert member.distances.shape == (units, units)
            assert torch.equal(member.distances, member.distances.T)
            assert member.distances[~torch.eye(units, dtype=torch.bool)].min() == pytest.approx(1)
    for name, values in said.items():
        assert not values.requires_grad, name
        assert values.isfinite().all(), name
        assert not values.is_inference(), name


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_the_same_seed_gives_the_same_bytes(network, kind):
    first, history = fitted(network, kind)
    torch.rand(5)  # whatever happens between two runs must not matter
    second, again = fitted(network, kind)
    assert history.equals(again)
    for name, value in first.weights().items():
        assert torch.equal(value, second.weights()[name]), name
    x, _ = data(kind, 9)
    for name, values in answers(first, x).items():
        assert torch.equal(values, answers(second, x)[name]), name
        assert torch.equal(values, answers(first, x)[name]), name


@pytest.mark.parametrize("network", [name for name in MAPPERS if name not in UNSEEDED])
def test_another_seed_gives_other_weights(network):
    kind = next(kind for kind in SHAPES if kind in MAPPERS[network].takes)
    more = SEEDED.get(network, {})
    first, second = (fitted(network, kind, seed=seed, **more)[0].weights() for seed in (0, 1))
    assert any(not torch.equal(value, second[name]) for name, value in first.items())


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_a_mapper_lives_again_from_its_file(network, kind, tmp_path):
    member, _ = fitted(network, kind)
    save_file(member.weights(), tmp_path / "weights.safetensors")
    again = members.build(block(network), SHAPES[kind], 3, seed=99)
    again.load_weights(load_file(tmp_path / "weights.safetensors"))
    x, _ = data(kind, 9)
    for name, values in answers(member, x).items():
        assert torch.equal(values, answers(again, x)[name]), name
    assert member.parameter_count == again.parameter_count


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_labels_are_not_looked_at(network, kind):
    x, y = data(kind)
    found = []
    for labels in (y, y.flip(0)):
        member = members.build(block(network), SHAPES[kind], 3, seed=0)
        member.fit(x, labels, seed=0)
        found.append(answers(member, x[:9]))
    for name, values in found[0].items():
        assert torch.equal(values, found[1][name]), name


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_data_that_is_not_finite_ends_in_one_sentence(network, kind):
    x, y = data(kind)
    member = members.build(block(network), SHAPES[kind], 3, seed=0)
    x[3] = torch.nan
    with pytest.raises(GenloomError, match=r"not finite numbers|NaN or infinity"):
        member.fit(x, y, seed=0)


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_fitting_leaves_the_callers_torch_as_it_was(network, kind):
    threads = torch.get_num_threads()
    member = members.build(block(network), SHAPES[kind], 3, seed=0)
    x, y = data(kind)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    member.fit(x, y, seed=4)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("task", TASKS)
def test_a_member_that_cannot_do_a_task_is_refused_with_those_that_can(task):
    able = [n for n, cls in MAPPERS.items() if all(hasattr(cls, m) for m in TASKS[task].methods)]
    assert able
    with pytest.raises(GenloomError, match=f"cannot play the role .*; these can: .*{able[0]}"):
        members.check("any.svc", {"role": "mapper", "task": task, "network": "svc"}, "images")
