"""How token networks are optimised: Muon for matrices, AdamW for the rest, one schedule."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn


class MuonAdamW(torch.optim.Optimizer):
    """Muon and AdamW as one optimizer, so that one schedule and one step serve both.

    Muon replaces a matrix's update by the nearest orthogonal one (Jordan et al., 2024,
    kellerjordan.github.io/posts/muon); vectors, embeddings and output layers are AdamW's.

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
            self.parts.append(torch.optim.Muon(matrices, lr=muon_lr, weight_decay=weight_decay))
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
