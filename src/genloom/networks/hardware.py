"""Where and how a network trains: the one thing that environments change besides budgets."""

from dataclasses import dataclass
from typing import Literal

from genloom.errors import GenloomError


@dataclass(frozen=True)
class Hardware:
    """The machine's share that one training may use.

    Attributes:
        accelerator: ``"cpu"``, ``"gpu"`` or ``"auto"`` (Lightning's words).
        devices: How many of them; more than one is refused, see ``check``.
        threads: Processor threads per training. The number is part of the recipe: another
            number sums in another order, and so gives other bytes.
        precision: Lightning's word for the number format, e.g. ``"32-true"`` or ``"bf16-mixed"``.
        progress: Whether a progress bar is drawn while a network trains.
    """

    accelerator: Literal["cpu", "gpu", "auto"] = "cpu"
    devices: int = 1
    threads: int = 1
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    progress: bool = True

    def check(self) -> None:
        """Refuse what cannot work, before anything trains.

        Raises:
            GenloomError: For several devices (a distributed strategy would start the whole
                ``kedro run`` again in every process), or fewer than one thread.
        """
        if self.devices != 1:
            raise GenloomError(
                f"hardware.devices is {self.devices}, but a network trains on one device: "
                "set it to 1 and use --runner ParallelRunner to train several networks at once."
            )
        if self.accelerator == "gpu":
            import torch

            if not torch.cuda.is_available():
                raise GenloomError(
                    "hardware.accelerator is gpu, but torch finds none on this machine: set it to "
                    "cpu or auto, or run another environment than gpu."
                )
        if self.threads < 1:
            raise GenloomError(f"hardware.threads is {self.threads}; it must be at least 1.")
