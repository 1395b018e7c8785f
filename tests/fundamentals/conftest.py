"""Real data, small: what every experiment learns from."""

import pytest
import torch

from genloom.domains import images, tables
from genloom.pipelines.fundamentals import encoded


def read(domain, source, limit):
    samples, _ = domain.ingest({"source": source, "limit": limit}, 0)
    return encoded(samples, domain.fit_codec(samples))


@pytest.fixture(scope="session")
def digits():
    return read(images, "digits", 400)


@pytest.fixture(scope="session")
def breast_cancer():
    return read(tables, "breast_cancer", 200)


@pytest.fixture(scope="session")
def diabetes():
    return read(tables, "diabetes", 200)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
