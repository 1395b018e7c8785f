"""The parameters of the base environment, and which keys of which file a stage reads."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from genloom.errors import GenloomError

# Parameters that change what a person sees and no byte of any result.
SILENT = {"hardware.progress"}
# What the names of parameters that say where a person's own data lies end in.
OWN_DATA = ("folder", "file", "table")


class Parameters:
    """What the parameters files of ``conf/base`` say, as DVC reads them: raw, by file.

    Args:
        base: The folder of the files.
        root: The project's folder, which paths start from.
    """

    def __init__(self, base: Path, root: Path) -> None:
        self.base, self.root = base, root
        self.files: dict[str, dict[str, Any]] = {
            relative(path, root): yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            for path in sorted(base.rglob("parameters*.yml"))
        }

    def names(self, datasets: Iterable[str]) -> list[str]:
        """The parameters among the inputs of nodes, by dotted name."""
        found = set()
        for dataset in datasets:
            if dataset == "parameters":
                found |= {key for block in self.files.values() for key in block}
            elif is_parameter(dataset):
                found.add(dataset.removeprefix("params:"))
        return sorted(found)

    def file_of(self, name: str) -> str:
        """The file that says a parameter.

        Raises:
            GenloomError: When none does.
        """
        outer, _, last = name.rpartition(".")
        for path, block in self.files.items():
            place = _dig(block, outer) if outer else block
            if isinstance(place, dict) and last in place:
                return path
        raise GenloomError(
            f"A node reads the parameter '{name}', which no parameters file in "
            f"{relative(self.base, self.root)} says."
        )

    def value(self, name: str) -> Any:
        """A parameter by its dotted name."""
        return _dig(self.files[self.file_of(name)], name)

    def keys(self, names: Iterable[str]) -> list[dict[str, list[str]]]:
        """DVC's ``params`` for some parameters: keys by file, without what changes no bytes."""
        listed: dict[str, set[str]] = {}
        for name in names:
            keys = listed.setdefault(self.file_of(name), set())
            if any(silent.startswith(f"{name}.") for silent in SILENT):
                keys |= {f"{name}.{key}" for key in self.value(name)} - SILENT
            else:
                keys.add(name)
        return [{path: sorted(listed[path])} for path in sorted(listed)]

    def own_data(self, names: Iterable[str]) -> Iterator[str]:
        """Where a person's own data lies, where a parameter says that there is some."""
        for name in names:
            value = self.value(name)
            if name.rpartition(".")[2] in OWN_DATA and isinstance(value, str):
                yield relative(self.root / Path(value).expanduser(), self.root)

    def networks(self, names: Iterable[str]) -> list[str]:
        """Every ``network:`` that some parameters name, at any depth."""
        return [network for name in names for network in _networks(self.value(name))]


def is_parameter(dataset: str) -> bool:
    """Whether a node's input is a parameter."""
    return dataset == "parameters" or dataset.startswith("params:")


def relative(path: Path, root: Path) -> str:
    """A path as DVC likes it: from the project's root where it lies inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _dig(block: Any, name: str) -> Any:
    for part in name.split("."):
        block = block.get(part) if isinstance(block, dict) else None
    return block


def _networks(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("network"), str):
            yield value["network"]
        for part in value.values():
            yield from _networks(part)
