"""Classical moves: small, reproducible, and true to the edges of the image."""

import pytest
import torch

from genloom.domains.images import classical
from genloom.domains.images.classical import classical_moves

STILL = {"degrees": 0, "shift": 0, "scale": 0, "shear": 0}


def blobs(n: int, channels: int = 1, height: int = 16, width: int = 16) -> torch.Tensor:
    """Bright squares on a background of -1."""
    x = torch.full((n, channels, height, width), -1.0)
    x[..., height // 4 : -height // 4, width // 4 : -width // 4] = 1
    return x


def test_order_shape_and_range() -> None:
    # Of one grey level each, so that a moved image still tells which one it was.
    levels = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0])
    x = levels.reshape(5, 1, 1, 1).expand(5, 3, 16, 16)
    out = classical_moves(x, seed=0, copies=3)
    assert out.shape == (15, 3, 16, 16)
    assert out.dtype == x.dtype
    assert out.min() >= -1
    assert out.max() <= 1
    torch.testing.assert_close(out.mean(dim=(1, 2, 3)), levels.repeat(3))


def test_copies_differ_and_the_seed_decides() -> None:
    x = blobs(2)
    out = classical_moves(x, seed=0)
    assert out.shape[0] == 8
    assert len({tuple(image.flatten().tolist()) for image in out}) == 8
    assert torch.equal(out, classical_moves(x, seed=0))
    assert not torch.equal(out, classical_moves(x, seed=1))


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.rand(23, 3, 8, 8) * 2 - 1
    whole = classical_moves(x, seed=5)
    monkeypatch.setattr(classical, "BATCH", 4)
    torch.testing.assert_close(classical_moves(x, seed=5), whole)


def test_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    classical_moves(blobs(1), seed=0)
    assert torch.equal(before, torch.get_rng_state())


def test_no_movement_changes_nothing() -> None:
    x = torch.cat([blobs(2, height=8, width=12), torch.rand(2, 1, 8, 12) * 2 - 1])
    out = classical_moves(x, seed=0, copies=1, **STILL)
    torch.testing.assert_close(out, x, atol=1e-5, rtol=0)


def test_edges_are_background_or_the_border() -> None:
    on_black, photograph = blobs(1), torch.full((1, 1, 16, 16), 0.5)
    # A stroke that touches the edge must not be smeared outwards.
    on_black[..., 0, 8] = 1
    out = classical_moves(
        torch.cat([on_black, photograph]), seed=0, copies=50, **{**STILL, "shift": 0.4}
    ).reshape(50, 2, 1, 16, 16)
    torch.testing.assert_close(out[:, 1], photograph.expand(50, 1, 16, 16))
    assert (out[:, 0] + 1).sum(dim=(1, 2, 3)).max() <= (on_black + 1).sum() + 1e-3


def test_turning_keeps_proportions_of_images_that_are_not_square() -> None:
    x = torch.full((1, 1, 20, 40), -1.0)
    x[..., 8:12, 14:26] = 1  # 12 wide, 4 high
    out = classical_moves(x, seed=0, copies=20, **{**STILL, "degrees": 90})
    mass = (out + 1).sum(dim=(1, 2, 3))
    torch.testing.assert_close(mass, (x + 1).sum().expand(20), rtol=0.05, atol=0)


def test_empty() -> None:
    assert classical_moves(torch.zeros(0, 1, 8, 8), seed=0).shape == (0, 1, 8, 8)
    assert classical_moves(blobs(2), seed=0, copies=0).shape == (0, 1, 16, 16)
