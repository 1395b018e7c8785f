"""Walks through the latent of a small trained SequenceVAE."""

import io
import re
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.text import Text

from genloom import members
from genloom.domains.molecules import gradient, latent
from genloom.domains.molecules.codec import MoleculeCodec
from genloom.domains.molecules.drawings import parsed
from genloom.domains.molecules.targets import logp
from genloom.networks.base import reproducible
from genloom.networks.sequence_vae import SequenceVAE

BLOCK = {"role": "generator", "network": "sequence_vae", "latent": 4, "width": 8}
BLOCK |= {"hidden_size": 16, "steps": 60, "batch_size": 16}
CHAINS = ["C" * n + end for n in range(1, 13) for end in ("O", "N", "Cl", "C(=O)O", "CC#N")]


def table() -> pd.DataFrame:
    splits = ["train", "train", "test", "train", "validation"]
    rows = [(text, "ab"[len(text) > 8], splits[n % 5]) for n, text in enumerate(CHAINS)]
    return pd.DataFrame(rows, columns=["content", "label", "split"])


@cache
def trained() -> SimpleNamespace:
    samples = table()
    codec = MoleculeCodec.fit(samples, length=20)
    member = members.build(BLOCK, codec.shape, len(codec.classes), seed=0)
    assert isinstance(member, SequenceVAE)
    train = samples.query("split == 'train'")
    with reproducible(0, threads=1):
        member.fit(codec.encode(train), codec.encode_labels(train), seed=0)
    return SimpleNamespace(
        member=member, own_codec=codec, encode=codec.encode, encode_labels=codec.encode_labels
    )


def rendered(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60, metadata={"Software": None})
    return buffer.getvalue()


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def drawn(name: str, samples: pd.DataFrame | None = None, seed: int = 0):
    samples = table() if samples is None else samples
    draw = {"interpolation": latent.interpolation, "property_gradient": gradient.property_gradient}
    return draw[name](samples, None, trained(), seed=seed, title="vae")


@pytest.mark.parametrize("name", ["interpolation", "property_gradient"])
def test_equal_data_gives_equal_bytes(name):
    first, second = (rendered(drawn(name)) for _ in range(2))
    assert first == second


def test_walks_go_from_one_real_molecule_to_another_of_its_class():
    figure = drawn("interpolation")
    said = texts(figure)
    assert {"a", "b"} <= set(said)
    notes = [text for text in said if text.startswith(("logP", "no molecule"))]
    assert len(notes) % (latent.STEPS + 2) == 0
    assert len(notes) >= 2 * (latent.STEPS + 2)
    test = table().query("split == 'test'")["content"]
    known = {f"logP {logp(parsed(text)):.1f}" for text in test}
    for row in range(0, len(notes), latent.STEPS + 2):
        assert notes[row] in known
        assert notes[row + latent.STEPS + 1] in known


def test_the_direction_is_the_one_in_which_the_property_rises():
    # A latent of which the second number is logP, and the first one is wide and means nothing.
    class Member:
        def encode(self, x, y):
            return x

    random = np.random.default_rng(0)
    found = pd.DataFrame({"logp": random.normal(2, 1.5, 200)})
    found["wide"] = random.normal(0, 10, 200)

    def encode(part):
        return torch.tensor(part[["wide", "logp"]].to_numpy(), dtype=torch.float32)

    generator = SimpleNamespace(member=Member(), encode=encode, encode_labels=lambda part: None)
    line = gradient._line(generator, found[:150], found[150:], seed=1)
    assert line.r2 > 0.99
    assert line.slope == pytest.approx(found["logp"][:150].std(), rel=0.02)
    assert line.step[1] == pytest.approx(line.slope, rel=0.02)
    around = np.cov(encode(found[:150]).double().numpy().T)
    for step in (line.step, line.aside):  # of one length where all directions vary alike
        size = step.double().numpy()
        assert size @ np.linalg.inv(around) @ size == pytest.approx(1, rel=1e-4)
    assert gradient._line(generator, found.assign(logp=1.0, wide=0.0), found[:9], seed=1) is None


def test_a_gradient_tells_validity_similarity_and_change():
    figure = drawn("property_gradient")
    said = texts(figure)
    page, left, right = figure.axes
    assert {"real", "\N{MINUS SIGN}3", "0", "+3"} <= {text.get_text() for text in page.texts}
    expected, aside, along = left.lines
    slope = expected.get_ydata()[-1] / 3
    assert slope > 0
    assert along.get_ydata()[3] == aside.get_ydata()[3] == 0  # against the start
    for line in right.lines:
        assert 0 <= np.nanmin(line.get_ydata()) <= np.nanmax(line.get_ydata()) <= 1
    assert any(re.match(r"mean change of logP \(linear model: R² -?\d", text) for text in said)


def test_walks_are_decoded_with_the_labels_of_their_starts():
    starts = gradient._some_of(table(), "test", 4)
    walks = gradient._walks(trained(), starts, torch.zeros(4))
    generator = trained()
    y = generator.encode_labels(starts)
    rows = generator.member.decode(generator.member.encode(generator.encode(starts), y), y)
    once = generator.own_codec.decode(rows)
    assert walks.texts == [[text] * 7 for text in once]
    valid = [parsed(text) is not None for text in once]
    assert np.isfinite(walks.logp).all(axis=1).tolist() == valid


def test_without_molecules_a_sentence_says_so():
    train = table().query("split == 'train'")
    assert any(
        "there are no two molecules" in text for text in texts(drawn("interpolation", train))
    )
    assert any("too few molecules" in text for text in texts(drawn("property_gradient", train)))


def test_means_leave_out_what_is_unknown():
    nan = np.nan
    means = gradient._means(np.array([[1.0, nan, nan], [3.0, 5.0, nan]]))
    np.testing.assert_array_equal(means, [2.0, 5.0, nan])
