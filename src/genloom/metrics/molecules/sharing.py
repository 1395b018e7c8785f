"""How the metrics of many molecules are shared out among processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any

from genloom.errors import GenloomError
from genloom.processes import cores, end_with_parent

__all__ = ["Spread", "one_thread", "shared", "workers_for"]

#: Applies a function to each part of some work, in order: ``map``, or that of a pool of processes.
Spread = Callable[..., Iterable[Any]]

ALONE = 3000  # fewer molecules than these are done sooner than processes start
MOST, MOST_BESIDE = 8, 2  # processes, each with half a gigabyte of PyTorch and ChemNet


def workers_for(molecules: int) -> int:
    """How many processes so many molecules are worth: this one alone, or as many as cores, but few.

    In a process of a runner, which has one for every core already, a second one is worth while: at
    the end of a run the other cores are idle.
    """
    if molecules < ALONE:
        return 1
    return min(cores(), MOST_BESIDE if parent_process() else MOST)


@contextmanager
def shared(workers: int = 1) -> Iterator[Spread]:
    """A way to spread work over so many processes of one thread each, this one if it is one.

    Raises:
        GenloomError: A process ended early, usually because memory ran out.
    """
    if workers == 1:
        yield map
        return
    try:
        # Forking a process in which PyTorch has started threads may hang.
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin) as pool:
            yield pool.map
    except BrokenProcessPool as error:
        raise GenloomError(
            "A process that measures molecules ended early: if memory ran out, close other "
            "programs or judge fewer samples (molecules.sampling.size); if this runs in a script "
            'of your own, put what that does below if __name__ == "__main__".'
        ) from error


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch sums in the same order whatever the machine; more cores are for ``shared``."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _begin() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    if torch := sys.modules.get("torch"):  # imported already by what this process was started with
        torch.set_num_threads(1)
    end_with_parent()
