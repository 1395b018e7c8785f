"""The report: what it says follows the numbers, and the page needs nothing but itself."""

import io
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from genloom.domains import images
from genloom.pipelines.findings import Facts, copying, lifts, points, split_recipe, written
from genloom.pipelines.reporting import _board, make_report, make_section
from genloom.pipelines.verdicts import draw_verdicts

PNG = b"\x89PNG\r\n\x1a\n-not-really"
FEATURES = "cnn, test accuracy 0.9933"
BETTER = {"frechet_distance": "lower", "dcr_share": "closer:0.5", "ece": "lower"}
FLOORS = ("pca_gmm", "kde", "svc")
GENERATORS = {
    "real": {"frechet_distance": 2.0, "recall": 0.9, "coverage": 0.96, "tstr_accuracy": 0.99},
    "gan": {"frechet_distance": 2.5, "recall": 0.8, "coverage": 0.94, "dcr_share": 0.52}
    | {"tstr_accuracy": 0.97, "parameters": 1000},
    "vae": {"frechet_distance": 3.5, "recall": 0.8, "coverage": 0.9, "dcr_share": 0.51},
    "pca_gmm": {"frechet_distance": 4.0, "recall": 0.8, "coverage": 0.8, "dcr_share": 0.5},
    "kde": {"frechet_distance": 2.1, "recall": 0.9, "coverage": 0.96, "dcr_share": 0.95},
}
PREDICTORS = {"cnn": {"accuracy": 0.993, "ece": 0.01}, "svc": {"accuracy": 0.98, "ece": 0.02}}
# Recipe: lift, low, high.
LIFTS = {
    "classical": (0.002, 0.001, 0.003),
    "gan": (-0.02, -0.03, -0.01),
    "real+gan": (0.004, 0.002, 0.006),
    "real+kde": (0.001, -0.001, 0.003),
    "real+gan@10": (0.02, -0.01, 0.05),
}


def copies(values, spread):
    share = values.get("dcr_share", math.nan)
    return copying(share, share - spread if spread else math.nan)


def tables(generators=GENERATORS, predictors=PREDICTORS, lifts=LIFTS, spread=0.01):
    """Metrics and leaderboard as they come back from their CSV files."""
    rows = []
    for role, members in (("generator", generators), ("predictor", predictors)):
        for subject, values in members.items():
            for metric, value in values.items():
                ends = (value - spread, value + spread) if spread else (math.nan, math.nan)
                rows.append((subject, role, "none", metric, value, *ends, 449))
    for recipe, (value, low, high) in lifts.items():
        rows.append(("cnn", "predictor", recipe, "accuracy_lift", value, low, high, 3))
    arms = {"none" + recipe[len(split_recipe(recipe)[0]) :] for recipe in lifts}
    for recipe in [*sorted(arms), *lifts]:
        value = 0.9 + (lifts[recipe][0] if recipe in lifts else 0)
        for _ in range(3):
            rows.append(("cnn", "predictor", recipe, "recipe_accuracy", value, None, None, 449))
    columns = ["subject", "role", "recipe", "metric", "value", "low", "high", "n"]
    metrics = pd.DataFrame(rows, columns=columns)
    metrics["better"] = metrics["metric"].map(BETTER).fillna("higher")

    board = []
    for role, members, key in (
        ("generator", generators, lambda v: (copies(v, spread), v["frechet_distance"])),
        ("predictor", predictors, lambda v: -v["accuracy"]),
    ):
        ranked = sorted((name for name in members if name != "real"), key=lambda n: key(members[n]))
        for rank, name in enumerate(["real"] * ("real" in members) + ranked):
            place = rank if "real" in members else rank + 1
            features = FEATURES if role == "generator" else ""
            board.append(("images", role, place, name, name in FLOORS, None, features))
    names = ["domain", "role", "rank", "subject", "floor", "beats_floors", "features"]
    return through_csv(metrics), through_csv(pd.DataFrame(board, columns=names))


def through_csv(table: pd.DataFrame) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


def samples(*labels: str) -> pd.DataFrame:
    splits = ["train", "train", "validation", "test"]
    rows = [(label, split) for label in labels for split in splits]
    return pd.DataFrame(rows, columns=["label", "split"])


def rejects(*reasons: str) -> pd.DataFrame:
    return pd.DataFrame({"file": ["x.png"] * len(reasons), "reason": list(reasons)}, dtype=object)


def section(metrics=None, board=None, data=None, bad=None, source="digits", **pictures) -> str:
    default_metrics, default_board = tables()
    return make_section(
        default_metrics if metrics is None else metrics,
        default_board if board is None else board,
        samples("0", "1", "2", "10") if data is None else data,
        rejects() if bad is None else bad,
        source,
        PNG,
        domain="images",
        ranked_by=images.RANKED_BY,
        own=images.METRICS,
        captions=images.CAPTIONS,
        **pictures,
    )


def answers(**changes):
    """Verdicts by the beginning of their question."""
    found = draw_verdicts(Facts(*tables(**changes), images.RANKED_BY))
    names = ["full", "low", "generator", "trust", "predictor"]
    if len(found) == 4:
        names.remove("low")
    return dict(zip(names, found, strict=True))


def changed(table, **subjects):
    return {name: values | subjects.get(name, {}) for name, values in table.items()}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed where it must be; collects attributes."""

    VOID = {"meta", "img", "br", "link", "input", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data


# ---------------------------------------------------------------- leaderboards


def test_what_a_leaderboard_is_ranked_by_has_the_first_column():
    plain = _board(Facts(*tables(), images.RANKED_BY), "generator")
    names = [column["id"] for column in plain["columns"]]
    last = names[-2]  # before the number of parameters
    ranked_by = images.RANKED_BY | {"generator": (last,)}
    board = _board(Facts(*tables(), ranked_by), "generator")
    assert [column["id"] for column in board["columns"]] == [last, *names[:-2], names[-1]]


# ---------------------------------------------------------------- verdicts


def test_a_lift_whose_interval_is_above_zero_helps():
    verdict = answers()["full"]
    assert (verdict.tone, verdict.answer) == ("yes", "Yes: real+gan, +0.40 points")
    assert "over 3 paired repeats" in verdict.sentences[0]
    assert "Losing: gan (\u22122.00)." in verdict.sentences


def test_a_lift_whose_interval_includes_zero_is_not_called_a_help():
    verdict = answers()["low"]
    assert (verdict.tone, verdict.answer) == ("unclear", "Not shown")
    assert "has an interval that includes 0" in verdict.sentences[0]


def test_a_lift_without_an_interval_is_not_called_a_help():
    verdict = answers(lifts={"real+gan": (0.05, math.nan, math.nan)})["full"]
    assert (verdict.tone, verdict.answer) == ("unclear", "Not shown")
    assert "has no interval" in verdict.sentences[0]


def test_an_interval_without_width_shows_nothing():
    verdict = answers(lifts={"real+gan": (0.05, 0.05, 0.05)})["full"]
    assert (verdict.tone, verdict.answer) == ("unclear", "Not shown")
    assert "has an interval without width" in verdict.sentences[0]


def test_when_every_recipe_loses_it_is_said():
    lost = {"gan": (-0.02, -0.03, -0.01), "real+gan": (-0.01, -0.02, -0.001)}
    verdict = answers(lifts=lost)["full"]
    assert (verdict.tone, verdict.answer) == ("no", "No, it costs accuracy")
    assert "the least bad is real+gan \u22121.00 points" in verdict.sentences[0]


def test_a_help_that_is_no_better_than_a_cheap_recipe_is_qualified():
    verdict = answers(lifts=LIFTS | {"classical": (0.01, 0.008, 0.012)})["full"]
    assert verdict.tone == "unclear"
    assert verdict.answer == "Yes, but classical helps as much or more"


def test_another_predictor_is_no_synthetic_data():
    verdict = answers(lifts=LIFTS | {"svc": (0.2, 0.19, 0.21)})["full"]
    assert not verdict.answer.startswith("Yes: svc")
    assert "gives at least as much: svc" in " ".join(verdict.sentences)


def test_the_best_network_stands_beside_ceiling_and_floor():
    verdict = answers()["generator"]
    assert (verdict.tone, verdict.answer) == ("yes", "gan")
    said = " ".join(verdict.sentences)
    assert FEATURES in said
    assert "gan stands at 1.25 times that" in said
    assert "The best floor that does not copy is pca_gmm" in said
    assert "gan beats it" in said
    assert "kde (2.10) comes closer, but copies the training set, which this rewards." in said


def test_a_network_that_loses_to_a_floor_is_said_to_lose():
    worse = changed(GENERATORS, gan={"frechet_distance": 5.0})
    verdict = answers(generators=worse)["generator"]
    assert (verdict.tone, verdict.answer) == ("yes", "vae")
    assert "gan does not beat pca_gmm." in verdict.sentences
    worst = changed(worse, vae={"frechet_distance": 4.0})  # a tie is no win
    verdict = answers(generators=worst)["generator"]
    assert (verdict.tone, verdict.answer) == ("no", "None yet: the floor pca_gmm is better")
    assert "vae does not beat it" in " ".join(verdict.sentences)


def test_a_copier_is_called_a_copier_and_not_recommended():
    copier = changed(GENERATORS, gan={"dcr_share": 0.9})
    found = answers(generators=copier)
    assert found["generator"].answer == "vae"
    assert "gan (2.50) comes closer, but copies" in " ".join(found["generator"].sentences)
    assert "Copiers among the others: kde (0.950) and gan (0.900)." in found["trust"].sentences

    all_copy = changed(copier, vae={"dcr_share": 0.61})
    found = answers(generators=all_copy)
    assert found["generator"].tone == "no"
    assert found["generator"].answer == "None yet: each copies or has collapsed"
    assert found["trust"].tone == "no"
    assert found["trust"].answer == "No, gan is a copier"


def test_a_share_whose_interval_reaches_one_half_is_no_proof_of_copying():
    doubtful = changed(GENERATORS, gan={"dcr_share": 0.7})
    verdict = answers(generators=doubtful, spread=0.3)["trust"]
    assert (verdict.tone, verdict.answer) == ("unclear", "Not clear: gan may copy")
    assert answers(generators=doubtful, spread=0.1)["generator"].answer == "vae"
    assert answers(generators=doubtful, spread=0)["generator"].answer == "vae"


def test_without_a_copy_test_nobody_is_cleared():
    untested = changed(GENERATORS, gan={"dcr_share": math.nan})
    verdict = answers(generators=untested)["trust"]
    assert (verdict.tone, verdict.answer) == ("unclear", "Not known: gan had no copy test")


def test_a_collapsed_generator_is_not_trusted():
    low = {"recall": 0.1}
    fallen = answers(generators=changed(GENERATORS, gan=low))
    assert fallen["generator"].answer == "vae"
    assert "gan (2.50) comes closer, but has collapsed." in fallen["generator"].sentences
    fallen = answers(generators=changed(GENERATORS, gan=low, vae=low))
    assert fallen["generator"].tone == "no"
    assert fallen["generator"].answer == "None yet: each copies or has collapsed"
    assert (fallen["trust"].tone, fallen["trust"].answer) == ("no", "No, gan has collapsed")
    worst = low | {"dcr_share": 0.9}
    both = changed(GENERATORS, gan=worst, vae=worst)
    assert answers(generators=both)["trust"].answer == "No, gan is a copier and has collapsed"
    other = answers(generators=changed(GENERATORS, vae={"coverage": 0.2}))["trust"]
    assert other.tone == "yes"
    assert "Collapsed among the others: vae." in other.sentences


@pytest.mark.parametrize(
    ("svc", "spread", "tone", "answer"),
    [
        (0.950, 0.01, "yes", "cnn"),
        (0.985, 0.01, "unclear", "cnn"),  # within the floor's interval
        (0.985, 0, "yes", "cnn"),  # no interval to be within
        (0.993, 0.01, "no", "cnn is no better than svc"),
        (0.999, 0.01, "no", "svc, a floor"),
    ],
)
def test_a_predictor_is_held_against_its_floor(svc, spread, tone, answer):
    predictors = changed(PREDICTORS, svc={"accuracy": svc})
    verdict = answers(predictors=predictors, spread=spread)["predictor"]
    assert (verdict.tone, verdict.answer) == (tone, answer)


def test_kinds_and_arms_of_recipes():
    metrics, _ = tables()
    found = [(lift.recipe, lift.arm, lift.kind, lift.outcome) for lift in lifts(metrics, {"kde"})]
    assert found == [
        ("classical", "", "classical", "helps"),
        ("real+gan", "", "network", "helps"),
        ("real+kde", "", "floor", "unclear"),
        ("gan", "", "network", "loses"),
        ("real+gan", "10", "network", "unclear"),
    ]
    assert split_recipe("a@b") == ("a@b", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.9933, "0.993"), (2.5, "2.50"), (12.34, "12.3"), (74752, "74,752"), (0, "0")),
        *((0.0123, "0.012"), (-0.5, "\u22120.500"), (math.nan, "not measured")),
    ],
)
def test_numbers_as_people_read_them(value, text):
    assert written(value) == text
    assert points(0.0123) == "+1.23"


# ---------------------------------------------------------------- the page


def test_the_page_is_whole_and_needs_nothing_else():
    pictures = {"gan.gallery": PNG, "pca_gmm.gallery": PNG, "gan.curves": PNG, "cnn.confusion": PNG}
    html = make_report(images=section(**pictures), text=section())
    assert html.startswith("<!DOCTYPE html>")
    page = Page(html)
    tags = {tag for tag, _ in page.seen}
    assert not tags & {"script", "link", "iframe", "object", "base"}
    for tag, attributes in page.seen:
        for name in ("src", "href", "srcset", "data", "action"):
            target = attributes.get(name) or ""
            assert not target or target.startswith(("data:image/png;base64,", "#")), (tag, target)
        assert not any(name.startswith("on") for name in attributes)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert html.count("data:image/png") == 2 + len(pictures)  # the lift in both sections
    assert all(a.get("alt") for tag, a in page.seen if tag == "img")
    ids = {a["id"] for _, a in page.seen if a.get("id")}
    assert {a["href"][1:] for tag, a in page.seen if tag == "a"} <= ids | {"text"}


def test_equal_results_give_equal_bytes_without_date_or_path():
    first, second = (make_report(images=section(**{"gan.gallery": PNG})) for _ in range(2))
    assert first == second
    assert str(Path.cwd()) not in first
    assert "/tmp" not in first
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", first)


def test_what_a_user_named_is_text_and_nothing_else():
    evil = "<script>alert(1)</script>&\"'"
    html = section(
        data=samples(evil, "a&b"), bad=rejects(f"broken {evil}"), source=f"folder {evil}"
    )
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.seen}
    assert page.text.count(evil) == 3
    assert "a&amp;b" in html


def test_counts_and_rejects_are_told():
    bad = rejects("is empty", "is empty", *(f"reason {n}" for n in range(20)))
    text = " ".join(Page(section(bad=bad)).text.split())
    assert "16 samples in 4 classes; 22 set aside" in text
    assert "2 is empty" in text
    assert "9 for 9 other reasons" in text
    assert "No row had to be set aside." in Page(section()).text
    order = re.findall(r'<tr><th scope="row">(\w+)</th><td>2</td><td>1</td><td>1</td>', section())
    assert order == ["0", "1", "2", "10"]


def test_splits_of_a_domains_own_are_counted_too():
    data = samples("0", "1")
    data.loc[data.index[-1], "split"] = "faults"
    html = section(data=data)
    assert html.index(">test</th>") < html.index(">faults</th>") < html.index(">all</th>")


def test_many_classes_are_folded_away():
    html = section(data=samples(*(f"class {n}" for n in range(30))))
    Page(html)
    assert "<summary>30 classes: 60 train, 30 validation, 30 test</summary>" in html
    assert html.index("class 2<") < html.index("class 10<")


def test_the_leaderboard_marks_ceiling_floors_best_values_and_losers():
    floor = GENERATORS["pca_gmm"] | {"frechet_distance": 3.0}
    html = section(*tables(generators=GENERATORS | {"pca_gmm": floor}))
    board = html[html.index("Leaderboard of generators") : html.index("Leaderboard of predictors")]
    names = re.findall(r'<th scope="row" class="subject">(\w+)(.*?)</th>', board)
    marks = {name: re.findall(r'class="mark \w+">(.*?)<', rest) for name, rest in names}
    assert list(marks.items()) == [
        ("real", ["ceiling"]),
        ("gan", []),
        ("pca_gmm", ["floor"]),
        ("vae", ["does not beat pca_gmm"]),  # and not to kde, which copies
        ("kde", ["floor", "copies"]),
    ]
    assert (
        '<strong class="best">2.10</strong>' in board
    )  # kde's; the ceiling's 2.00 is no contender
    assert '<strong class="best">2.00</strong>' not in board
    assert '<strong class="best">0.500</strong>' in board  # closest to a half
    assert FEATURES in board
    assert "n = 449 test samples" in board
    assert "<small>2.09\u20132.11</small>" in board


def test_missing_intervals_and_metrics_leave_no_trace_of_nan():
    metrics, board = tables(spread=0, lifts={"real+gan": (0.01, math.nan, math.nan)})
    text = Page(make_report(images=section(metrics, board))).text
    assert not re.search(r"\bnan\b", text)
    assert "None" not in text
    assert "no interval" in text


def test_metrics_that_nobody_described_appear_under_their_own_name():
    metrics, board = tables(generators=changed(GENERATORS, gan={"validity": 0.7}))
    html = section(metrics, board)
    assert "<dt>validity <code>validity</code></dt>" in html


def test_a_domain_without_recipes_or_generators_still_has_a_page():
    metrics, board = tables(generators={}, lifts={})
    text = Page(make_report(images=section(metrics, board))).text
    assert "Leaderboard of predictors" in text
    assert "Leaderboard of generators" not in text


def test_pictures_stand_in_the_order_of_the_leaderboard():
    html = section(**{f"{name}.gallery": PNG for name in ("vae", "pca_gmm", "gan", "kde")})
    order = re.findall(r'alt="(\w+): samples, real beside', html)
    assert order == ["gan", "vae", "pca_gmm", "kde"]
    assert "gan: Fréchet distance 2.50 · Coverage 0.940 · Copy share 0.520" in html
