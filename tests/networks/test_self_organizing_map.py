"""The self-organizing map: what a round does, grids, order, and how close prototypes come."""

import pytest
import torch
from minisom import MiniSom
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from genloom import grids, members
from genloom.errors import GenloomError, TrainingDivergedError
from genloom.metrics import maps
from genloom.networks.self_organizing_map import PER_UNIT, SelfOrganizingMap

SHAPE = (1, 8, 8)
FORMS = [("rectangular", False), ("rectangular", True), ("hexagonal", False), ("hexagonal", True)]


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x, dtype=torch.float32).view(-1, *SHAPE) / 8 - 1, torch.tensor(y)
    train, test = train_test_split(range(len(y)), test_size=0.25, stratify=y, random_state=0)
    return x[train], y[train], x[test], y[test]


def build(shape, seed=0, **more):
    return members.build({"network": "self_organizing_map", **more}, shape, 2, seed=seed)


def fit(x, seed=0, **more):
    som = build(tuple(x.shape[1:]), seed, **more)
    return som, som.fit(x, torch.zeros(len(x), dtype=torch.int64), seed=seed)


def cloud(n, size, seed=0):
    return torch.randn(n, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("grid", "toroidal"), FORMS)
def test_digits_find_their_place(digits, grid, toroidal):
    x, y, test, truth = digits
    som, history = fit(x, grid=grid, toroidal=toroidal)
    errors = history[history.metric == "quantization_error"]
    assert errors.step.tolist() == list(range(21))
    assert errors.value.iloc[-1] == pytest.approx(maps.quantization_error(x, som.prototypes))
    assert errors.value.iloc[-1] < 0.7 * errors.value.iloc[0]
    label = maps.unit_labels(som.place(x), y, som.prototypes)
    assert maps.label_map_accuracy(label, som.place(test), truth) >= 0.92
    assert maps.topographic_error(test, som.prototypes, som.distances) < 0.2


@pytest.mark.parametrize("start", ["pca", "random"])
def test_online_training_orders_digits_too(digits, start):
    x, y, test, truth = digits
    som, history = fit(x, training="online", epochs=4, start=start)
    assert history[history.metric == "radius"].value.tolist()[::3] == pytest.approx([6, 0.5])
    label = maps.unit_labels(som.place(x), y, som.prototypes)
    assert maps.label_map_accuracy(label, som.place(test), truth) >= 0.9
    assert maps.topographic_error(test, som.prototypes, som.distances) < 0.15


def test_at_minisoms_closeness_it_keeps_more_order(digits):
    x = digits[0]
    rows = x.flatten(1).double().numpy()
    rival = MiniSom(12, 12, 64, sigma=1.5, learning_rate=0.5, random_seed=0)
    rival.pca_weights_init(rows)
    rival.train_random(rows, 5000)
    som = fit(x, final_radius=0.5)[0]
    assert maps.quantization_error(x, som.prototypes) <= rival.quantization_error(rows)
    order = maps.topographic_error(x, som.prototypes, som.distances)
    assert order <= rival.topographic_error(rows)


def test_a_smaller_final_radius_comes_closer_and_keeps_less_order(digits):
    x = digits[0]
    found = [fit(x, final_radius=radius)[0] for radius in (0.35, 0.6, 1.0)]
    closeness = [maps.quantization_error(x, som.prototypes) for som in found]
    order = [maps.topographic_error(x, som.prototypes, som.distances) for som in found]
    assert closeness == sorted(closeness)
    assert order == sorted(order, reverse=True)


def test_a_batch_round_moves_prototypes_to_weighted_means_of_all_samples():
    x, radius = cloud(50, 3), 0.8
    som = build((3,), rows=3, columns=4, grid="hexagonal")
    som.codebook.copy_(cloud(12, 3, seed=1))
    before = som.codebook.clone().double()
    unit = torch.cdist(x.double(), before).argmin(dim=1)
    weight = (-(som.distances.double()[:, unit] ** 2) / (2 * radius**2)).exp()  # [units, n]
    wanted = weight @ x.double() / weight.sum(dim=1, keepdim=True)
    error = som.batch_round(x, 0, radius)
    assert torch.allclose(som.codebook.double(), wanted, atol=1e-5)
    assert error == pytest.approx(float((x.double() - before[unit]).norm(dim=1).mean()), rel=1e-5)


def test_an_online_step_moves_prototypes_towards_the_sample():
    sample = cloud(1, 3)
    som = build((3,), rows=2, columns=3, training="online", epochs=1, radius=1.5, lr=0.4)
    som.codebook.copy_(cloud(6, 3, seed=1))
    before = som.codebook.clone()
    unit = int((before - sample).norm(dim=1).argmin())
    share = 0.4 * (-(som.distances[unit] ** 2) / (2 * 1.5**2)).exp()
    error = som.online_round(sample, 0, 1.5)
    assert torch.allclose(som.codebook, before + share[:, None] * (sample - before), atol=1e-6)
    assert error == pytest.approx(float((before[unit] - sample).norm()))


def test_a_tiny_radius_leaves_units_without_samples_where_they_are():
    x = torch.tensor([[0.0, 0.0], [0.2, 0.0]])
    som = build((2,), rows=1, columns=8)
    som.codebook.copy_(torch.arange(16.0).view(8, 2))
    som.batch_round(x, 0, 0.05)
    assert torch.allclose(som.codebook[0], torch.tensor([0.1, 0.0]))
    assert torch.equal(som.codebook[1:], torch.arange(16.0).view(8, 2)[1:])


def test_first_prototypes_lie_on_the_plane_of_the_first_components():
    x = cloud(400, 5) * torch.tensor([5.0, 1.0, 0.3, 0.2, 0.1]) + 7
    som = build((5,), rows=4, columns=9)
    start = som.first_prototypes(x).reshape(4, 9, 5)
    axes = torch.tensor(PCA(2).fit(x.numpy()).components_, dtype=torch.float32)
    centred = start - x.mean(dim=0)
    along = centred @ axes.T  # [4, 9, 2]
    assert torch.allclose(along @ axes, centred, atol=1e-3)
    # The longer side along the first component, one deviation to either end.
    assert abs(float(along[0, -1, 0] - along[0, 0, 0])) == pytest.approx(10, rel=0.1)
    assert abs(float(along[-1, 0, 1] - along[0, 0, 1])) == pytest.approx(2, rel=0.1)
    upright = build((5,), rows=9, columns=4).first_prototypes(x).reshape(9, 4, 5)
    along = (upright - x.mean(dim=0)) @ axes.T
    assert abs(float(along[-1, 0, 0] - along[0, 0, 0])) == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize("grid", ["rectangular", "hexagonal"])
def test_borders_of_a_toroidal_map_meet(digits, grid):
    x = digits[0]
    across = {}
    for toroidal in (False, True):
        som = fit(x, rows=8, columns=10, grid=grid, toroidal=toroidal)[0]
        units = torch.arange(80).reshape(8, 10)
        prototypes = som.prototypes.flatten(1)
        beside = (prototypes[units[:, 0]] - prototypes[units[:, -1]]).norm(dim=1).mean()
        above = (prototypes[units[0]] - prototypes[units[-1]]).norm(dim=1).mean()
        inside = som.u_matrix().mean()
        across[toroidal] = float(beside / inside), float(above / inside)
    assert max(across[True]) < 1.5
    assert min(across[False]) > 1.5


def test_of_many_samples_early_rounds_look_at_few(digits):
    x = digits[0]
    few = PER_UNIT * 9
    looked = {}
    for radius, seed in ((5.0, 0), (5.0, 1), (0.5, 0), (0.5, 1)):
        som = build(SHAPE, rows=3, columns=3)
        torch.manual_seed(seed)
        som.codebook.copy_(x[:9].flatten(1))
        looked[radius, seed] = som.batch_round(x.flatten(1), 0, radius)
    assert few < 0.1 * len(x)
    assert looked[5.0, 0] != looked[5.0, 1]  # the error of some, drawn at random
    assert looked[0.5, 0] == looked[0.5, 1]  # of all
    closeness = [
        maps.quantization_error(x, fit(x, seed, rows=3, columns=3)[0].prototypes) for seed in (0, 1)
    ]
    assert closeness[0] == pytest.approx(closeness[1], rel=0.03)


def test_reading_the_map(digits):
    x = digits[0][:200]
    som = fit(x, rows=5, columns=4, grid="hexagonal")[0]
    flat = x.flatten(1)
    apart = torch.cdist(flat, som.prototypes.flatten(1))
    unit = som.place(x)
    assert torch.equal(unit, apart.argmin(dim=1))
    assert torch.allclose(som.anomaly_score(x), apart.min(dim=1).values, atol=1e-4)
    assert torch.equal(som.embed(x), grids.positions(5, 4, "hexagonal")[unit])
    assert torch.equal(som.reconstruct(x), som.prototypes[unit])
    assert torch.equal(som.u_matrix(), grids.u_matrix(som.prototypes, som.distances))
    assert som.parameter_count == 20 * 64
    assert som.place(x[:0]).shape == (0,)
    assert list(som.weights()) == ["codebook"]


def test_what_is_far_from_all_samples_scores_high(digits):
    som = fit(digits[0])[0]
    test = digits[2]
    noise = torch.rand(len(test), *SHAPE, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert som.anomaly_score(noise).min() > som.anomaly_score(test).max()


def test_two_clusters_have_a_ridge_between_them():
    x = torch.cat([cloud(200, 4), cloud(200, 4, seed=1) + torch.tensor([12.0, 0, 0, 0])])
    som = fit(x, rows=4, columns=8)[0]
    heights = som.u_matrix().reshape(4, 8).mean(dim=0)
    ridge = heights[2:6].max()
    assert ridge > 2 * heights[:2].max()
    assert ridge > 2 * heights[-2:].max()


@pytest.mark.parametrize("training", ["batch", "online"])
@pytest.mark.parametrize("start", ["pca", "random"])
@pytest.mark.parametrize("toroidal", [False, True])
@pytest.mark.parametrize(("n", "size"), [(1, 3), (2, 1), (5, 1), (3, 40)])
def test_few_samples_and_few_numbers(training, start, toroidal, n, size):
    x = cloud(n, size)
    how = {"rows": 4, "columns": 3, "epochs": 3, "start": start, "toroidal": toroidal}
    som = fit(x, training=training, **how)[0]
    assert som.prototypes.isfinite().all()
    assert som.anomaly_score(x).max() < 4


def test_equal_samples_and_a_map_of_one_row():
    som = fit(torch.ones(20, 3), rows=1, columns=6)[0]
    assert torch.allclose(som.prototypes, torch.ones(6, 3), atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"rows": 1, "columns": 1}, "at least 2 units"),
        (
            {"radius": 1.0, "final_radius": 2.0},
            "final_radius is 2.0, but the radius shrinks from 1",
        ),
        ({"grid": "hexagonal", "toroidal": True, "rows": 5}, "even number of rows"),
    ],
)
def test_maps_that_cannot_be_are_refused(arguments, said):
    with pytest.raises(GenloomError, match=said):
        SelfOrganizingMap((3,), 2, **arguments)


def test_samples_that_are_not_finite_are_refused():
    with pytest.raises(TrainingDivergedError, match=r"SelfOrganizingMap: .* not finite"):
        fit(torch.tensor([[0.0], [torch.inf]]))
