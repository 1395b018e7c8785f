"""How token networks are optimised: Muon for matrices, AdamW for the rest, one schedule."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

# Of the quintic iteration that Muon's author chose for a steep start rather than for convergence.
COEFFICIENTS, ROUNDS = (3.4445, -4.7750, 2.0315), 5


def orthogonal(matrices: Tensor) -> Tensor:
    """About the nearest matrices whose singular values are all 1; they come out at 0.7 to 1.2.

    Five rounds of a Newton-Schulz iteration (Jordan et al., 2024,
    kellerjordan.github.io/posts/muon).
    Torch's own Muon does this in bfloat16, which takes processors without instructions for it
    thirty times as long; here numbers stay as they are.

    Args:
        matrices: ``[n, rows, columns]``.
    """
    a, b, c = COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum whose updates are made orthogonal, for matrices (Jordan et al., 2024).

    Args:
        params: Parameters of two dimensions.
        lr: Learning rate; the update of a matrix with more rows than columns is scaled by the root
            of their ratio.
        weight_decay: Share of a parameter that decays at every step, times ``lr``.
        momentum: How much of the earlier gradients is kept, Nesterov's way.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        *,
        lr: float,
        weight_decay: float,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:  # type: ignore[override]
        """One step; matrices of one shape are made orthogonal together."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for (rows, columns), alike in by_shape.items():
                updates = [self._with_momentum(each, group["momentum"]) for each in alike]
                scale = group["lr"] * max(1.0, rows / columns) ** 0.5
                for parameter, update in zip(alike, orthogonal(torch.stack(updates)), strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update, alpha=-scale)
        return loss

    def _with_momentum(self, parameter: nn.Parameter, momentum: float) -> Tensor:
        assert parameter.grad is not None
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(state["momentum"], momentum)


class MuonAdamW(torch.optim.Optimizer):
    """Muon and AdamW as one optimizer, so that one schedule and one step serve both.

    Muon takes matrices; vectors, embeddings and output layers are AdamW's.

    Args:
        matrices: Parameters for Muon, all of two dimensions.
        others: Groups for AdamW, each with ``params`` and ``lr``.
        muon_lr: Muon's learning rate.
        weight_decay: Of both.
    """

    def __init__(
        self,
        matrices: list[nn.Parameter],
        others: list[dict[str, Any]],
        *,
        muon_lr: float,
        weight_decay: float,
    ) -> None:
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(others, betas=(0.9, 0.95), fused=True, weight_decay=weight_decay)
        ]
        if matrices:
            self.parts.append(Muon(matrices, lr=muon_lr, weight_decay=weight_decay))
        super().__init__([group for part in self.parts for group in part.param_groups], {})
        # The parts' own groups, so that whoever schedules these schedules those.
        self.param_groups = [group for part in self.parts for group in part.param_groups]

    def step(self, closure: Any = None) -> Any:  # type: ignore[override]
        """One step of both."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part in self.parts:
            part.step()
        return loss


def trapezoid(steps: int, *, warmup: float, decay: float) -> Any:
    """A learning rate that rises, stays, and falls to zero, as a factor by step.

    Args:
        steps: Length of the training.
        warmup: Share of the steps in which it rises, linearly.
        decay: Share of the steps in which it falls, linearly.

    References:
        Hägele et al., *Scaling laws and compute-optimal training beyond fixed training durations*,
        2024 (arXiv 2405.18392).
    """
    rising, falling = max(1.0, warmup * steps), max(1.0, decay * steps)

    def factor(step: int) -> float:
        return max(0.0, min(1.0, (step + 1) / rising, (steps - step) / falling))

    return factor


def optimizer_and_schedule(
    matrices: Iterable[nn.Parameter],
    others: list[dict[str, Any]],
    *,
    muon_lr: float,
    weight_decay: float,
    steps: int,
    warmup: float,
    decay: float,
) -> dict[str, Any]:
    """What ``configure_optimizers`` of a token network returns."""
    optimizer = MuonAdamW(list(matrices), others, muon_lr=muon_lr, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, trapezoid(steps, warmup=warmup, decay=decay)
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
