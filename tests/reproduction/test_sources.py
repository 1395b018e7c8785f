"""Which files the result of a function rests on."""

from textwrap import dedent

import pytest

from genloom.reproduction.sources import Sources

FILES = {
    "loom/__init__.py": "VERSION = 1\nfrom loom.other import thing\n",
    "loom/other.py": "def thing(): ...\n",
    "loom/start.py": """
        import json
        from typing import TYPE_CHECKING

        from loom.near import used, unused
        from loom.package import Public
        from loom import whole

        if TYPE_CHECKING:
            from loom.types import Only

        def plain():
            return json.dumps({})

        def top(x: "Only"):
            return used(x)

        def lazy():
            if True:
                from loom.far import away
            return away()

        def chained():
            return lazy()

        def public():
            return Public()

        def module():
            return whole

        def version():
            from loom import VERSION
            return VERSION

        def template():
            return "page.jinja"
        """,
    "loom/near.py": """
        from . import sibling
        from .far import away

        def used(x):
            return sibling.value

        def unused():
            return away()
        """,
    "loom/sibling.py": "value = 1\n",
    "loom/far.py": "def away():\n    import loom.types\n",
    "loom/types.py": "class Only: ...\n",
    "loom/whole.py": "try:\n    from loom.far import away\nexcept ImportError:\n    away = None\n",
    "loom/package/__init__.py": "from .inner import Public\nfrom .unrelated import Other\n",
    "loom/package/inner.py": "from ..sibling import value\n\nclass Public:\n    x = value\n",
    "loom/package/unrelated.py": "class Other: ...\n",
    "loom/egg.py": "def egg():\n    from loom.hen import hen\n    return hen()\n",
    "loom/hen.py": "from loom.egg import egg\n\ndef hen():\n    return egg()\n",
    "loom/effect.py": "from loom.far import away\n\naway()\n\ndef quiet(): ...\n",
    "loom/star.py": "from loom.near import *\n\ndef shining(): ...\n",
    "loom/page.jinja": '{% include "part.jinja" %}',
    "loom/part.jinja": "",
    "loom/spare.jinja": "",
}


@pytest.fixture
def reached(tmp_path):
    """The names, without folder ``loom``, of the files that an entry rests on."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
    sources = Sources(tmp_path)

    def reached(module, name=None):
        found = sources.files([(module, name)])
        return {path.relative_to(tmp_path / "loom").as_posix() for path in found}

    return reached


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("plain", set()),
        ("top", {"near.py", "sibling.py"}),  # neither what `unused` needs, nor what types need
        ("lazy", {"far.py", "types.py"}),
        ("chained", {"far.py", "types.py"}),
        ("public", {"package/__init__.py", "package/inner.py", "sibling.py"}),
        ("module", {"whole.py", "far.py", "types.py"}),
        ("version", {"__init__.py"}),
        ("template", {"page.jinja", "part.jinja"}),
    ],
)
def test_a_function_rests_on_what_it_reaches(reached, name, files):
    assert reached("loom.start", name) == files | {"start.py"}


def test_a_whole_module_rests_on_all_that_it_imports(reached):
    everything = reached("loom.start")
    assert {"near.py", "far.py", "package/inner.py", "whole.py", "page.jinja"} <= everything
    assert not {"package/unrelated.py", "spare.jinja", "other.py"} & everything


def test_modules_that_import_each_other_come_to_an_end(reached):
    assert reached("loom.hen", "hen") == reached("loom.egg") == {"egg.py", "hen.py"}


def test_what_a_module_does_on_import_counts_with_every_name(reached):
    assert reached("loom.effect", "quiet") == {"effect.py", "far.py", "types.py"}


def test_a_star_import_counts_whole(reached):
    assert reached("loom.star", "shining") == {
        "star.py",
        "near.py",
        "sibling.py",
        "far.py",
        "types.py",
    }


def test_a_name_made_in_other_ways_counts_as_the_whole_module(reached):
    assert reached("loom.near", "nowhere") == reached("loom.near")


def test_libraries_are_passed_over(reached):
    assert reached("json") == reached("", "") == set()
