"""The verb *report*: a page that a person would show a colleague.

``make_section`` writes one domain as a fragment of HTML, ``make_report`` joins the fragments into
one page that needs no other file. Everything on it comes from the tables; there is no date and no
path of this machine on it, so that equal results give equal bytes.
"""

import base64
from collections.abc import Mapping
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.domains.codecs import natural
from genloom.domains.split import SPLITS
from genloom.metrics.table import Measure
from genloom.pipelines.findings import (
    COLLAPSED,
    COPIES,
    FULL,
    GROUPS,
    NOVEL,
    REAL,
    Facts,
    points,
    written,
)
from genloom.pipelines.glossary import FEATURE_BASED, arrow, glossary, in_order, title
from genloom.pipelines.verdicts import draw_verdicts, listed

if TYPE_CHECKING:
    import pandas as pd

DASH = "\u2013"
CLASSES_OPEN = 12  # more classes than this are folded away
REASONS_SHOWN = 12
# Pictures that every domain has, with their heading on the page; a domain's own stand between.
FIRST, LAST = (
    {"gallery": "Samples, real beside generated"},
    {
        "confusion": "What the predictors confuse",
        "curves": "Training curves",
    },
)


def make_section(
    metrics: "pd.DataFrame",
    leaderboard: "pd.DataFrame",
    samples: "pd.DataFrame",
    rejects: "pd.DataFrame",
    source: str,
    lift: bytes = b"",
    *,
    domain: str,
    ranked_by: dict[str, tuple[str, ...]],
    own: dict[str, Measure],
    captions: dict[str, str],
    **pictures: bytes,
) -> str:
    """One domain's part of the report.

    Args:
        metrics: The domain's joined metrics.
        leaderboard: Its leaderboard.
        samples: Its samples, for the counts.
        rejects: What was set aside, with the columns ``file`` and ``reason``.
        source: Where the samples come from.
        lift: The picture of what the recipes did, as PNG bytes; none where there are no recipes.
        domain: The domain's name.
        ranked_by: The metrics that each role is ranked by, the first that was measured.
        own: The metrics that only the domain knows.
        captions: What each kind of the domain's own pictures shows.
        pictures: PNG bytes by ``<subject>.<kind>``.

    Returns:
        A ``<section>`` of HTML without anything outside of it.
    """
    facts = Facts(metrics, leaderboard, ranked_by, own)
    return render(
        "section.html.jinja",
        domain=domain,
        source=str(source),
        verdicts=draw_verdicts(facts),
        counts=_counts(samples),
        rejects=_rejects(rejects),
        features=facts.features,
        boards=[_board(facts, role) for role in ranked_by if facts.anything(role)],
        recipes=_recipes(facts),
        learner=facts.learner,
        lift=data_uri(lift),
        pictures=_pictures(facts, pictures, captions),
        glossary=glossary(facts),
        copies=COPIES,
        novel=NOVEL,
        collapsed=COLLAPSED,
    )


def make_report(**sections: str) -> str:
    """The page: every domain's section under one question.

    Args:
        sections: HTML of ``make_section`` by domain.
    """
    return render("report.html.jinja", sections=sections)


def render(template: str, **values: Any) -> str:
    """A template of this folder with its values, which are escaped, put in."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values)


def _counts(samples: "pd.DataFrame") -> dict[str, Any]:
    """Samples per class and split, the classes in the order of a person."""
    import pandas as pd

    labels = samples["label"].fillna("(no label)").astype(str)
    table = pd.crosstab(labels, samples["split"])
    known = [split for split in SPLITS if split in table.columns]  # before a domain's own ones
    splits = known + sorted(set(table.columns) - set(known))
    numbers = dict(zip(table.index, table[splits].to_numpy().tolist(), strict=True))
    rows = [(name, numbers[name], sum(numbers[name])) for name in sorted(numbers, key=natural)]
    totals = [sum(column) for column in zip(*numbers.values(), strict=True)]
    return {
        "splits": splits,
        "rows": rows,
        "totals": totals,
        "total": len(samples),
        "open": len(rows) <= CLASSES_OPEN,
    }


def _rejects(rejects: "pd.DataFrame") -> dict[str, Any]:
    """How many rows were set aside, and why, the most frequent reason first."""
    found = [(str(reason), len(part)) for reason, part in rejects.groupby("reason", sort=True)]
    found.sort(key=lambda pair: -pair[1])
    rest = found[REASONS_SHOWN:]
    return {
        "total": len(rejects),
        "reasons": found[:REASONS_SHOWN],
        "other_reasons": len(rest),
        "other_rows": sum(count for _, count in rest),
    }


def _board(facts: Facts, role: str) -> dict[str, Any]:
    """A leaderboard: the ceiling first, then by rank, with an interval in every cell.

    The metric that it is ranked by has the first column, so that no one has to look for it.
    """
    ranked, first = facts.ranked(role), facts.ranked_by[role]
    present = set(facts.board.loc[facts.board["role"] == role, "subject"])
    subjects = [REAL, *ranked] if REAL in present else ranked
    shown = [
        metric
        for metric in sorted(facts.metrics, key=lambda name: (name != first, *in_order(name)))
        if not all(isnan(facts.number(subject, metric)) for subject in ranked)
    ]
    best = {m: min(facts.far(subject, m) for subject in ranked) for m in shown}
    rows = []
    for place, subject in enumerate(subjects):
        cells = [
            {
                "value": _cell(facts.number(subject, metric)),
                "interval": _interval(facts, subject, metric),
                "best": subject != REAL and facts.far(subject, metric) == best[metric],
            }
            for metric in shown
        ]
        rank = "" if subject == REAL else place + (REAL not in present)
        rows.append(
            {"subject": subject, "rank": rank, "cells": cells, "ceiling": subject == REAL}
            | {"marks": _marks(facts, subject, role), "floor": subject in facts.floors}
        )
    columns = [
        {
            "id": m,
            "title": title(m, facts),
            "arrow": arrow(facts.better(m)),
            "dagger": m in FEATURE_BASED,
        }
        for m in shown
    ]
    return {
        "role": role,
        "columns": columns,
        "rows": rows,
        "ranked_by": title(first, facts),
    } | {"sizes": _sizes(facts, subjects, shown)}


def _marks(facts: Facts, subject: str, role: str) -> list[tuple[str, str]]:
    """Badges beside a name: a tone and what it says."""
    if subject == REAL:
        return [("plain", "ceiling")]
    marks = [("plain", "floor")] if subject in facts.floors else []
    if role == "generator" and facts.copies(subject):
        marks.append(("no", "copies"))
    if role == "generator" and facts.collapsed(subject):
        marks.append(("no", "collapsed"))
    if subject not in facts.floors and (ahead := facts.floors_ahead(subject, role)):
        marks.append(("no", f"does not beat {', '.join(ahead)}"))
    return marks


def _sizes(facts: Facts, subjects: list[str], metrics: list[str]) -> str:
    """The numbers of samples that the values rest on, as ``449``."""
    found = {facts.number(subject, metric, "n") for subject in subjects for metric in metrics}
    return listed(
        [f"{int(n):,}" for n in sorted(n for n in found if not isnan(n))] or ["not stated"]
    )


def _recipes(facts: Facts) -> dict[str, Any]:
    """The lift table: a row per recipe, an arm beside the other."""
    arms = list(dict.fromkeys(lift.arm for lift in facts.lifts))
    by_place = {(lift.recipe, lift.arm): lift for lift in facts.lifts}
    rows = {
        lift.recipe: {
            "recipe": lift.recipe,
            "group": lift.group,
            "kind": lift.kind,
            "arms": [by_place.get((lift.recipe, arm)) for arm in arms],
        }
        for lift in sorted(facts.lifts, key=lambda lift: GROUPS.index(lift.group))
    }
    repeats = sorted({lift.repeats for lift in facts.lifts})
    return {
        "arms": [f"{arm} labels per class" if arm != FULL else "full data" for arm in arms],
        "none": [_cell(facts.accuracies.get(("none", arm), nan)) for arm in arms],
        "rows": list(rows.values()),
        "repeats": listed([str(count) for count in repeats]) if repeats else "0",
        "points": points,
        "cell": _cell,
    }


def _pictures(
    facts: Facts, pictures: Mapping[str, bytes], captions: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Pictures by kind, each kind in the order of the leaderboards."""
    order = [subject for role in facts.ranked_by for subject in facts.ranked(role)]
    place = {subject: index for index, subject in enumerate(order)}
    own = {kind: kind.replace("_", " ").capitalize() for kind in captions if kind not in FIRST}
    headings = FIRST | own | LAST
    found: dict[str, list[dict[str, str]]] = {kind: [] for kind in headings}
    split = {name: name.rpartition(".") for name in pictures}
    for name in sorted(split, key=lambda name: (place.get(split[name][0], len(order)), name)):
        subject, _, kind = split[name]
        caption = ""
        if kind == "gallery":  # the other pictures say themselves what they show
            shown = dict.fromkeys([facts.ranked_by["generator"], "coverage", "dcr_share"])
            said = [f"{title(m, facts)} {_cell(facts.number(subject, m))}" for m in shown]
            caption = f"{subject}: {' · '.join(said)}"
        alt = f"{subject}: {headings[kind].lower()}"
        found[kind].append({"uri": data_uri(pictures[name]), "caption": caption, "alt": alt})
    return [
        {"kind": kind, "heading": headings[kind], "note": captions.get(kind, ""), "shown": shown}
        for kind, shown in found.items()
        if shown
    ]


def _cell(value: float) -> str:
    return DASH if isnan(value) else written(value)


def _interval(facts: Facts, subject: str, metric: str) -> str:
    low, high = facts.number(subject, metric, "low"), facts.number(subject, metric, "high")
    if isnan(low):
        return ""
    between = DASH if low >= 0 else " to "  # a dash beside a minus sign cannot be read
    return f"{written(low)}{between}{written(high)}"


def data_uri(picture: bytes) -> str:
    """A PNG file as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
