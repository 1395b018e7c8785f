"""Codecs as plain dictionaries, whatever domain they are from."""

import importlib
from typing import Any


def codec_to_dict(codec: Any) -> dict[str, Any]:
    """A codec's class and state; ``codec_from_dict`` brings it back."""
    return {"class": f"{type(codec).__module__}.{type(codec).__qualname__}"} | codec.to_dict()


def codec_from_dict(state: dict[str, Any]) -> Any:
    """Bring a codec back. Only classes inside ``genloom.domains`` are looked up.

    Raises:
        ValueError: When the class is not one of this project's codecs.
    """
    module, _, name = state["class"].rpartition(".")
    if not module.startswith("genloom.domains."):
        raise ValueError(f"{state['class']} is not a codec of this project.")
    cls = getattr(importlib.import_module(module), name)
    return cls.from_dict({key: value for key, value in state.items() if key != "class"})
