"""What all networks get from the base: averaged weights, sparse logging, sampling and walking."""

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from genloom.errors import GenloomError
from genloom.networks.base import Generator, moving_average


class Identity(Generator):
    """Gives its noise back, with the label added."""

    def __init__(self) -> None:
        super().__init__()
        self.shape, self.classes, self.latent_shape = (1, 2, 2), 3, (1, 2, 2)

    def generate(self, z, y):
        return 0.01 * z + 0.1 * y[:, None, None, None]


def test_labels_are_uniform_unless_given():
    x = Identity().sample(3000, seed=0)
    labels = (10 * x.mean(dim=(1, 2, 3))).round()
    assert torch.bincount(labels.long(), minlength=3).min() > 900


def test_given_labels_are_obeyed_in_order():
    labels = torch.tensor([2, 0, 1, 2])
    x = Identity().sample(4, labels=labels, seed=0)
    assert torch.equal((10 * x.mean(dim=(1, 2, 3))).round().long(), labels)


def test_sampling_leaves_the_global_random_numbers_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    Identity().sample(10, seed=5)
    assert torch.equal(torch.rand(3), expected)


def test_other_seeds_give_other_samples():
    assert not torch.equal(Identity().sample(10, seed=1), Identity().sample(10, seed=2))


def test_nothing_can_be_sampled_too():
    assert Identity().sample(0, seed=1).shape == (0, 1, 2, 2)


def test_number_and_labels_must_agree():
    with pytest.raises(GenloomError, match="5 samples were asked for with 3 labels"):
        Identity().sample(5, labels=torch.tensor([0, 1, 2]), seed=0)


def test_a_walk_keeps_the_length_of_the_latents():
    network = Identity()
    network.shape = network.latent_shape = (1, 20, 20)  # long vectors, whose lengths hardly differ
    walk = network.interpolate(torch.tensor([0, 0]), steps=5, seed=0)
    assert walk.shape == (2, 5, 1, 20, 20)
    lengths = walk.flatten(2).norm(dim=2)
    assert lengths.min() > 0.9 * lengths.max()
    assert not torch.equal(walk[:, 0], walk[:, -1])


def test_the_moving_average_of_a_short_training_has_forgotten_the_start():
    weight = torch.nn.Linear(1, 1, bias=False)
    average = AveragedModel(weight, multi_avg_fn=moving_average(0.999))
    with torch.no_grad():
        weight.weight.fill_(100.0)
        average.update_parameters(weight)
        weight.weight.fill_(1.0)
    for _ in range(100):
        average.update_parameters(weight)
    assert average.module.weight.item() == pytest.approx(1.0, abs=0.1)
