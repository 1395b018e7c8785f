"""What floors over scikit-learn share: an estimator's state as tensors, and one thread."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

__all__ = ["PLAIN", "estimator_state", "one_thread", "restore_estimator"]

PLAIN = "json"  # the tensor that holds an estimator's scalars and texts


def one_thread() -> AbstractContextManager[Any]:
    """Keeps the number of cores out of the results, and small matrices from waiting on threads.

    (With two threads on a busy machine the mixtures of Fashion-MNIST took 136 s, with one 7 s.)
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits


def estimator_state(
    estimator: Any, name: str, *, only: Collection[str] | None = None
) -> dict[str, Tensor]:
    """What a fitted scikit-learn estimator has learnt, without pickle.

    Args:
        estimator: Fitted; its learnt attributes are arrays, numbers, texts, or lists or mappings of
            these.
        name: Prefix of the tensors' names.
        only: The learnt attributes to keep; by default all.

    Returns:
        ``name.attribute`` for each array, and ``name.json``, uint8, for the rest.

    Raises:
        TypeError: An attribute is neither; such an estimator needs a form of its own.
    """
    import numpy as np

    given = estimator.get_params(deep=False)
    learnt = {key: value for key, value in vars(estimator).items() if key not in given}
    if only is not None:
        learnt = {key: learnt[key] for key in only}
    tensors, plain = {}, {}
    for key, value in learnt.items():
        if isinstance(value, np.ndarray):
            # A copy, because safetensors refuses tensors that share memory.
            tensors[f"{name}.{key}"] = torch.from_numpy(np.array(value, order="C"))
        else:
            plain[key] = value.item() if isinstance(value, np.generic) else value
    text = json.dumps(plain, sort_keys=True).encode()
    tensors[f"{name}.{PLAIN}"] = torch.frombuffer(bytearray(text), dtype=torch.uint8)
    return tensors


def restore_estimator(estimator: Any, name: str, weights: Mapping[str, Tensor]) -> Any:
    """Give an estimator back what ``estimator_state`` took from one with the same parameters.

    Args:
        estimator: Not fitted, built with the parameters of the one that was.
        name: Prefix of the tensors' names.
        weights: Tensors of any number of estimators.

    Returns:
        The estimator, now fitted.

    Raises:
        KeyError: There are no tensors of that name.
    """
    plain = json.loads(weights[f"{name}.{PLAIN}"].numpy().tobytes())
    arrays = {
        key.removeprefix(f"{name}."): tensor.numpy().copy()
        for key, tensor in weights.items()
        if key.rpartition(".")[0] == name and key != f"{name}.{PLAIN}"
    }
    for key, value in (plain | arrays).items():
        # A file must not put data in place of a method.
        if not hasattr(type(estimator), key):
            setattr(estimator, key, value)
    return estimator
