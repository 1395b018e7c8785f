"""What the domain measures of its rows, and its pictures."""

import json

import pandas as pd
import pytest
import torch

from genloom import domains
from genloom.domains import tables
from genloom.domains.codecs import codec_to_dict
from genloom.domains.tables.figures import CAPTIONS, FIGURES, gallery
from genloom.domains.tables.measures import METRICS, own_metrics
from genloom.fitted import Fitted
from genloom.floors.gaussian_copula import GaussianCopula
from genloom.metrics.table import metrics_table

from .test_codec import table


@pytest.fixture(scope="module")
def cancer():
    return tables.ingest({"source": "breast_cancer"}, 0)[0]


def part(samples, split):
    return samples[samples["split"] == split]


def fit_copula(samples, form):
    codec = tables.fit_codec(samples).of(form)
    train = part(samples, "train")
    floor = GaussianCopula(codec.shape, len(codec.classes))
    floor.fit(codec.encode(train), codec.encode_labels(train), seed=0)
    block = {"network": "gaussian_copula", "role": "generator"}
    return Fitted(floor, block, codec.shape, codec.classes, codec_to_dict(codec), 0, "", {})


@pytest.mark.parametrize("form", ["vectors", "normal"])
def test_a_copula_is_nearer_to_real_rows_than_shuffled_columns_are(cancer, form):
    train, test = part(cancer, "train"), part(cancer, "test")
    fitted = fit_copula(cancer, form)
    x = fitted.member.sample(len(test), labels=fitted.encode_labels(test), seed=0)
    labels = test["label"].tolist()
    made = pd.DataFrame({"content": fitted.own_codec.decode(x), "label": labels})
    mixed_up = pd.DataFrame(
        {
            name: column.sample(frac=1, random_state=place).tolist()
            for place, (name, column) in enumerate(
                pd.DataFrame(map(json.loads, test["content"])).items()
            )
        }
    )
    shuffled = made.assign(content=[json.dumps(row) for row in mixed_up.to_dict("records")])
    real, good, bad = (own_metrics(rows, test, train) for rows in (train, made, shuffled))
    assert set(good) == set(METRICS) == set(tables.MEASURES.better)
    assert good["column_shapes"] > 0.85
    assert bad["column_shapes"] > 0.999 * 30 / 31
    assert good["column_pairs"] > bad["column_pairs"] + 0.05
    assert real["column_pairs"] > 0.85
    assert good["detection_auroc"] < 0.75
    assert good["constraint_violations"] == 0 == real["constraint_violations"]
    assert 0 < own_metrics(test, train, train)["constraint_violations"] < 0.5
    common = {"domain": "tables", "subject": "x"}
    metrics_table(
        [
            common | {"metric": name, "value": value, "better": tables.MEASURES.better[name]}
            for name, value in good.items()
        ]
    )


def test_rows_of_all_kinds_and_impossible_ones_can_be_measured():
    samples = pd.concat([table()] * 3, ignore_index=True)
    found = own_metrics(samples, samples, samples)
    assert found["column_shapes"] == 1
    assert found["column_pairs"] == pytest.approx(1)
    assert found["constraint_violations"] == 0
    row = json.loads(samples["content"][0])
    odd = samples.copy()
    for place, change in enumerate(
        ({"age": 3}, {"age": 40.5}, {"town": "Paris"}, {"weight": None}, {"weight": "much"})
    ):
        odd.loc[place, "content"] = json.dumps(row | change)
    assert own_metrics(odd, samples, samples)["constraint_violations"] == pytest.approx(5 / 18)


def test_the_domain_reads_two_forms_and_captions_all_pictures():
    domain = domains.load_domain("tables")
    assert domain.CODECS == {"vectors": "vectors", "normal": "vectors"}
    assert set(CAPTIONS) == {"gallery", *FIGURES}


@pytest.mark.parametrize("mixed", [False, True])
def test_pictures_can_be_drawn(cancer, mixed, tmp_path):
    samples = pd.concat([table()] * 3, ignore_index=True) if mixed else cancer
    fitted = fit_copula(samples, "vectors")
    for name, picture in FIGURES.items():
        figure = picture(samples, None, fitted, seed=0, title="$copula")
        assert figure.get_suptitle().startswith("$copula: ")
        figure.savefig(tmp_path / f"{name}.png")
        again = picture(samples, None, fitted, seed=0, title="$copula")
        again.savefig(tmp_path / "again.png")
        assert (tmp_path / f"{name}.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    y = torch.arange(8) % 2
    x = fitted.member.sample(8, labels=y, seed=0)
    codec = fitted.own_codec
    made = pd.DataFrame({"content": codec.decode(x), "label": codec.decode_labels(y)})
    figure = gallery(samples, made, title="copula")
    cells = figure.axes[0].tables[0].get_celld()
    assert cells[1, 0].get_text().get_text() == "real"
    assert cells[12, 0].get_text().get_text() == "generated"
    figure.savefig(tmp_path / "gallery.png")
