"""What counts as valid Python, and what does not."""

import math
import warnings

import pandas as pd
import pytest

from genloom.domains.code.measures import METRICS, compile_rate, own_metrics, parse_rate
from genloom.domains.text import measures as text
from genloom.metrics.table import BETTER, distance_to_ideal

GOOD = ["def f(x):\n    return x", "async def f():\n    await g()", "class A: pass", "# só"]
ONLY_PARSED = [
    "return 1",
    "break",
    "def f(a, a): pass",
    "nonlocal x",
]
BAD = ["def f(:", "def f():\n    return (1,", "  x = 1\n y", "print 'two'", "a\0b", "'\ud800'"]


@pytest.mark.parametrize("code", GOOD)
def test_good_code(code: str) -> None:
    assert parse_rate([code]) == compile_rate([code]) == 1


@pytest.mark.parametrize("code", ONLY_PARSED)
def test_code_that_only_parses(code: str) -> None:
    assert parse_rate([code]) == 1
    assert compile_rate([code]) == 0


@pytest.mark.parametrize(
    "code", [*BAD, "(" * 5000, "x = " + "[" * 3000 + "]" * 3000, "-" * 4000 + "1", "9" * 5000]
)
def test_bad_code(code: str) -> None:
    assert compile_rate([code]) == 0
    assert parse_rate([code]) == 0


def test_rates_count_all_that_is_not_empty() -> None:
    codes = [*GOOD, *ONLY_PARSED, *BAD[:4], "", " \n\t"]
    assert parse_rate(codes) == 8 / 12
    assert compile_rate(codes) == 4 / 12
    assert parse_rate(["", "\n"]) == compile_rate([]) == 0


def test_nothing_is_run_and_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    odd = ["x = '\\d'", "1 is 1", "raise SystemExit", "print('woven')", "assert (1, 'a')"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse_rate(odd) == compile_rate(odd) == 1
    assert capfd.readouterr() == ("", "")


def test_the_futures_of_this_project_are_not_those_of_the_code() -> None:
    # Where annotations are not evaluated, nothing may be named in them.
    assert compile_rate(["def f(x: (a := 1)): pass"]) == 1


def test_own_metrics_and_their_explanations() -> None:
    codes = pd.DataFrame({"content": ["def f():\n    return 1", "return", "def f(", ""]})
    found = own_metrics(codes, codes, codes)
    assert found == text.own_metrics(codes, codes, codes) | {
        "parse_rate": 2 / 3,
        "compile_rate": 1 / 3,
    }
    assert set(METRICS) == {*text.METRICS, "parse_rate", "compile_rate"}
    assert set(found) <= set(METRICS)
    for name in ("parse_rate", "compile_rate"):
        assert name not in BETTER
        assert METRICS[name].better == "higher"
        assert math.isfinite(distance_to_ideal(METRICS[name].better, 1.0))
        assert METRICS[name].sentence.endswith(".")
