"""What is measured of code: all that is measured of text, and whether it is valid Python."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from genloom.domains.text import measures as text
from genloom.metrics.table import Measure

if TYPE_CHECKING:
    import pandas as pd

METRICS: dict[str, Measure] = text.METRICS | {
    "parse_rate": Measure(
        "higher",
        "parse rate",
        "Share of the samples that Python's grammar accepts; a sample that was cut off counts as "
        "wrong, and one that says nothing but pass counts as right.",
    ),
    "compile_rate": Measure(
        "higher",
        "compile rate",
        "Share of the samples that Python compiles, which also refuses what the grammar allows, "
        "such as a break outside a loop; nothing is run, so names may mean nothing.",
    ),
}


def own_metrics(
    generated: pd.DataFrame, references: pd.DataFrame, train: pd.DataFrame
) -> dict[str, float]:
    """The own metrics of text, ``parse_rate`` and ``compile_rate``.

    Args:
        generated: Column ``content``: the samples that are judged.
        references: The same of real samples, which they are held against.
        train: The same of what the generator was fitted on.

    Raises:
        GenloomError: There are no generated samples or no references.
    """
    codes = generated["content"].tolist()
    return text.own_metrics(generated, references, train) | {
        "parse_rate": parse_rate(codes),
        "compile_rate": compile_rate(codes),
    }


def parse_rate(codes: Iterable[str]) -> float:
    """Share of codes that parse as Python modules, in [0, 1].

    Codes of white space alone do not count; 0 where there are no others.

    >>> parse_rate(["return 1", "return", "def f(:", ""])
    0.6666666666666666
    """
    return _share(codes, ast.parse)


def compile_rate(codes: Iterable[str]) -> float:
    """Share of codes that compile as Python modules, in [0, 1]; nothing is run.

    Codes of white space alone do not count; 0 where there are no others.

    >>> compile_rate(["def f(): return 1", "return 1"])
    0.5
    """
    return _share(codes, _compile)


def _compile(code: str) -> Any:
    # This module's own `from __future__` lines are not the code's.
    return compile(code, "<sample>", "exec", dont_inherit=True)


def _share(codes: Iterable[str], reads: Callable[[str], Any]) -> float:
    accepted = [_accepts(reads, code) for code in codes if code.strip()]
    return sum(accepted) / len(accepted) if accepted else 0.0


def _accepts(reads: Callable[[str], Any], code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd escapes, comparisons by `is` and the like
        try:
            reads(code)
        # ValueError: a null character or half a surrogate pair. The last two: nested too deeply.
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
