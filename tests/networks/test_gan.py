"""The GAN's losses, its penalties against autograd, its augmentation."""

import pytest
import torch

from genloom.networks.gan import GAN, augmented, gradient_norm2

CHOICES = ("translation", "affine", "cutout", "brightness")


def quadratic(x):
    """x A x / 2 with a diagonal A: its gradient is A x, known exactly."""
    weight = torch.arange(1.0, 5.0).reshape(1, 2, 2)
    return 0.5 * (weight * x.square()).flatten(1).sum(dim=1)


def test_penalty_is_the_squared_length_of_the_gradient():
    x = torch.randn(6, 1, 2, 2)
    expected = (torch.arange(1.0, 5.0).reshape(1, 2, 2) * x).square().flatten(1).sum(dim=1)
    assert torch.allclose(gradient_norm2(quadratic, x), expected, atol=1e-5)


def test_penalty_can_be_differentiated_again():
    slope = torch.tensor(3.0, requires_grad=True)
    norm2 = gradient_norm2(lambda x: slope * x.flatten(1).sum(dim=1), torch.randn(2, 1, 2, 2))
    norm2.mean().backward()  # 4 slope^2, so the derivative is 8 slope
    assert slope.grad.item() == pytest.approx(24.0)


@pytest.mark.parametrize("loss", ["r3gan", "wgan_gp", "non_saturating"])
def test_every_loss_wants_real_above_generated(loss):
    network = GAN((1, 8, 8), 2, loss=loss, width=8, hidden=8, critic_width=8)
    high, low = torch.full((4,), 2.0), torch.full((4,), -2.0)
    assert network._critic_loss(high, low) < network._critic_loss(low, high)


@pytest.mark.parametrize("loss", ["r3gan", "wgan_gp", "non_saturating"])
def test_every_loss_trains_both_networks(loss):
    torch.manual_seed(0)
    x, y = torch.rand(32, 1, 8, 8) * 2 - 1, torch.randint(2, (32,))
    network = GAN((1, 8, 8), 2, loss=loss, width=8, hidden=8, critic_width=8, steps=3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    history = network.fit(x, y, seed=0)
    assert {"generator", "discriminator", "penalty"} <= set(history.metric)
    for part in ("generator.latent.weight", "critic.score.weight"):
        assert not torch.equal(before[part], network.state_dict()[part])


def test_a_penalty_stands_in_the_history_only_where_it_was_computed():
    x, y = torch.rand(32, 1, 8, 8) * 2 - 1, torch.randint(2, (32,))
    network = GAN((1, 8, 8), 2, width=8, hidden=8, critic_width=8, steps=7, penalty_every=3)
    history = network.fit(x, y, seed=0)
    steps = history.groupby("metric")["step"].agg(list)
    assert steps["penalty"] == [0, 3, 6]
    assert steps["generator"] == steps["discriminator"] == list(range(7))


def test_parameters_are_those_of_the_generator():
    network = GAN((1, 8, 8), 2, width=8, hidden=8, critic_width=8)
    assert network.parameter_count == sum(value.numel() for value in network.weights().values())
    assert network.parameter_count < sum(value.numel() for value in network.parameters())


@pytest.mark.parametrize("choice", CHOICES)
def test_augmentation_changes_images_and_passes_gradients(choice):
    torch.manual_seed(0)
    x = torch.rand(16, 3, 8, 8, requires_grad=True)
    y = augmented(x, (choice,))
    assert y.shape == x.shape
    assert not torch.equal(y, x)
    y.sum().backward()
    assert x.grad.abs().sum() > 0


def test_translation_moves_whole_pixels_by_an_eighth_at_most():
    torch.manual_seed(0)
    x = -torch.ones(40, 1, 8, 8)
    x[:, :, 4, 4] = 1.0
    y = augmented(x, ("translation",))
    assert torch.equal(y.flatten(1).amax(dim=1), torch.ones(40))
    assert torch.equal(y[:, :, 3:6, 3:6].flatten(1).amax(dim=1), torch.ones(40))
    assert len(y.flatten(1).argmax(dim=1).unique()) == 9


def test_no_choice_changes_nothing():
    x = torch.rand(2, 1, 8, 8)
    assert augmented(x, ()) is x
