"""Predictors are judged on every split that is held out, of classes and of numbers."""

import numpy as np
import pandas as pd
import pytest
import torch

from genloom import members
from genloom.domains import Measures
from genloom.fitted import Fitted
from genloom.pipelines.prediction import evaluate_predictor


class Columns:
    """A codec of samples whose content is three numbers; a target above 0 makes it a "yes"."""

    classes = ["no", "yes"]
    shape = (3,)

    def encode(self, samples):
        return torch.tensor(np.stack(samples["content"]), dtype=torch.float32)

    def encode_labels(self, samples):
        return torch.tensor([self.classes.index(label) for label in samples["label"]])

    def classes_of(self, values):
        return (values > 0).long()


def samples_of(numbers: bool) -> pd.DataFrame:
    random = np.random.default_rng(0)
    content = random.normal(size=(240, 3))
    target = content @ [2.0, -1.0, 0.0] + 0.1 * random.normal(size=240)
    split = np.array(["train", "train", "train", "validation", "test", "scaffold"])[
        np.arange(240) % 6
    ]
    label = np.where(target > 0, "yes", "no")
    table = pd.DataFrame({"content": list(content), "label": label, "split": split})
    return table.assign(target=target) if numbers else table


def fitted_to(samples: pd.DataFrame) -> Fitted:
    codec, numbers = Columns(), "target" in samples
    train = samples[samples["split"] == "train"]
    block = {"role": "predictor", "network": "linear"}
    member = members.build(block, codec.shape, 0 if numbers else 2, seed=0)
    y = torch.tensor(train["target"].to_numpy()) if numbers else codec.encode_labels(train)
    member.fit(codec.encode(train), y, seed=0)
    classes = [] if numbers else codec.classes
    found = Fitted(member, block, codec.shape, classes, codec={}, seed=0, data_digest="")
    found.own_codec = codec
    return found


@pytest.mark.parametrize("numbers", [True, False])
def test_every_split_that_is_held_out_is_measured(numbers):
    samples = samples_of(numbers)
    table, predictions = evaluate_predictor(
        samples,
        fitted_to(samples),
        seed=0,
        domain="tables",
        subject="linear",
        measures=Measures(places=lambda samples, codec: codec.encode(samples)),
    )
    own = ["rmse", "mae", "r2"] if numbers else ["accuracy", "macro_f1", "auroc", "auprc", "ece"]
    assert set(table["metric"]) == {*own, *[f"{name}_scaffold" for name in own], "parameters"}
    rows = table.set_index("metric")
    assert (rows.loc[own, "split"] == "test").all()
    assert rows.loc[f"{own[0]}_scaffold", "split"] == "scaffold"
    assert rows.loc[own[0], "better"] == rows.loc[f"{own[0]}_scaffold", "better"]
    assert (rows.loc[own, "low"] <= rows.loc[own, "high"]).all()
    assert rows.loc["r2" if numbers else "accuracy", "value"] > 0.9
    assert len(predictions) == (samples["split"] == "test").sum()
    assert predictions.columns[0] == ("target" if numbers else "label")


def test_numbers_are_classes_by_where_they_lie():
    samples = samples_of(numbers=True)
    predictor = fitted_to(samples)
    assert predictor.predicts_numbers
    right = predictor.classify(samples) == predictor.encode_labels(samples)
    assert right.double().mean() > 0.9
