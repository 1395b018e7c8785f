"""Find, check and build members: everything that is fitted, network or floor, by its name."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable
from typing import Any

from genloom.errors import GenloomError
from genloom.seeds import derive_seed
from genloom.tasks import TASKS

# What a member's block of parameters says besides the arguments of its class.
# ``codec`` chooses among those of the domain; ``of`` names the member that this one is made of;
# ``temperatures`` are those that it chooses its own among, by the validation split; ``pictures``
# are those that it has besides what every network has; ``task`` is what a mapper is for.
BLOCK_KEYS = ("role", "network", "low_data", "codec", "of", "temperatures", "pictures", "task")
# What the pipeline gives to a class or a recipe, so that parameters never do.
_GIVEN = ("shape", "classes", "x", "y", "seed", "codec", "model", "models")
# What the codec of series tells those whose constructor asks for it (``told``).
TOLD = ("horizon", "season", "calendar", "quantiles")
# What a class must be able to do to play a role.
_VERBS = {"generator": "sample", "predictor": "predict"}
_NOT_MEMBERS = {
    *("base", "hardware", "backbones", "optimizers", "predictor", "estimators", "trees"),
    "prototypes",
    *("language_model", "token_batches", "token_classifier", "token_drawing", "token_embedding"),
    "token_base",
    *("ngram_counts", "sequence_coder", "forecaster"),
}


def available() -> dict[str, str]:
    """Every network and floor by name, with the module that it is in (nothing is imported)."""
    found = {}
    for package in ("genloom.networks", "genloom.floors"):
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if module.name not in _NOT_MEMBERS:
                found[module.name] = f"{package}.{module.name}"
    return found


def member_class(network: str) -> Any:
    """The class behind a ``network:`` of the parameters.

    Raises:
        GenloomError: When there is no such network; the sentence lists those that exist.
    """
    modules = available()
    if network not in modules:
        raise GenloomError(
            f"There is no network or floor '{network}'; there are: {', '.join(sorted(modules))}."
        )
    module = importlib.import_module(modules[network])
    return getattr(module, module.__all__[0])


def arguments_of(block: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments in a member's block."""
    return {key: value for key, value in block.items() if key not in BLOCK_KEYS}


def with_told(block: dict[str, Any], codec: Any) -> dict[str, Any]:
    """A member's block with what its codec tells it, such as how far a forecast reaches."""
    asked = inspect.signature(member_class(block["network"])).parameters
    told = getattr(codec, "told", {})
    return block | {key: value for key, value in told.items() if key in asked}


def for_low_data(block: dict[str, Any]) -> dict[str, Any]:
    """A member's block with ``low_data`` laid over it, and over what it is made of."""
    lowered = block | (block.get("low_data") or {})
    return (
        lowered | {"of": for_low_data(block["of"])}
        if isinstance(block.get("of"), dict)
        else lowered
    )


def check(name: str, block: dict[str, Any], takes: str) -> None:
    """Hold a member's block against the signature of its class, before anything trains.

    Args:
        name: Where the block stands, e.g. ``"images.gan"``; every message begins with it.
        block: The parameters: ``role``, ``network``, ``low_data`` and the class's arguments.
        takes: The kind of tensors that its codec makes, e.g. ``"images"`` or ``"tokens"``.

    Raises:
        GenloomError: For a network or argument that does not exist (with those that do), a network
            for another kind of samples, or a value of the wrong type or out of range.
    """
    require_mapping(f"{name}.low_data", block.get("low_data") or {})
    network = block.get("network", name.rpartition(".")[2])
    cls = member_class(network)
    needed, role = _methods(name, block)
    if not _has_all(cls, needed):
        able = [n for n in sorted(available()) if _has_all(member_class(n), needed)]
        raise GenloomError(
            f"{name}.network is '{network}', which cannot play the role {role}; these can: "
            f"{', '.join(able)}."
        )
    if takes not in cls.takes:
        fitting = [n for n in sorted(available()) if takes in member_class(n).takes]
        raise GenloomError(
            f"{name}.network is '{network}', which learns from {' or '.join(cls.takes)} and not "
            f"from {takes}; these do: {', '.join(fitting)}."
        )
    _check_temperatures(name, cls, block.get("temperatures"))
    for part, arguments in (
        (name, arguments_of(block)),
        (f"{name}.low_data", block.get("low_data") or {}),
    ):
        check_arguments(part, cls, arguments)


def _methods(name: str, block: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """What a member's class must have for its role, and what that role is called."""
    role, task = block.get("role", ""), block.get("task")
    if role != "mapper":
        if task is not None:
            raise GenloomError(f"{name}.task is '{task}', but only a mapper has a task.")
        return ((_VERBS[role],) if role in _VERBS else ()), role
    if task not in TASKS:
        raise GenloomError(f"{name}.task is {task!r}, but there are: {', '.join(TASKS)}.")
    return TASKS[task].methods, TASKS[task].noun


def _has_all(cls: Any, methods: tuple[str, ...]) -> bool:
    return all(hasattr(cls, method) for method in methods)


def build(
    block: dict[str, Any], shape: tuple[int, ...], classes: int, *, seed: int, model: Any = None
) -> Any:
    """Build a member for samples of one shape; its first weights come from ``seed``.

    Args:
        block: The member's parameters; ``of``, where it is made of another, holds that one's block.
        shape: Shape of one encoded sample.
        classes: How many labels; 0 for a predictor of numbers.
        seed: Of the first weights.
        model: What it is made of, fitted; built anew from ``of`` if not given.
    """
    import torch

    cls, arguments = member_class(block["network"]), arguments_of(block)
    if block.get("of") is not None:
        inner = build(block["of"], shape, classes, seed=seed) if model is None else model
        parameters = inspect.signature(cls).parameters
        if "models" in parameters:  # several of a kind, which differ in their first weights
            size = block.get("size", parameters["size"].default)
            others = [
                build(block["of"], shape, classes, seed=derive_seed(seed, "ensemble", number))
                for number in range(1, size)
            ]
            arguments["models"] = [inner, *others]
        else:
            arguments["model"] = inner
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return cls(shape=tuple(shape), classes=classes, **arguments)


def _check_temperatures(name: str, cls: Callable[..., Any], temperatures: Any) -> None:
    if temperatures is None:
        return
    numbers = isinstance(temperatures, list) and len(temperatures) > 0
    if not numbers or any(
        isinstance(t, bool) or not isinstance(t, int | float) or t <= 0 for t in temperatures
    ):
        raise GenloomError(
            f"{name}.temperatures is {temperatures!r}, but has to be a list of numbers above 0."
        )
    if "temperature" not in inspect.signature(cls).parameters:
        raise GenloomError(
            f"{name} has nothing to choose among temperatures: {cls.__name__} draws without one."
        )


def check_arguments(name: str, cls: Callable[..., Any], arguments: dict[str, Any]) -> None:
    """Hold arguments against the signature of the class or function that is to take them.

    Args:
        name: Where they stand in the parameters; the sentence begins with it.
        cls: What takes them.
        arguments: By name.

    Raises:
        GenloomError: For one that does not exist (with those that do), or one of the wrong type or
            out of range.
    """
    from pydantic import ConfigDict, ValidationError, create_model

    allowed = {
        key: parameter
        for key, parameter in inspect.signature(cls).parameters.items()
        if key not in (*_GIVEN, *TOLD)
    }
    for key in arguments:
        if key not in allowed:
            raise GenloomError(
                f"{name} has no parameter '{key}'; {cls.__name__} takes: "
                f"{', '.join(sorted(allowed))}."
            )
    function = inspect.getattr_static(cls, "__init__") if isinstance(cls, type) else cls
    hints = inspect.get_annotations(function, eval_str=True, locals={"Tensor": Any})
    fields: dict[str, Any] = {
        # None as the default: only what the block says is checked, a class vouches for its own.
        key: (hints[key], None)
        for key in arguments
    }
    model = create_model("Arguments", __config__=ConfigDict(arbitrary_types_allowed=True), **fields)
    try:
        # Strict, as JSON: a list may stand for a tuple and 1 for 1.0, but no text for a number,
        # because the class gets the values as they are.
        model.model_validate_json(json.dumps(arguments, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise GenloomError(
            f"{name}.{place} is {first['input']!r}: {first['msg'].lower()}."
        ) from None


def require_mapping(name: str, value: Any) -> None:
    """Refuse a single value where parameters with names belong.

    Raises:
        GenloomError: When the value is no mapping.
    """
    if not isinstance(value, dict):
        raise GenloomError(f"{name} is {value!r}, but has to hold parameters by name.")


def is_floor(network: str) -> bool:
    """Whether a name stands for a classical floor rather than a network."""
    return available().get(network, "").startswith("genloom.floors.")


def names_by_role(block: dict[str, Any], role: str) -> list[str]:
    """The names of a domain's members that play ``role``, in the order of the parameters."""
    return [
        name for name, part in block.items() if isinstance(part, dict) and part.get("role") == role
    ]


def check_hardware(hardware: dict[str, Any]) -> None:
    """Check the ``hardware`` block.

    Raises:
        GenloomError: For an unknown key, a wrong type, or what ``Hardware.check`` refuses.
    """
    from genloom.networks.hardware import Hardware

    require_mapping("hardware", hardware)
    check_arguments("hardware", Hardware, hardware)
    Hardware(**hardware).check()


def check_recipe(name: str, recipe: str, arguments: dict[str, Any], domain: Any) -> None:
    """Check the arguments of a recipe that needs no generator.

    Raises:
        GenloomError: For a recipe or argument that does not exist, or a wrong type or range.
    """
    from genloom import recipes

    require_mapping(name, arguments)
    known: dict[str, Callable[..., Any]] = {
        "none": recipes.soft,
        "classical": domain.classical_moves,
        "mixup": recipes.mixup,
        "smote": recipes.smote,
    }
    if recipe not in domain.RECIPES:
        raise GenloomError(
            f"There is no recipe '{recipe}' here; there are: {', '.join(domain.RECIPES)}."
        )
    check_arguments(name, known[recipe], arguments)
