"""What recipes reach: how right a predictor is that was trained on other samples."""

import math

import pytest

from genloom import members
from genloom.domains import tables
from genloom.domains.codecs import codec_to_dict
from genloom.fitted import Fitted
from genloom.metrics.classification import accuracy, auroc
from genloom.metrics.regression import r2
from genloom.metrics.table import summarise_draws
from genloom.pipelines import augmentation, comparison, evaluation
from genloom.pipelines.fitting import fit_member
from genloom.pipelines.sampling import draw_samples

PREDICTOR = {"role": "predictor", "network": "linear"}
AUGMENTATION = {"repeats": 3, "per_class": 10, "synthetic_per_class": 20}
HARDWARE = {"progress": False}
NAMES = {"domain": "tables", "subject": "linear"}
BOTH = ["recipe_accuracy", "recipe_auroc"]


@pytest.fixture(scope="module")
def cancer():
    return tables.ingest({"source": "breast_cancer"}, 0)[0]


@pytest.fixture(scope="module")
def codec(cancer):
    return tables.fit_codec(cancer)


def fitted(block, samples, codec):
    train = samples[samples["split"] == "train"]
    member = members.build(block, codec.shape, len(codec.classes), seed=0)
    member.fit(codec.encode(train), codec.encode_labels(train), seed=0)
    return Fitted(member, block, codec.shape, codec.classes, codec_to_dict(codec), 0, "", {})


def of_none(samples, codec):
    return augmentation.measure_recipe(
        *(samples, codec, PREDICTOR, AUGMENTATION, {}, 0, HARDWARE),
        recipe="none",
        classical_moves=tables.classical_moves,
        **NAMES,
    )


@pytest.fixture(scope="module")
def copula(cancer, codec):
    """A generator, its draws and what a predictor learns from them."""
    generator = fitted({"role": "generator", "network": "gaussian_copula"}, cancer, codec)
    made, _ = draw_samples(
        cancer, generator, {"draws": 3}, 0, HARDWARE, domain="tables", subject="copula"
    )
    found = augmentation.measure_generator(
        *(cancer, made, codec, generator, PREDICTOR, AUGMENTATION, 0, HARDWARE),
        recipe="copula",
        measures=tables.MEASURES,
        **NAMES,
    )
    return generator, made, found


def test_none_is_the_predictor_trained_on_the_real_samples(cancer, codec):
    found = of_none(cancer, codec)
    assert list(found["metric"]) == BOTH * 6
    assert list(found["recipe"].unique()) == ["none", "none@10"]
    test = cancer[cancer["split"] == "test"]
    y = codec.encode_labels(test)
    probabilities = fitted(PREDICTOR, cancer, codec).member.predict(codec.encode(test))
    full = found[found["recipe"] == "none"].groupby("metric")["value"].unique()
    assert full["recipe_accuracy"] == pytest.approx([accuracy(probabilities, y)])
    assert full["recipe_auroc"] == pytest.approx([auroc(probabilities, y)])
    few = found[(found["recipe"] == "none@10") & (found["metric"] == "recipe_auroc")]
    assert few["value"].nunique() == 3  # every repeat has other samples
    assert (few["value"] < 1).all()


def test_all_real_samples_are_encoded_once(cancer, codec, monkeypatch):
    sizes = []
    encode = type(codec).encode

    def counted(self, rows):
        sizes.append(len(rows))
        return encode(self, rows)

    monkeypatch.setattr(type(codec), "encode", counted)
    of_none(cancer, codec)
    assert sizes.count(int((cancer["split"] == "train").sum())) == 1
    assert len(sizes) == 2 + AUGMENTATION["repeats"]  # the test split, and the few of each repeat


def test_a_rival_without_chance_learns_from_all_the_data_once(cancer, codec):
    found = augmentation.measure_rival(
        cancer, codec, PREDICTOR, AUGMENTATION, 0, HARDWARE, rival="linear", **NAMES
    )
    expected = of_none(cancer, codec)
    assert found["recipe"].tolist() == expected["recipe"].str.replace("none", "linear").tolist()
    columns = ["metric", "seed", "value", "n"]
    assert found[columns].equals(expected[columns])


def test_samples_of_a_generator_stand_alone_and_beside_real_ones(copula):
    found = copula[2]
    names = ["copula", "real+copula", "copula@10", "real+copula@10"]
    assert list(found["recipe"].unique()) == names
    assert (found.groupby(["recipe", "metric"]).size() == 3).all()
    assert found.loc[found["metric"] == "recipe_auroc", "value"].between(0.8, 1).all()


def test_a_generator_may_give_more_samples_than_there_are_real_ones(
    cancer, codec, copula, monkeypatch
):
    generator, made, _ = copula
    train, seen = (cancer["split"] == "train").sum(), []
    real_fit = members.member_class("linear").fit

    def fit(self, x, y, **how):
        seen.append(len(x))
        return real_fit(self, x, y, **how)

    monkeypatch.setattr(members.member_class("linear"), "fit", fit)
    assert train < len(made) < 3 * train
    for per_real, alone in ((1, train), (3, 3 * train)):
        seen.clear()
        augmentation.measure_generator(
            *(cancer, made, codec, generator, PREDICTOR),
            AUGMENTATION | {"repeats": 1, "synthetic_per_real": per_real},
            *(0, HARDWARE),
            recipe="copula",
            measures=tables.MEASURES,
            **NAMES,
        )
        assert seen[:2] == [alone, 2 * alone]  # real ones are repeated


def test_tstr_is_what_the_samples_alone_reach(cancer, codec, copula):
    generator, made, found = copula
    network = {"role": "predictor", "network": "fnn", "hidden_size": 8, "steps": 30}
    judges = {"reference": fitted(network, cancer, codec)}
    judges["features"] = judges["reference"]
    common = {"sampling": {"draws": 3}, "seed": 0, "domain": "tables", "measures": tables.MEASURES}
    measured = evaluation.evaluate_generator(
        *(cancer, made, codec, generator),
        augmentation=found,
        subject="copula",
        **(judges | common),
    )
    none = of_none(cancer, codec)
    real = evaluation.evaluate_real(cancer, codec, augmentation=none, **(judges | common))
    for table, augmented, recipe in ((measured, found, "copula"), (real, none, "none")):
        rows = table.set_index("metric")
        for metric in ("accuracy", "auroc"):
            alone = augmented[
                (augmented["recipe"] == recipe) & (augmented["metric"] == f"recipe_{metric}")
            ]
            row = rows.loc[f"tstr_{metric}"]
            low_and_high = summarise_draws(alone["value"].tolist())[1:]
            assert row["value"] == pytest.approx(alone["value"].mean())
            assert (row["low"], row["high"]) == pytest.approx(
                (max(0, low_and_high[0]), min(1, low_and_high[1]))
            )
            assert row["better"] == "higher"
    joined = comparison.join_metrics(none=none, copula=found, measured=measured, real=real)
    lifts = joined[joined["metric"] == "accuracy_lift"].set_index("recipe")
    assert set(lifts.index) == {"copula", "real+copula", "copula@10", "real+copula@10"}
    right = found[(found["recipe"] == "copula") & (found["metric"] == "recipe_accuracy")]
    reached = none[(none["recipe"] == "none") & (none["metric"] == "recipe_accuracy")]
    expected = right["value"].mean() - reached["value"].mean()
    assert lifts.loc["copula", "value"] == pytest.approx(expected)


def test_of_a_single_class_nothing_is_measured(cancer):
    alike = cancer.assign(label="")
    found = of_none(alike, tables.fit_codec(alike))
    assert list(found["metric"].unique()) == BOTH
    assert found["value"].map(math.isnan).all()


def test_numbers_to_predict_are_made_and_learned_too():
    samples = tables.ingest({"source": "diabetes"}, 0)[0]
    codec = tables.fit_codec(samples)
    block = {"role": "generator", "network": "gaussian_copula"}
    generator, _, _ = fit_member(
        samples, codec, block, 0, HARDWARE, measures=tables.MEASURES, **NAMES
    )
    made, _ = draw_samples(
        samples, generator, {"draws": 3}, 0, HARDWARE, domain="tables", subject="copula"
    )
    train, test = (samples[samples["split"] == split] for split in ("train", "test"))
    assert made["target"].between(train["target"].min(), train["target"].max()).all()
    by_label = made.groupby("label")["target"].median()
    assert by_label.is_monotonic_increasing  # labels are bands of the target
    found = augmentation.measure_generator(
        *(samples, made, codec, generator, PREDICTOR, AUGMENTATION, 0, HARDWARE),
        recipe="copula",
        measures=tables.MEASURES,
        **NAMES,
    )
    names = ["recipe_accuracy", "recipe_auroc", "recipe_rmse", "recipe_r2"]
    assert (found.groupby(["metric", "recipe"]).size() == 3).all()
    assert set(found["metric"]) == set(names)
    none = of_none(samples, codec)
    assert set(none["metric"]) == set(names)
    values = none[none["recipe"] == "none"].groupby("metric")["value"].mean()
    member = members.build(PREDICTOR, codec.shape, 0, seed=0)
    member.fit(codec.encode(train), codec.encode_targets(train), seed=0)
    expected = r2(member.predict(codec.encode(test)), codec.encode_targets(test))
    assert values["recipe_r2"] == pytest.approx(expected)
    reached = found[found["recipe"] == "copula"].groupby("metric")["value"].mean()
    assert 0.2 < reached["recipe_r2"] <= values["recipe_r2"] + 0.05
    assert reached["recipe_rmse"] < test["target"].std()
    rows = {row["metric"]: row for row in evaluation._tstr(found, "copula")}
    assert rows["tstr_r2"]["value"] == pytest.approx(reached["recipe_r2"])
    assert rows["tstr_rmse"]["value"] == pytest.approx(reached["recipe_rmse"])
    rows = augmentation.measure_recipe(
        *(samples, codec, PREDICTOR, AUGMENTATION, {"copies": 1}, 0, HARDWARE),
        recipe="classical",
        classical_moves=tables.classical_moves,
        **NAMES,
    )
    assert set(rows["metric"]) == set(BOTH)
