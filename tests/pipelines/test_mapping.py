"""Mappers are fitted to what their task lets them see, and judged by what it promises."""

import math

import numpy as np
import pandas as pd
import pytest

from genloom.domains import tables
from genloom.errors import GenloomError
from genloom.pipelines import mapping, mapping_figures
from genloom.pipelines.fitting import fit_member
from genloom.tasks import abnormal_classes

MAPPING = {"abnormal": ["far"], "noises": {"gaussian": [0.5, 1.0], "masking": [0.2]}}
BLOCKS = {
    "pca": {"role": "mapper", "task": "compress", "network": "pca", "code": 2},
    "autoencoder": {
        **{"role": "mapper", "task": "compress", "network": "autoencoder"},
        **{"code": 2, "hidden": 16, "steps": 300},
    },
    "cleaner": {"role": "mapper", "task": "denoise", "network": "pca", "code": 2},
    "denoiser": {
        **{"role": "mapper", "task": "denoise", "network": "autoencoder", "gaussian": 1.0},
        **{"code": 2, "hidden": 16, "steps": 300},
    },
    "outliers": {"role": "mapper", "task": "detect", "network": "outliers"},
    "detector": {
        **{"role": "mapper", "task": "detect", "network": "autoencoder"},
        **{"code": 2, "hidden": 16, "steps": 300},
    },
    "som": {
        **{"role": "mapper", "task": "map", "network": "self_organizing_map"},
        **{"rows": 4, "columns": 4},
    },
    "kmeans": {"role": "mapper", "task": "map", "network": "kmeans", "units": 16},
}


@pytest.fixture(scope="module")
def samples() -> pd.DataFrame:
    """Six columns that two numbers make, in three groups, of which the last lies far away."""
    random = np.random.default_rng(0)
    label = np.array(["left", "right", "far"])[np.arange(300) % 3]
    centre = {"left": (-2, 0), "right": (2, 0), "far": (0, 9)}
    hidden = np.array([centre[name] for name in label]) + random.normal(size=(300, 2))
    values = hidden @ random.normal(size=(2, 6)) + 0.1 * random.normal(size=(300, 6))
    rows = [pd.Series(dict(zip("abcdef", row, strict=True))).to_json() for row in values]
    split = np.array(["train", "train", "train", "validation", "test"])[np.arange(300) // 3 % 5]
    return pd.DataFrame({"content": rows, "label": label, "split": split, "source": "real"})


@pytest.fixture(scope="module")
def fitted(samples):
    codec = tables.fit_codec(samples)
    hardware = {"accelerator": "cpu", "progress": False}
    return {
        name: fit_member(
            samples,
            codec,
            block,
            0,
            hardware,
            mapping=MAPPING,
            domain="tables",
            subject=name,
            measures=tables.MEASURES,
        )
        for name, block in BLOCKS.items()
    }


@pytest.fixture(scope="module")
def values(samples, fitted):
    found = pd.concat(
        mapping.evaluate_mapper(samples, fitted[name][0], MAPPING, 0, domain="tables", subject=name)
        for name in BLOCKS
    )
    return found.set_index(["subject", "metric"])


def test_every_task_has_its_role_on_the_leaderboard(values, fitted):
    roles = values.reset_index().groupby("subject")["role"].unique().map(list).to_dict()
    assert roles["pca"] == roles["autoencoder"] == ["compressor"]
    assert roles["denoiser"] == ["denoiser"]
    assert roles["outliers"] == ["detector"]
    assert roles["som"] == roles["kmeans"] == ["map"]
    assert set(fitted["som"][2]["role"]) == {"map"}


def test_two_numbers_are_enough_for_what_two_numbers_made(values):
    row = values.loc[("pca", "explained_variance")]
    assert row["value"] > 0.97
    assert row["low"] <= row["value"] <= row["high"]
    assert values.loc[("pca", "code_size"), "value"] == 2
    assert values.loc[("autoencoder", "explained_variance"), "value"] > 0.5
    assert ("pca", "psnr") not in values.index  # pictures alone have one


def test_noise_is_reduced_and_each_kind_is_told(values):
    names = ["noise_reduction_gaussian_0.5", "noise_reduction_gaussian_1.0"]
    each = [values.loc[("cleaner", name), "value"] for name in names]
    assert each[1] > each[0] > 0
    whole = values.loc[("cleaner", "noise_reduction")]
    masked = values.loc[("cleaner", "noise_reduction_masking_0.2"), "value"]
    assert whole["value"] == pytest.approx((sum(each) + masked) / 3)
    assert whole["low"] < whole["value"] < whole["high"]


def test_a_detector_never_sees_what_it_is_to_find(samples, fitted, values):
    normal = samples[(samples["split"] == "train") & (samples["label"] != "far")]
    assert fitted["outliers"][2]["n"].iloc[0] == len(normal)
    assert fitted["outliers"][0].data_digest != fitted["pca"][0].data_digest
    for name in ("outliers", "detector"):
        assert values.loc[(name, "auroc"), "value"] > 0.95
        assert values.loc[(name, "auprc"), "value"] > 0.9


def test_groups_lie_together_on_a_map(values):
    for name in ("som", "kmeans"):
        assert values.loc[(name, "label_map_accuracy"), "value"] > 0.9
        assert values.loc[(name, "adjusted_rand"), "value"] > 0.5
    assert 0 <= values.loc[("som", "topographic_error"), "value"] < 0.5
    assert ("kmeans", "topographic_error") not in values.index


def test_without_a_wish_the_rarest_label_is_to_be_found(samples):
    few = pd.concat(
        [samples[samples["label"] != "right"], samples[samples["label"] == "right"][:5]]
    )
    assert abnormal_classes(few, {"abnormal": None}) == ["right"]
    alone = samples[samples["label"] == "left"]
    assert abnormal_classes(alone, {}) == []


@pytest.mark.parametrize(
    ("abnormal", "said"),
    [(["near"], "'near', which no sample carries"), (["left", "right", "far"], "every label")],
)
def test_what_cannot_be_found_is_refused(samples, abnormal, said):
    with pytest.raises(GenloomError, match=said):
        abnormal_classes(samples, {"abnormal": abnormal})


def test_with_one_label_there_is_nothing_to_detect(samples, fitted):
    alone = samples[samples["label"] == "left"]
    rows = mapping.judge_detector(alone, fitted["outliers"][0], {"abnormal": None}, 0)
    assert all(math.isnan(row["value"]) for row in rows)


@pytest.mark.parametrize("name", ["autoencoder", "denoiser", "detector", "som"])
def test_every_picture_is_drawn_and_the_same_again(samples, fitted, name, tmp_path):
    for kind, draw in mapping_figures.PICTURES[BLOCKS[name]["task"]].items():
        assert kind in mapping_figures.CAPTIONS
        bytes_ = []
        for number in range(2):
            figure = mapping_figures.picture(
                samples, fitted[name][0], MAPPING, 0, draw=draw, title=name
            )
            figure.savefig(tmp_path / f"{kind}{number}.png", metadata={"Software": None})
            bytes_.append((tmp_path / f"{kind}{number}.png").read_bytes())
        assert bytes_[0] == bytes_[1]
