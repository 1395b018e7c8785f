"""Which source files the result of a function rests on, found by reading code without running it.

The grain is the definition: of a module that several functions share, only what the asked-for
function reaches is followed further. A figure's code so stays out of the training stages, although
both live behind one package's ``__init__``. Three things that static reading cannot see:

- modules imported by a name made at run time: the caller names them as further entries;
- what importing a package does besides binding names: of ``a.b.c``, the ``__init__`` files of ``a``
  and ``a.b`` count only where a name is taken from them;
- which of an object's methods is called: a class is followed as a whole, and so is a module that
  is passed around as one (``from genloom import recipes``).
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

# A module and a name defined in it; None stands for all of the module.
Entry = tuple[str, str | None]


class Sources:
    """The Python files below one folder.

    Args:
        folder: The folder that packages lie in (``src``). What lies elsewhere is a library's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._modules: dict[str, Module | None] = {}

    def files(self, entries: Iterable[Entry]) -> set[Path]:
        """Every file that the entries rest on, their own included.

        Args:
            entries: Modules, or definitions in them; those of libraries are passed over.
        """
        todo, seen, found = list(entries), set(), set()
        while todo:
            entry = todo.pop()
            module = self.module(entry[0])
            if module is None or entry in seen:
                continue
            seen.add(entry)
            found.add(module.path)
            further, data = module.reach(entry[1])
            todo += further
            found |= data
        return found

    def module(self, name: str) -> "Module | None":
        """A module of this folder by its dotted name, or None."""
        if name not in self._modules:
            path = self._path(name)
            self._modules[name] = Module(name, path, self) if path else None
        return self._modules[name]

    def _path(self, name: str) -> Path | None:
        place = self.folder.joinpath(*name.split("."))
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if name and path.is_file():
                return path
        return None


class Module:
    """One file: its top-level statements, and what each of them refers to."""

    def __init__(self, name: str, path: Path, sources: Sources) -> None:
        self.name, self.path, self.sources = name, path, sources
        self._reached: dict[str | None, tuple[list[Entry], set[Path]]] = {}

    def reach(self, name: str | None) -> tuple[list[Entry], set[Path]]:
        """What the statements behind a name lead to; read once, for stages share most of it."""
        if name not in self._reached:
            statements = self.statements(name)
            further = [entry for part in statements for entry in self.leads_to(part)]
            data = [self.data_files(part) for part in statements]
            self._reached[name] = further, set().union(*data)
        return self._reached[name]

    @cached_property
    def _parts(self) -> list[ast.stmt]:
        return list(_flat(ast.parse(self.path.read_text(encoding="utf-8")).body))

    @cached_property
    def _bound(self) -> dict[str, list[ast.stmt]]:
        bound: dict[str, list[ast.stmt]] = {}
        for statement in self._parts:
            for name in _names(statement):
                bound.setdefault(name, []).append(statement)
        return bound

    def statements(self, name: str | None) -> list[ast.stmt]:
        """The statements behind a name: all of them for None, or for a name made in other ways."""
        if name is None or name not in self._bound:
            return self._parts
        # A statement that binds nothing is there for what it does: it counts with every name.
        return self._bound[name] + [part for part in self._parts if not _names(part)]

    def leads_to(self, statement: ast.stmt) -> list[Entry]:
        """The definitions, here and in other modules, that a statement refers to."""
        found: list[Entry] = []
        for node in _walk(statement):
            if isinstance(node, ast.Name) and node.id in self._bound:
                found.append((self.name, node.id))
            elif isinstance(node, ast.Import):
                found += [(alias.name, None) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += self._imported(node)
        return found

    def _imported(self, node: ast.ImportFrom) -> Iterator[Entry]:
        base = node.module or ""
        if node.level:
            package = self.name.split(".")
            # One dot is the module's own package, which for an __init__ is the module itself.
            up = node.level - (self.path.name == "__init__.py")
            base = ".".join([*package[: len(package) - up], *([base] if base else [])])
        for alias in node.names:
            submodule = f"{base}.{alias.name}"
            if alias.name == "*":
                yield base, None
            elif self.sources.module(submodule):
                yield submodule, None
            else:
                yield base, alias.name

    @cached_property
    def _beside(self) -> dict[str, Path]:
        """Files in the same folder that are no code, by name."""
        return {
            path.name: path
            for path in self.path.parent.iterdir()
            if path.is_file() and path.suffix not in (".py", ".pyc")
        }

    def data_files(self, statement: ast.stmt) -> set[Path]:
        """Files beside the module that a statement names (templates), and those they name."""
        beside = self._beside
        texts = [
            node.value
            for node in _walk(statement)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found: set[Path] = set()
        while texts:
            text = texts.pop()
            for name, path in beside.items():
                if name in text and path not in found:
                    found.add(path)
                    texts.append(path.read_text(encoding="utf-8", errors="replace"))
        return found


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Top-level statements one by one: out of their blocks, and with one name per import."""
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                one = [alias]
                yield (
                    ast.Import(one)
                    if isinstance(statement, ast.Import)
                    else ast.ImportFrom(statement.module, one, statement.level)
                )
        elif isinstance(statement, ast.If):
            yield from _flat(_branches(statement))
        elif isinstance(statement, ast.Try):
            handled = [part for handler in statement.handlers for part in handler.body]
            yield from _flat(statement.body + handled + statement.orelse + statement.finalbody)
        else:
            yield statement


def _names(statement: ast.stmt) -> list[str]:
    """The module's names that a flat statement binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        aliases = [alias for alias in statement.names if alias.name != "*"]
        return [alias.asname or alias.name.split(".")[0] for alias in aliases]
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    else:
        return []
    return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """``ast.walk`` without what only type checkers read."""
    yield node
    children = _branches(node) if isinstance(node, ast.If) else ast.iter_child_nodes(node)
    for child in children:
        yield from _walk(child)


def _branches(node: ast.If) -> list[ast.stmt]:
    for_types = ast.unparse(node.test).endswith("TYPE_CHECKING")
    return node.orelse if for_types else node.body + node.orelse
