"""Faults of a sensor, put into copies of windows that had none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def _spike(values: NDArray[Any], size: float, strength: float, random: np.random.Generator) -> None:
    """One value far off."""
    place = random.integers(len(values))
    values[place] += strength * size * random.choice([-1, 1])


def _drift(values: NDArray[Any], size: float, strength: float, random: np.random.Generator) -> None:
    """Values that run away, from somewhere in the second half on."""
    start = _somewhere(len(values), random)
    end = strength * size * random.choice([-1, 1])
    steps = len(values) - start
    values[start:] += end * (1 + _counted(steps)) / steps


def _stuck(values: NDArray[Any], size: float, strength: float, random: np.random.Generator) -> None:
    """A sensor that says the same again and again, for a share of the window."""
    length = max(2, round(strength * len(values)))
    start = random.integers(1, max(2, len(values) - length + 1))
    values[start : start + length] = values[start - 1]


def _slow(values: NDArray[Any], size: float, strength: float, random: np.random.Generator) -> None:
    """Everything happens at another pace, from somewhere in the first half on."""
    import numpy as np

    start = int(random.integers(0, max(1, len(values) // 2)))
    places = start + strength * _counted(len(values) - start)
    values[start:] = np.interp(places, np.arange(len(values)), values)


def _somewhere(length: int, random: np.random.Generator) -> int:
    return int(random.integers(length // 2, max(length // 2 + 1, 3 * length // 4)))


def _counted(steps: int) -> NDArray[Any]:
    import numpy as np

    return np.arange(steps, dtype=np.float64)


class Fault(NamedTuple):
    """One kind of fault.

    Attributes:
        put: Changes a window in place: ``put(values, size, strength, random)``.
        share: Whether its strength is a share between 0 and 1, or a number of sizes.
    """

    put: Callable[..., None]
    share: bool


FAULTS = {
    "spike": Fault(_spike, share=False),
    "drift": Fault(_drift, share=False),
    "stuck": Fault(_stuck, share=True),
    "frequency": Fault(_slow, share=True),
}


def faulty(
    values: NDArray[Any], kind: str, strength: float, *, size: float, seed: int
) -> NDArray[Any]:
    """A copy of a window with one fault in it.

    Args:
        values: ``[steps]``.
        kind: One of ``FAULTS``.
        strength: Of a spike, or of a drift at its end, in ``size``; of ``stuck`` the share of the
            window; of ``frequency`` the pace, 0.5 for half of it.
        size: How much windows of the series usually vary.
        seed: Decides where the fault is, and its sign.
    """
    import numpy as np

    copy = np.array(values, dtype=np.float64)
    FAULTS[kind].put(copy, size, strength, np.random.default_rng(seed))
    return copy
