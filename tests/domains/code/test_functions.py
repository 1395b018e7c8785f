"""Functions are cut out of files whole, and each stands alone."""

import ast
from pathlib import Path

import pytest

from genloom.domains.code.functions import CodeFile, Function, cut_functions, read_code, read_files
from genloom.errors import GenloomError

MODULE = '''"""Docstring."""
import functools

def first(): return 1; # one line

@functools.cache
@(
    functools.cache
)
async def second(a,
                 b=2):
    """Say

    more."""
    def nested():
        pass
    # the end
    return nested  # of all

if True:
    try:
        def third(): pass
    except ValueError:
        def fourth(): pass
    else:
        match 1:
            case 1:
                def fifth(): pass

class Outer:
\tclass Inner:
\t\t@property
\t\tdef method(self):
\t\t\tx = """
at the margin
\t\tindented
"""
# a comment at the margin

\t\t\treturn lambda: x

\tdef last(self):
\t\tclass Local:
\t\t\tdef hidden(self): ...
\t\treturn Local   
'''


def test_what_is_cut_out() -> None:
    found = {function.name: function for function in cut_functions(MODULE)}
    assert list(found) == [
        *("first", "second", "third", "fourth", "fifth"),
        *("Outer.Inner.method", "Outer.last"),
    ]
    assert found["first"] == Function("first", 4, "def first(): return 1; # one line")
    assert found["second"].line == 6
    assert found["second"].source == "\n".join(MODULE.split("\n")[5:18])
    assert found["fifth"].source == "def fifth(): pass"
    assert found["Outer.Inner.method"].source == (
        '@property\ndef method(self):\n\tx = """\nat the margin\nindented\n"""\n'
        "# a comment at the margin\n\n\treturn lambda: x"
    )
    assert found["Outer.last"].source.endswith("\treturn Local")


def test_each_stands_alone() -> None:
    for function in cut_functions(MODULE):
        (node,) = ast.parse(function.source).body
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        assert node.name == function.name.rpartition(".")[2]


def test_a_decorator_whose_at_sign_stands_above() -> None:
    (function,) = cut_functions("x = 1\n@(\n    staticmethod\n)\ndef f(): pass\n")
    assert function == Function("f", 2, "@(\n    staticmethod\n)\ndef f(): pass")


def test_lines_are_those_of_python() -> None:
    # None of these ends a line for Python, whatever str.splitlines says.
    code = "def a():\n    return '\x0b\x0c\x1c\x85\u2028'\n\ndef b():\n    return 'é'\n"
    assert [function.source for function in cut_functions(code)] == [
        "def a():\n    return '\x0b\x0c\x1c\x85\u2028'",
        "def b():\n    return 'é'",
    ]


def test_long_expressions_are_no_trouble() -> None:
    code = "x = " + "+".join("1" * 900) + "\ndef f(): pass"
    assert [function.name for function in cut_functions(code)] == ["f"]


def test_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# -*- coding: latin-1 -*-\r\nx = 'é'\r".encode("latin-1"))
    assert read_code(path, "strict") == "# -*- coding: latin-1 -*-\nx = 'é'\n"
    path.write_bytes("\ufeffx = 'é'".encode())
    assert read_code(path, "strict") == "x = 'é'"
    for odd in ("no-such", "hex", "utf-16"):
        path.write_text(f"# coding: {odd}\nx = 'é'", encoding="utf-8")
        assert read_code(path, "strict").endswith("x = 'é'")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x = 1\ny = '\xe9'", "is not UTF-8: the byte 0xe9 at position 11 (line 2)"),
        (b"\xef\xbb\xbfx = '\xe9'", "is not UTF-8: the byte 0xe9 at position 8 (line 1)"),
        (b"# coding: ascii\n\n\n'\xe9'", "is not ASCII: the byte 0xe9 at position 19 (line 4)"),
    ],
)
def test_wrong_bytes(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    with pytest.raises(GenloomError) as error:
        read_code(path, "strict")
    assert f"{path} {words} is not part" in error.value.message
    assert "or set code.encoding_errors to replace" in error.value.message
    assert "\ufffd" in read_code(path, "replace")


def test_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(GenloomError, match=r"a\.py cannot be read \(No such file"):
        read_code(tmp_path / "a.py", "strict")


def test_files_without_functions_are_set_aside(tmp_path: Path) -> None:
    contents = {
        "good.py": "def f(): pass",
        "old.py": "def f():\n    print 'two'",
        "null.py": "def f(): pass\0",
        "data.py": "x = 1",
        "empty.py": "",
        "deep.py": "x = " + "-" * 5000 + "1",
    }
    for name, code in contents.items():
        (tmp_path / name).write_text(code)
    files, rejects = read_files(tmp_path, [(name, "label") for name in contents], "strict")
    assert files == [CodeFile("good.py", "label", [Function("f", 1, "def f(): pass")])]
    reasons = dict(rejects)
    assert list(reasons) == [name for name in contents if name != "good.py"]
    assert reasons["old.py"].startswith("is not valid Python (line 2: Missing parentheses")
    assert reasons["null.py"].startswith("is not valid Python (")
    assert reasons["deep.py"].startswith("is not valid Python (")
    assert reasons["data.py"] == reasons["empty.py"] == "has no functions"
