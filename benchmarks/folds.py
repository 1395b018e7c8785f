"""Predictors and generators over repeated folds, as the base environment sets them.

    python benchmarks/folds.py [--domain tables] [--source diabetes] [--only fnn vae ...]
                               [--folds 5] [--repeats 5]

The samples of a source are cut into folds, anew in each repeat and alike in classes; every fold is
the test split once, and everything else is for training. Prints, as means with their standard
deviations over all folds and with processor seconds,

- predictors: accuracy and AUROC; of a table with numbers to predict, RMSE and R²;
- generators: the same of the reference predictor trained on their samples alone (TSTR in replace
  mode) and beside the real ones (in augment mode), with the difference to the real ones alone,
  fold by fold.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from sklearn.model_selection import StratifiedKFold

from genloom import members
from genloom.domains import Domain, load_domain
from genloom.domains.codecs import codec_for
from genloom.pipelines import augmentation
from genloom.pipelines.arms import Arm
from genloom.pipelines.fitting import fit_member
from genloom.pipelines.sampling import draw_samples
from genloom.pipelines.trial import Trial

PARAMETERS = Path(__file__).parent.parent / "conf" / "base"
HARDWARE = {"progress": False}


@dataclass
class Fold:
    """Samples with one fold as the test split, and what is measured on them.

    Attributes:
        name: The domain's.
        domain: The domain's answers.
        block: The domain's block of parameters.
        samples: With their splits.
        number: Of the fold, from which all seeds come.
    """

    name: str
    domain: Domain
    block: dict[str, Any]
    samples: pd.DataFrame
    number: int

    def __post_init__(self) -> None:
        given = {key: self.block[key] for key in self.domain.CODEC_PARAMETERS}
        self.codec = self.domain.fit_codec(self.samples, **given)
        self.reference = self.block[self.block["reference"]]
        self.once = self.block["augmentation"] | {"repeats": 1, "per_class": []}

    def predictor(self, name: str) -> pd.DataFrame:
        """What a predictor reaches with a budget of its own."""
        block = self.block[name]
        trial = Trial(self.samples, codec_for(self.codec, block), block, self.number, HARDWARE)
        train = self.samples[self.samples["split"] == "train"]
        score, encode = (
            (trial.numbers, trial.with_numbers)
            if trial.has_numbers
            else (trial.classes, trial.with_classes)
        )
        return pd.DataFrame(score(Arm("", False, 0, train), name, partial(encode, train)))

    def real(self) -> pd.DataFrame:
        """What the reference learns from the real samples."""
        return augmentation.measure_recipe(
            *(self.samples, self.codec, self.reference, self.once, {}, self.number, HARDWARE),
            domain=self.name,
            subject=self.block["reference"],
            recipe="none",
            classical_moves=self.domain.classical_moves,
        )

    def generator(self, name: str) -> pd.DataFrame:
        """What the reference learns from a generator's samples, alone and beside real ones."""
        measures, named = self.domain.MEASURES, {"domain": self.name}
        generator, _, _ = fit_member(
            *(self.samples, self.codec, self.block[name], self.number, HARDWARE),
            **named,
            subject=name,
            measures=measures,
        )
        made, _ = draw_samples(
            *(self.samples, generator, self.block["sampling"], self.number, HARDWARE),
            **named,
            subject=name,
        )
        return augmentation.measure_generator(
            *(self.samples, made, self.codec, generator, self.reference, self.once),
            *(self.number, HARDWARE),
            **named,
            subject=self.block["reference"],
            recipe=name,
            measures=measures,
        )


def every_fold(name: str, block: dict[str, Any], folds: int, repeats: int) -> Iterator[Fold]:
    """Every fold of every repeat."""
    domain = load_domain(name)
    samples, _ = domain.ingest({key: block[key] for key in domain.PARAMETERS}, 0)
    for number in range(folds * repeats):
        cutter = StratifiedKFold(folds, shuffle=True, random_state=number // folds)
        _, rows = list(cutter.split(samples, samples["label"]))[number % folds]
        split = pd.Series("train", index=samples.index)
        split.iloc[rows] = "test"
        yield Fold(name, domain, block, samples.assign(split=split), number)


def timed(measure: Any, name: str, number: int) -> pd.DataFrame:
    """What was measured, as ``subject, fold, metric, value``, the seconds among it."""
    started = time.process_time()
    found = measure(name) if name != "real" else measure()
    seconds = time.process_time() - started
    rows = pd.DataFrame(
        {
            "subject": found["recipe"].replace("none", "real"),
            "metric": found["metric"].str.removeprefix("recipe_"),
            "value": found["value"],
        }
    )
    rows.loc[len(rows)] = [name, "seconds", seconds]
    return rows.assign(fold=number)


def show(found: pd.DataFrame, title: str) -> None:
    """Means and deviations over folds, a row per subject."""
    values = found.pivot_table(index=["subject", "fold"], columns="metric", values="value")
    shown = [metric for metric in found["metric"].unique() if metric != "seconds"]
    print(f"\n{title:24}" + "".join(f"{name:>20}" for name in [*shown, "seconds"]))
    for subject in found["subject"].unique():
        own = values.loc[subject]
        cells = [f"{own[metric].mean():.4f} ± {own[metric].std():.4f}" for metric in shown]
        clock = "" if own["seconds"].isna().all() else f"{own['seconds'].mean():.1f}"
        print(f"{subject:24}" + "".join(f"{cell:>20}" for cell in [*cells, clock]))


def show_differences(found: pd.DataFrame) -> None:
    """Differences to the real samples alone, with the standard error of their mean."""
    plain = found[found["metric"] != "seconds"]
    values = plain.pivot_table(index="fold", columns=["metric", "subject"], values="value")
    print(f"\n{'difference to real':24}" + f"{'mean':>20}{'standard error':>20}")
    for metric in plain["metric"].unique():
        for subject in plain["subject"].unique():
            if subject != "real":
                apart = values[metric, subject] - values[metric, "real"]
                error = apart.std() / len(apart) ** 0.5
                print(f"{f'{subject} {metric}':24}{apart.mean():>+20.4f}{error:>20.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--domain", default="tables")
    parser.add_argument("--source", help="that of the base environment unless given")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="names of members; all unless given")
    asked = parser.parse_args()
    file = PARAMETERS / f"parameters_{asked.domain}.yml"
    block = yaml.safe_load(file.read_text())[asked.domain]
    block |= {"source": asked.source} if asked.source else {}
    chosen = {
        role: [
            name
            for name in members.names_by_role(block, role)
            if not asked.only or name in asked.only
        ]
        for role in ("predictor", "generator")
    }
    predictors, generators = [], []
    for fold in every_fold(asked.domain, block, asked.folds, asked.repeats):
        predictors += [timed(fold.predictor, name, fold.number) for name in chosen["predictor"]]
        if chosen["generator"]:
            generators.append(timed(fold.real, "real", fold.number))
        generators += [timed(fold.generator, name, fold.number) for name in chosen["generator"]]
        print(f"fold {fold.number + 1} of {asked.folds * asked.repeats}", flush=True)
    if predictors:
        show(pd.concat(predictors), "predictors")
    if generators:
        show(pd.concat(generators), "trained on")
        show_differences(pd.concat(generators))


if __name__ == "__main__":
    main()
