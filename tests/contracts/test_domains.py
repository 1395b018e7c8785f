"""What every domain answers, so that the loom can weave it."""

import pkgutil

import pytest

from genloom import domains

FOLDERS = [module.name for module in pkgutil.iter_modules(domains.__path__) if module.ispkg]
#: Asked only where there are generators.
OF_GENERATORS = {"gallery", "classical_moves"}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_domain_answers_all_questions(name):
    domain = domains.load_domain(name)
    asked = domains.Domain.__annotations__.keys()
    if "generator" not in domain.RANKED_BY:
        asked -= OF_GENERATORS
    assert [answer for answer in asked if not hasattr(domain, answer)] == []


@pytest.mark.parametrize("name", FOLDERS)
def test_every_picture_has_a_caption(name):
    domain = domains.load_domain(name)
    pictures = domain.FIGURES | domain.FIGURES_ON_REQUEST | domain.PREDICTED | domain.CHARTS
    assert pictures.keys() <= domain.CAPTIONS.keys()
