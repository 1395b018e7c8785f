"""Pages of text, pictures of the inside, and curves of the loss, of small trained networks."""

import io
import itertools
import math
import subprocess
import sys
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.text import Text

from genloom import members
from genloom.domains.codecs import codec_to_dict
from genloom.domains.text import figures, inside, pages
from genloom.domains.text.codec import TextCodec
from genloom.domains.text.style import BLUE, INK, MISSING, readable, short
from genloom.fitted import Fitted
from genloom.networks.base import reproducible

GPT = {"role": "generator", "network": "gpt", "width": 8, "layers": 2, "heads": 2, "context": 32}
LSTM = {"role": "generator", "network": "recurrent", "width": 8, "hidden_size": 8, "context": 32}
BLOCKS = {
    "gpt": GPT | {"steps": 3, "batch_size": 2, "buckets": 16},
    "lstm": LSTM | {"steps": 3, "batch_size": 2, "buckets": 16},
    "mixture": {"role": "generator", "network": "mixture", "order": 3},
}
BLOCKS["mixture"]["of"] = BLOCKS["gpt"]
# No font of one width has all of these, and some are nothing that can be seen.
ODD = (
    "x$\\frac{1 $y$ 日本語 привет 🎉\x00\x07\u200b\u2028\ufeff e\u0301\u0316 مرحبا\ttab\r\n"
    "end\ufffd"
)


def table(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["content", "label", "split"])


def plain_corpus(label: str = "") -> pd.DataFrame:
    words = [f"line {n} of the text,\nthen word {n * 7 % 5} and no more of it" for n in range(12)]
    splits = ["train"] * 6 + ["validation"] * 2 + ["test"] * 4
    return table(*((text, label, split) for text, split in zip(words, splits, strict=True)))


def odd_corpus() -> pd.DataFrame:
    return table(
        ("ordinary text of class a", "a", "train"),
        (f"one {ODD} two", "日$x$", "train"),
        (ODD * 3, "a", "train"),
        (f"{ODD} held out", "a", "validation"),
        (f"日本語の文章です。{ODD * 4}", "日$x$", "test"),
        ("é", "a", "test"),
    )


def tiny_corpus() -> pd.DataFrame:
    return table(("ab", "", "train"), ("b", "", "validation"), ("a", "", "test"))


CORPORA = {"plain": plain_corpus, "odd": odd_corpus, "tiny": tiny_corpus}


@cache
def trained(network: str, corpus: str = "plain", kind: str = "bytes") -> Fitted:
    samples, block = CORPORA[corpus](), BLOCKS[network]
    codec = TextCodec.fit(samples, length=80, vocabulary=270).of(kind)
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    train, held_out = (
        (codec.encode(part), codec.encode_labels(part))
        for part in (samples[samples["split"] == name] for name in ("train", "validation"))
    )
    member.fit(*train, seed=0, validation=held_out)
    state = codec_to_dict(codec)
    return Fitted(member, block, codec.shape, codec.classes, state, 0, "")


def drawn(picture: str, network: str, corpus: str = "plain", kind: str = "bytes"):
    generator = trained(network, corpus, kind)
    with reproducible(5, threads=1), warnings.catch_warnings():
        warnings.simplefilter("error")
        draw = figures.FIGURES[picture]
        return draw(CORPORA[corpus](), None, generator, seed=5, title=network)


def rendered(figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(buffer, format="png", dpi=72, metadata={"Software": None})
    return buffer.getvalue()


def texts(figure, colour: str | None = None) -> list[str]:
    found = [
        text
        for text in figure.findobj(Text)
        if text.get_text() and (colour is None or to_hex(text.get_color()) == colour)
    ]
    return [text.get_text() for text in found]


def lines(cell: pages.Cell, columns: int = 20) -> list[str]:
    return [given + own for given, own in pages._wrapped(cell, columns)]


# ------------------------------------------------------------------ all pictures
@pytest.mark.parametrize("kind", ["bytes", "bpe"])
@pytest.mark.parametrize("network", BLOCKS)
@pytest.mark.parametrize("picture", figures.FIGURES)
def test_odd_characters_are_drawn_without_a_warning_and_in_equal_bytes(picture, network, kind):
    first, second = (rendered(drawn(picture, network, "odd", kind)) for _ in range(2))
    assert first == second
    assert first.startswith(b"\x89PNG")


@pytest.mark.parametrize("network", BLOCKS)
@pytest.mark.parametrize("picture", figures.FIGURES)
def test_a_test_split_of_one_character_is_enough(picture, network):
    assert rendered(drawn(picture, network, "tiny"))


@pytest.mark.parametrize("picture", figures.FIGURES)
def test_nothing_a_user_wrote_is_read_as_a_formula(picture):
    figure = drawn(picture, "gpt", "odd", "bpe")
    rendered(figure)  # tick labels are made when drawn
    assert any("$" in text for text in texts(figure)) or picture == "positions"
    for text in figure.findobj(Text):
        assert "$" not in text.get_text() or not text.get_parse_math()


@pytest.mark.parametrize("picture", ["completions", "positions", "inside"])
def test_without_test_texts_a_sentence_says_so(picture):
    samples = plain_corpus()
    samples = samples[samples["split"] != "test"]
    figure = figures.FIGURES[picture](samples, None, trained("lstm"), seed=0, title="lstm")
    assert rendered(figure)
    assert any("there is no" in text for text in texts(figure))


def test_every_picture_has_a_caption():
    assert set(figures.CAPTIONS) == {"gallery", *figures.FIGURES, *figures.CHARTS}


def test_importing_the_module_imports_nothing_heavy():
    code = (
        "import sys, genloom.domains.text.figures;"
        "print([m for m in ('pandas', 'matplotlib', 'torch', 'tokenizers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------------ characters and lines
def test_what_cannot_be_seen_becomes_a_box_and_the_rest_stays():
    assert readable("aé Ω\nж") == "aé Ω\nж"
    assert readable("日\x00🎉\u200b") == 4 * MISSING
    assert readable("e\u0301") == "é"
    assert readable("a\u0316") == "a" + MISSING
    assert readable("a\r\nb\tc\u3000d") == "a\nb    c d"


def test_names_are_one_short_line():
    assert short("a\nname") == "a name"
    assert short("a name that goes on") == "a name that g…"


def test_lines_are_kept_wrapped_at_spaces_and_cut():
    assert lines(pages.Cell("one\n\ntwo")) == ["one", "", "two"]
    assert lines(pages.Cell("a word and one more word")) == ["a word and one more", "word"]
    assert lines(pages.Cell("x" * 25)) == ["x" * 20, "x" * 5]
    many = lines(pages.Cell("\n".join(map(str, range(20)))))
    assert many == [*map(str, range(7)), "7…"]
    assert all(len(line) <= 20 for line in lines(pages.Cell("y" * 1000)))
    assert lines(pages.Cell("1\n" * 6 + "7\n\n\n\nlast"))[-1] == "7…"


def test_wrapped_lines_keep_their_indentation():
    assert lines(pages.Cell("    indented by four and long")) == [
        *("    indented by four", "    and long"),
    ]


@pytest.mark.parametrize("rest", ["rest of it", "\nrest of it", " and a longer rest, as it comes"])
@pytest.mark.parametrize("prompt", ["    deep and long prompt", "p", "two\nlines", "x" * 30])
def test_a_prompt_stays_apart_from_what_follows_however_it_is_wrapped(prompt, rest):
    wrapped = pages._wrapped(pages.Cell(rest, prompt), 20)
    for number, text in enumerate((prompt, rest)):
        shown = "".join("".join(parts[number] for parts in wrapped).split())
        assert shown == "".join(text.split())


# ------------------------------------------------------------------ gallery
def test_a_gallery_has_real_and_generated_texts_of_every_class():
    samples = table(
        ("real a", "a", "train"), ("real b", "b", "train"), ("more b", "b", "train"),
        ("hidden", "a", "test"),
    )  # fmt: skip
    synthetic = pd.DataFrame({"content": ["made a", "", "late"], "label": ["a", "b", "a"]})
    figure = figures.gallery(samples, synthetic, title="gpt")
    assert texts(figure) == [
        *("gpt: real beside generated", "real, training split", "generated by gpt"),
        *("b", "real b", "an empty text", "more b"),  # the larger class first
        *("a", "real a", "made a", "late"),
    ]
    assert rendered(figure) == rendered(figures.gallery(samples, synthetic, title="gpt"))


def test_of_many_classes_the_largest_six_are_shown_and_said():
    labels = [f"c{n}" for n in range(8)] + ["c7"]
    samples = table(*((f"text of {label}", label, "train") for label in labels))
    figure = figures.gallery(samples, samples[:3], title="gpt")
    assert texts(figure)[0] == "gpt: real beside generated (the 6 largest of 8 classes)"
    assert [text for text in texts(figure) if text in labels] == ["c7", *labels[:5]]
    assert texts(figure).count("nothing of this class") == 3


def test_unlabelled_text_fills_the_page_with_six_of_each():
    samples = plain_corpus()
    figure = figures.gallery(samples, samples.iloc[-6:], title="gpt")
    assert sum(text.startswith("line ") for text in texts(figure)) == 12


def test_a_gallery_of_odd_texts_and_of_none():
    assert rendered(figures.gallery(odd_corpus(), odd_corpus(), title="$x$ 日本"))
    none = figures.gallery(odd_corpus()[:0], odd_corpus()[:0], title="gpt")
    assert "there is no text to show" in texts(none)


def test_a_page_is_as_high_as_its_texts_need():
    def height(content: str) -> float:
        samples = table((content, "a", "train"))
        return figures.gallery(samples, samples, title="x").get_size_inches()[1]

    assert height("a\nb\nc\nd\ne\nf") > height("a\nb\nc\nd") > height("a")
    assert height("a\n" * 100) == height("a\n" * 8 + "b")


# ------------------------------------------------------------------ drawn texts
def test_temperatures_show_two_texts_each_of_the_largest_class():
    figure = drawn("temperatures", "gpt", "odd")
    assert "gpt: at rising temperatures, label a" in texts(figure)
    (axes,) = figure.axes
    bold = [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]
    assert bold == ["0", "0.5", "0.8", "1", "1.2"]
    assert "always the same: the likeliest token is" in " ".join(texts(figure))
    member, codec = trained("gpt", "odd").member, trained("gpt", "odd").own_codec
    label = torch.full((2,), codec.classes.index("a"))
    rows = member.sample(2, labels=label, seed=5, temperature=1.2, length=79)
    for text in codec.decode(rows):
        start = readable(text.strip("\n")).split("\n")[0][:30].rstrip()
        assert any(shown.startswith(start) for shown in texts(figure))


def test_completions_go_on_from_the_first_words_of_test_texts():
    figure = drawn("completions", "lstm")
    given = texts(figure, BLUE)
    # Four texts, three times each, cut at a space after at most a third.
    assert sorted(given) == sorted(3 * [f"line {n} of the" for n in range(8, 12)])
    own = [text.strip() for text in texts(figure, INK)]
    assert own.count("text,") == 4
    assert sum(text.startswith("then word") for text in own) == 4


def test_a_completion_is_what_the_generator_adds():
    samples, generator = plain_corpus(), trained("gpt")
    one = samples[samples["split"] == "test"][:1]
    figure = figures.FIGURES["completions"](one, None, generator, seed=3, title="gpt")
    codec = generator.own_codec
    rows = generator.member.sample(
        2, labels=torch.zeros(2).long(), seed=3, prompt=codec.encode_text("line 8 of the")
    )
    whole = [readable(text) for text in codec.decode(rows)]
    assert all(text.startswith("line 8 of the") for text in whole)
    shown = "".join("".join(texts(figure, INK)).split())
    for text in whole:
        added = "".join(text.removeprefix("line 8 of the").split())
        assert added[:20] in shown


def test_first_words_are_cut_at_a_space_and_are_never_none():
    assert pages._first_words("one two three four five six") == "one two"
    assert pages._first_words("word " * 100) == "word " * 7 + "word"
    assert pages._first_words("日" * 30) == "日" * 10
    assert pages._first_words("    indented text is kept") == "    inde"
    assert pages._first_words("a") == "a"


def test_a_prompt_is_shortened_to_the_room_that_there_is():
    generator = trained("gpt")
    text, tokens = pages._fitting(generator.own_codec, generator.member, "x" * 40)
    assert len(text) == len(tokens) == 29  # a context of 32, less label, END and one that is added
    text, tokens = pages._fitting(generator.own_codec, generator.member, "日" * 20)
    assert (text, len(tokens)) == ("日" * 9, 27)


# ------------------------------------------------------------------ curves and the inside
def test_positions_show_the_loss_of_the_windows_and_their_mean():
    generator, samples = trained("lstm"), plain_corpus()
    figure = drawn("positions", "lstm")
    test = samples[samples["split"] == "test"]
    score = generator.member.score(generator.encode(test), generator.encode_labels(test))
    mean = score["window_nats"] / score["window_tokens"] / math.log(2)
    assert f"mean {mean:.2f}" in texts(figure)
    (axes,) = figure.axes
    curve, level = axes.lines
    assert level.get_ydata()[0] == pytest.approx(mean)
    assert list(curve.get_xdata()) == list(range(1, 33))
    windows = score["window_tokens"] // 32
    assert f"mean over {windows} windows of 32 tokens" in axes.get_title(loc="left")


def test_smoothing_keeps_a_level_and_means_over_ever_more_positions():
    assert figures._smoothed(np.full((2, 50), 3.0)) == pytest.approx(3.0)
    rising = np.arange(1.0, 41.0)[None]
    smooth = figures._smoothed(rising)[0]
    assert smooth[0] == 1
    assert smooth[9] == np.mean([8, 9, 10, 11, 12, 13])


def test_the_head_that_looks_back_farthest_is_shown():
    generator = trained("gpt", "plain", "bpe")
    figure = drawn("inside", "gpt", "plain", "bpe")
    test = plain_corpus().query("split == 'test'")
    tokens = inside._some_text(test, generator)
    weights = generator.member.attention(tokens)
    (axes,) = figure.axes
    said = axes.get_title(loc="left").split()
    assert [said[place] for place in (0, 2, 3, 4, 6, 7)] == [
        "layer",
        "of",
        "2,",
        "head",
        "of",
        "2,",
    ]
    layer, head = int(said[1]) - 1, int(said[5]) - 1
    shown = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(shown**2, weights[layer, head].numpy(), atol=1e-6)
    far = [
        sum(float(w[i, j]) * (i - j) for i in range(len(w)) for j in range(1, i + 1)) / len(w)
        for w in weights.flatten(0, 1)
    ]
    assert int(np.argmax(far)) == 2 * layer + head
    assert f"{max(far):.1f} tokens on average" in " ".join(said)


def test_tokens_are_named_with_visible_white_space_and_control_in_brackets():
    generator = trained("gpt", "odd", "bytes")
    codec = generator.own_codec
    row = torch.cat([torch.tensor([1, 3]), codec.encode_text("a \n\t$é")])
    assert inside._token_names(row, codec) == [
        *("[END]", f"[{MISSING}$x$]", "a", "␣", "↵", "→", "$", "\ufffd", "\ufffd"),
    ]
    plain = trained("gpt").own_codec
    assert inside._token_names(torch.tensor([1, 2]), plain) == ["[END]", "[label]"]


def test_states_are_those_of_the_units_that_vary_most(monkeypatch):
    monkeypatch.setattr(inside, "UNITS", 3)
    generator = trained("lstm")
    tokens = inside._some_text(plain_corpus().query("split == 'test'"), generator)
    assert len(tokens) == 32  # the context
    with torch.no_grad():
        states = generator.member.hidden(tokens[None], None)[0].numpy()
    (axes,) = drawn("inside", "lstm").axes
    shown = np.asarray(axes.images[0].get_array())
    most = states.std(axis=0).argsort()[-3:]
    np.testing.assert_allclose(np.sort(shown, axis=0), np.sort(states.T[most], axis=0), rtol=1e-6)
    assert (np.diff(shown.argmax(axis=1)) >= 0).all()
    assert axes.get_title(loc="left").startswith("the 3 of 8 units")


def test_a_mixture_shows_its_share():
    generator = trained("mixture")
    (axes,) = drawn("inside", "mixture").axes
    share = generator.member.share.tolist()
    assert [bar.get_height() for bar in axes.patches[::2]] == pytest.approx(
        [100 * value for value in share]
    )
    assert [text.get_text() for text in axes.texts] == [f"{value:.0%}" for value in share]


# ------------------------------------------------------------------ losses
def metrics(**rows: tuple[float, float]) -> pd.DataFrame:
    found = []
    for subject, (bits, perplexity) in rows.items():
        for metric, value in (("bits_per_byte", bits), ("perplexity", perplexity)):
            row = {"subject": subject, "role": "generator", "recipe": "none", "metric": metric}
            found.append(row | {"value": value})
    return pd.DataFrame(found)


def history(*losses: float, metric: str = "validation_loss") -> pd.DataFrame:
    rows = [(10 * step, metric, loss) for step, loss in enumerate(losses, start=1)]
    return pd.DataFrame(rows, columns=["step", "metric", "value"])


def test_losses_are_converted_by_what_a_token_is_worth():
    found = metrics(gpt=(2.0, math.exp(4)), ngram=(2.5, 30.0), tfidf=(math.nan, math.nan))
    figure = figures.losses(
        found, {"gpt": history(6.0, 6.0, 5.0, 5.0)}, floors=["ngram", "tfidf", "absent"]
    )
    (axes,) = figure.axes
    curve, dot, floor = axes.lines
    # Repeats of a measurement are left out, but for the last.
    assert list(curve.get_xdata()) == [25, 75, 100]
    assert list(curve.get_ydata()) == pytest.approx([3.0, 2.5, 2.5])
    assert (dot.get_ydata()[0], floor.get_ydata()[0]) == (2.0, 2.5)
    assert [text.get_text() for text in axes.texts] == ["2.00  gpt", "2.50  ngram"]
    assert any("validation split" in text for text in texts(figure))
    assert rendered(figure)


def test_networks_without_losses_or_metrics_are_left_out():
    found = metrics(gpt=(2.0, 50.0), lstm=(2.2, 60.0), sure=(0.0, 1.0))
    histories = {
        "gpt": history(5.0, 4.0),
        "lstm": history(5.0, 4.0, metric="loss"),
        "new": history(5.0),
        "sure": history(5.0),
    }
    (axes,) = figures.losses(found, histories, floors=[]).axes
    assert [text.get_text() for text in axes.texts] == ["2.00  gpt"]
    none = figures.losses(found, {"new": history(5.0)}, floors=["lstm"])
    assert not none.axes
    assert any("no network has" in text for text in texts(none))


def test_names_at_the_end_do_not_overlap():
    found = metrics(**{f"$n{n}$": (2 + n / 1000, 50.0) for n in range(9)})
    histories = {f"$n{n}$": history(6.0, 5.0) for n in range(9)}
    figure = figures.losses(found, histories, floors=[])
    assert rendered(figure) == rendered(figures.losses(found, histories, floors=[]))
    # An annotation's own extent would count the line that leads to it.
    boxes = sorted(
        Text.get_window_extent(text).extents[[1, 3]].tolist() for text in figure.axes[0].texts
    )
    assert all(top <= bottom for (_, top), (bottom, _) in itertools.pairwise(boxes))
