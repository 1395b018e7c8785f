"""The floors that classify rows of tokens, on two toy languages of words."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save, save_file

from genloom import members
from genloom.errors import GenloomError
from genloom.floors.naive_bayes import NaiveBayes
from genloom.floors.tfidf import TfidfLogistic
from genloom.floors.token_base import count_ngrams
from genloom.tokens import END, PAD, first_content

FLOORS = [TfidfLogistic, NaiveBayes]
NAMES = {TfidfLogistic: "tfidf", NaiveBayes: "naive_bayes"}
CLASSES, LENGTH, LETTERS = 3, 33, 8
SHAPE = (LENGTH, first_content(CLASSES) + LETTERS)


def languages(n, seed):
    """The classes share their letters and how often each occurs, but not which follows which."""
    random = torch.Generator().manual_seed(seed)
    y = torch.randint(CLASSES, (n,), generator=random)
    letter = torch.randint(LETTERS, (n,), generator=random)
    x = torch.full((n, LENGTH), PAD)
    for i in range(LENGTH - 1):
        x[:, i] = first_content(CLASSES) + letter
        jump = torch.rand(n, generator=random) < 0.5
        elsewhere = torch.randint(LETTERS, (n,), generator=random)
        letter = torch.where(jump, elsewhere, (letter + 1 + y) % LETTERS)
    x[:, -1] = END
    return x, y


@pytest.fixture(scope="module")
def data():
    return *languages(400, 0), *languages(200, 1)


@pytest.fixture(scope="module", params=FLOORS)
def fitted(request, data):
    floor = request.param(SHAPE, CLASSES)
    history = floor.fit(data[0], data[1], seed=0, validation=data[2:])
    assert history.empty
    assert list(history.columns) == ["step", "metric", "value"]
    return floor


def test_ngrams_are_counted_within_the_content_of_each_row():
    a, b = first_content(1), first_content(1) + 1
    rows = np.array([[a, b, a, b, END], [END, PAD, PAD, PAD, PAD], [b, a, END, PAD, PAD]])
    counts = count_ngrams(rows, classes=1, longest=2, features=2**16).toarray()
    # a b ab ba; nothing; a b ba: a letter twice in a row is counted twice
    assert sorted(counts[0][counts[0] > 0]) == [1, 2, 2, 2]
    assert counts[1].sum() == 0
    assert counts[2].sum() == 3
    assert (counts[0][counts[2] > 0] > 0).all()
    longer = count_ngrams(rows, classes=1, longest=4, features=2**16).toarray()
    assert longer[0].sum() == 4 + 3 + 2 + 1
    few = count_ngrams(rows, classes=1, longest=4, features=3)
    assert few.shape == (3, 3)
    assert few.toarray()[0].sum() == 10


def test_every_token_number_counts_for_itself():
    # As characters, some numbers would be white space, capitals or surrogates.
    tokens = np.array([11, 12, 15, 35, 36, 67, 99, 135, 163, 0xD803, 0xDFFF, 60_000])
    rows = np.stack([tokens, tokens]).T  # each twice in a row
    counts = count_ngrams(rows, classes=1, longest=1, features=2**20)
    assert (counts.max(axis=1).toarray() == 2).all()
    assert len(set(counts.indices)) == len(tokens)


def test_they_know_the_languages_apart(fitted, data):
    _, _, test, truth = data
    probabilities = fitted.predict(test)
    assert probabilities.shape == (200, CLASSES)
    assert probabilities.dtype == torch.float32
    assert torch.allclose(probabilities.sum(1), torch.ones(200))
    assert (probabilities.argmax(1) == truth).float().mean() > 0.9


def test_single_letters_do_not_tell_them_apart(data):
    train, y, test, truth = data
    for cls in FLOORS:
        floor = cls(SHAPE, CLASSES, longest=1)
        floor.fit(train, y, seed=0)
        assert (floor.predict(test).argmax(1) == truth).float().mean() < 0.55


def test_they_live_again_from_their_files(fitted, data, tmp_path):
    save_file(fitted.weights(), tmp_path / "weights.safetensors")
    again = type(fitted)(SHAPE, CLASSES)
    again.load_weights(load_file(tmp_path / "weights.safetensors"))
    assert torch.equal(fitted.predict(data[2]), again.predict(data[2]))
    twin = type(fitted)(SHAPE, CLASSES)
    twin.fit(data[0], data[1], seed=0)
    assert save(again.weights()) == save(fitted.weights()) == save(twin.weights())
    assert again.parameter_count == fitted.parameter_count >= CLASSES * fitted.features


def test_soft_labels_count_by_their_largest_entry(fitted, data):
    train, y, test, _ = data
    soft = torch.full((len(y), CLASSES), 0.2).scatter(1, y[:, None], 0.6)
    twin = type(fitted)(SHAPE, CLASSES)
    twin.fit(train, soft, seed=0)
    assert torch.equal(fitted.predict(test), twin.predict(test))


@pytest.mark.parametrize("left", [(0, 2), (1,)])
@pytest.mark.parametrize("cls", FLOORS)
def test_an_absent_class_gets_probability_zero(cls, left, data, tmp_path):
    train, y, test, _ = data
    known = torch.isin(y, torch.tensor(left))
    floor = cls(SHAPE, CLASSES)
    floor.fit(train[known], y[known], seed=0)
    probabilities = floor.predict(test)
    absent = [label for label in range(CLASSES) if label not in left]
    assert (probabilities[:, absent] == 0).all()
    assert torch.allclose(probabilities.sum(1), torch.ones(len(test)))
    save_file(floor.weights(), tmp_path / "weights.safetensors")
    again = cls(SHAPE, CLASSES)
    again.load_weights(load_file(tmp_path / "weights.safetensors"))
    assert torch.equal(probabilities, again.predict(test))


def test_a_floor_may_be_fitted_again_with_fewer_classes(fitted, data):
    train, y, test, _ = data
    floor = type(fitted)(SHAPE, CLASSES)
    floor.load_weights(fitted.weights())
    floor.fit(train[y == 1], y[y == 1], seed=0)
    assert torch.equal(floor.predict(test)[:, 1], torch.ones(len(test)))


def test_rows_without_content_and_no_rows_at_all(fitted):
    empty = torch.full((1, LENGTH), PAD)
    empty[0, 0] = END
    assert torch.allclose(fitted.predict(empty).sum(), torch.tensor(1.0))
    assert fitted.predict(empty[:0]).shape == (0, CLASSES)


@pytest.mark.parametrize("cls", FLOORS)
def test_refusals(cls, data):
    x, y, _, _ = data
    floor = cls(SHAPE, CLASSES)
    with pytest.raises(GenloomError, match=f"{cls.__name__} is not fitted"):
        floor.predict(x)
    with pytest.raises(GenloomError, match="from 0 to 2"):
        floor.fit(x, y + 1, seed=0)
    with pytest.raises(GenloomError, match="no samples"):
        floor.fit(x[:0], y[:0], seed=0)
    with pytest.raises(GenloomError, match="whole numbers"):
        floor.fit(x.float(), y, seed=0)
    with pytest.raises(GenloomError, match="knows tokens from 0 to 12"):
        floor.fit(x + 1, y, seed=0)
    with pytest.raises(GenloomError, match="rows of 33 tokens"):
        floor.fit(x[:, 1:], y, seed=0)
    with pytest.raises(GenloomError, match=f"not a {cls.__name__}'s"):
        floor.load_weights({"other": torch.zeros(1)})
    block = {"role": "predictor", "network": NAMES[cls]}
    members.check("text.floor", {**block, "longest": 3}, "tokens")
    with pytest.raises(GenloomError, match=r"text\.floor\.longest is 0"):
        members.check("text.floor", {**block, "longest": 0}, "tokens")
