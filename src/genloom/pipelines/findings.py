"""What stands in a domain's tables, ready to be asked: single numbers, lifts, who copies.

The report and the figures read the tables through this module, so that they cannot disagree. What
counts as what is said here, once. A lift helps when its whole interval lies above 0; an interval
without width (few repeats that agree to the last sample) shows nothing. A generator copies when
its ``dcr_share`` is above ``COPIES`` and the whole interval above one half, or, in a domain that
counts them, less than ``NOVEL`` of its different samples are new: where little is held out,
``dcr_share`` can hardly leave one half. It has collapsed when its recall or coverage is below
``COLLAPSED`` times what real training data reaches.
"""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genloom.metrics.table import OF_RECIPES, Measure, distance_to_ideal, ranking

if TYPE_CHECKING:
    import pandas as pd

COPIES = 0.6
NOVEL = 0.5
COLLAPSED = 0.5
FULL = ""  # the arm with all training data; other arms are named by their labels per class
MINUS = "\u2212"
REAL = "real"  # the ceiling among the generators
KINDS = ("classical", "predictor", "network", "floor")
GROUPS = ("no generator", "real and generated", "generated alone")


@dataclass(frozen=True)
class Lift:
    """What one recipe did in one arm, against ``none`` of the same arm.

    Attributes:
        recipe: Its name without the arm, e.g. ``real+gan``.
        arm: ``FULL`` or the labels per class, e.g. ``"10"``.
        kind: ``classical``, ``predictor`` where another predictor learnt from the real data alone,
            or what made its samples: ``floor`` or ``network``.
        value: Difference in accuracy, the mean over the repeats.
        low: Lower end of its interval, NaN where there is none.
        high: Upper end.
        repeats: Number of pairs.
        accuracy: The recipe's mean accuracy.
    """

    recipe: str
    arm: str
    kind: str
    value: float
    low: float
    high: float
    repeats: int
    accuracy: float

    @property
    def group(self) -> str:
        """Whether generated samples stand alone, beside real ones, or not at all."""
        if self.kind in ("classical", "predictor"):
            return "no generator"
        return "real and generated" if self.recipe.startswith("real+") else "generated alone"

    @property
    def outcome(self) -> str:
        """``helps`` or ``loses`` when the whole interval is on one side of 0, else ``unclear``."""
        if math.isclose(self.low, self.high, abs_tol=1e-9):
            return "unclear"
        if self.low > 0:
            return "helps"
        return "loses" if self.high < 0 else "unclear"


def lifts(metrics: "pd.DataFrame", floors: Collection[str]) -> list[Lift]:
    """Every recipe's lift: the full arm first, and within an arm by group and kind."""
    generators = set(metrics.loc[metrics["role"] == "generator", "subject"])
    predictors = set(metrics.loc[metrics["metric"] == "accuracy", "subject"])
    accuracies = mean_accuracies(metrics)
    found = []
    for row in metrics[metrics["metric"] == "accuracy_lift"].to_dict("records"):
        recipe, arm = split_recipe(str(row["recipe"]))
        maker = recipe.removeprefix("real+")
        kind = "floor" if maker in floors else "network" if maker in generators else "classical"
        kind = "predictor" if maker in predictors else kind
        value, low, high, repeats = (as_float(row[key]) for key in ("value", "low", "high", "n"))
        reached = accuracies.get((recipe, arm), math.nan)
        count = 0 if math.isnan(repeats) else int(repeats)
        if math.isnan(value):  # with a single class there was nothing to predict
            continue
        found.append(Lift(recipe, arm, kind, value, low, high, count, reached))
    return sorted(
        found,
        key=lambda lift: (int(lift.arm or 0), GROUPS.index(lift.group), KINDS.index(lift.kind)),
    )


def mean_accuracies(metrics: "pd.DataFrame") -> dict[tuple[str, str], float]:
    """Mean accuracy over the repeats, by recipe and arm; ``none`` is among them."""
    scores = metrics[metrics["metric"] == "recipe_accuracy"]
    means = scores.groupby("recipe", sort=False)["value"].mean()
    return {split_recipe(str(name)): float(value) for name, value in means.items()}


def split_recipe(name: str) -> tuple[str, str]:
    """A recipe's name and its arm: ``real+gan@10`` is ``real+gan`` with 10 labels per class."""
    match = re.fullmatch(r"(.+)@(\d+)", name, re.DOTALL)
    return (match[1], match[2]) if match else (name, FULL)


class Facts:
    """A domain's metrics and leaderboard.

    Attributes:
        ranked_by: The metric that each role is ranked by.
        own: What the metrics say that only the domain knows.
        board: The leaderboard, by role and rank.
        floors: The subjects that are floors.
        features: The predictor whose features the distances rest on, with its accuracy.
        learner: The predictor that the recipes train.
        lifts: What every recipe did.
    """

    def __init__(
        self,
        metrics: "pd.DataFrame",
        leaderboard: "pd.DataFrame",
        ranked_by: dict[str, tuple[str, ...]],
        own: dict[str, Measure] | None = None,
    ) -> None:
        self.own = own or {}
        measured = metrics.loc[metrics["value"].notna(), "metric"]
        self.ranked_by = ranking(ranked_by, set(measured))
        plain = metrics[~metrics["metric"].isin(OF_RECIPES)]
        self._rows: dict[tuple[str, str], dict[Any, Any]] = {
            (str(row["subject"]), str(row["metric"])): row for row in plain.to_dict("records")
        }
        self.metrics = list(dict.fromkeys(plain["metric"]))
        self.board = leaderboard.sort_values(["role", "rank"], kind="stable")
        # A table that went through CSV may hold the words instead of the values.
        is_floor = leaderboard["floor"].astype(str) == "True"
        self.floors = frozenset(map(str, leaderboard.loc[is_floor, "subject"]))
        about = leaderboard.loc[leaderboard["role"] == "generator", "features"].dropna()
        self.features = str(about.iloc[0]) if len(about) else "a predictor that is not named"
        lifted = metrics.loc[metrics["metric"] == "accuracy_lift", "subject"]
        self.learner = str(lifted.iloc[0]) if len(lifted) else "the predictor"
        self.lifts = lifts(metrics, self.floors)
        self.accuracies = mean_accuracies(metrics)

    def ranked(self, role: str) -> list[str]:
        """The subjects of a role, best first, without ``real``."""
        found = self.board.loc[self.board["role"] == role, "subject"]
        return [str(subject) for subject in found if subject != REAL]

    def anything(self, role: str) -> bool:
        """Whether there is anything to rank: data of a single class has nothing to predict."""
        metric = self.ranked_by.get(role, "")
        return any(not math.isnan(self.number(subject, metric)) for subject in self.ranked(role))

    def number(self, subject: str, metric: str, part: str = "value") -> float:
        """A number of the table; NaN where there is none."""
        return as_float(self._rows.get((subject, metric), {}).get(part))

    def better(self, metric: str) -> str:
        """The direction of a metric: ``higher``, ``lower`` or ``closer:0.5``."""
        return next(str(row["better"]) for (_, name), row in self._rows.items() if name == metric)

    def far(self, subject: str, metric: str) -> float:
        """Smaller is better, whatever the metric."""
        value = self.number(subject, metric)
        return math.inf if math.isnan(value) else distance_to_ideal(self.better(metric), value)

    def floors_ahead(self, subject: str, role: str) -> list[str]:
        """The floors that a network does not beat in what its role is ranked by.

        A floor that copies is no bar: fidelity rewards copying.
        """
        metric = self.ranked_by[role]
        far = {
            name: self.far(name, metric)
            for name in self.ranked(role)
            if name in self.floors and not self.copies(name)
        }
        own = self.far(subject, metric)
        return [name for name, other in far.items() if math.isfinite(other) and not own < other]

    def copies(self, subject: str) -> bool:
        """Whether a generator repeats its training set."""
        return copying(
            self.number(subject, "dcr_share"),
            self.number(subject, "dcr_share", "low"),
            self.number(subject, "novelty"),
        )

    def copied(self, subject: str) -> str:
        """The number that says that a generator copies, for a sentence."""
        novelty = self.number(subject, "novelty")
        if novelty < NOVEL:
            return f"novelty {written(novelty)}"
        return written(self.number(subject, "dcr_share"))

    def cleared(self, subject: str) -> bool:
        """Whether even the upper end of its interval is no copier's share."""
        high = self.number(subject, "dcr_share", "high")
        share = self.number(subject, "dcr_share")
        return max(share, share if math.isnan(high) else high) <= COPIES

    def collapsed(self, subject: str) -> list[str]:
        """Which of recall and coverage fell below a share of what real data reaches."""
        return [
            metric
            for metric in ("recall", "coverage")
            if self.number(subject, metric) < COLLAPSED * self.number(REAL, metric)
        ]

    def fit(self, subject: str) -> bool:
        """Whether a generator neither copies nor has collapsed."""
        return not self.copies(subject) and not self.collapsed(subject)

    def recommended(self) -> str:
        """The generator to look at first: the best network that neither copies nor collapsed.

        Where there is none, the best network; where there are no networks, a floor.
        """
        ranked = self.ranked("generator")
        return min(ranked, key=lambda name: (name in self.floors, not self.fit(name)))

    def said(self, subject: str, metric: str) -> str:
        """A number with its interval: ``2.51 (2.40 to 2.62)``."""
        low, high = self.number(subject, metric, "low"), self.number(subject, metric, "high")
        value = written(self.number(subject, metric))
        if math.isnan(low):
            return value
        return f"{value} ({unbroken(f'{written(low)} to {written(high)}')})"


def copying(share: float, low: float, novelty: float = math.nan) -> bool:
    """Whether a generator copies: by ``dcr_share`` and its interval's lower end, or by novelty."""
    return (share > COPIES and not low <= 0.5) or novelty < NOVEL


def as_float(cell: Any) -> float:
    """A cell as a number, NaN for whatever a table calls missing."""
    import pandas as pd

    return math.nan if cell is None or pd.isna(cell) else float(cell)


def written(value: float) -> str:
    """A number as people read it: at least two significant figures, and no exponent."""
    if math.isnan(value):
        return "not measured"
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}".replace("-", MINUS)
    digits = 1 if size >= 10 else 2 if size >= 1.1 else 3
    if size < 0.05:
        digits = min(6, 1 - math.floor(math.log10(size)))
    return f"{value:.{digits}f}".replace("-", MINUS)


def points(value: float) -> str:
    """A difference in accuracy in percentage points, with its sign."""
    return "not measured" if math.isnan(value) else f"{100 * value:+.2f}".replace("-", MINUS)


def unbroken(text: str) -> str:
    """A text that stays on one line of a page."""
    return text.replace(" ", "\u00a0")
