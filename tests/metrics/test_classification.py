"""Measures of predicted probabilities, by hand and against scikit-learn."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from genloom.errors import GenloomError
from genloom.metrics.classification import (
    accuracy,
    auprc,
    auroc,
    bootstrap_interval,
    classification_metrics,
    confusion_matrix,
    ece,
    macro_f1,
)

THREE = torch.tensor(
    [[0.8, 0.1, 0.1], [0.1, 0.6, 0.3], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4]], dtype=torch.float64
)


def test_by_hand():
    labels = torch.tensor([0, 1, 2, 2])
    result = classification_metrics(THREE, labels)
    assert list(result) == ["accuracy", "macro_f1", "auroc", "auprc", "ece"]
    assert result["accuracy"] == 0.75
    assert result["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    # Each row is alone in its bin: gaps 0.2, 0.4, 0.5, 0.6.
    assert result["ece"] == pytest.approx((0.2 + 0.4 + 0.5 + 0.6) / 4)
    assert result["auroc"] == pytest.approx(roc_auc_score(labels, THREE, multi_class="ovr"))


def test_ece_pools_the_rows_of_a_bin():
    probabilities = np.array([[0.95, 0.05]] * 4 + [[0.41, 0.59], [1.0, 0.0]])
    labels = np.array([0, 0, 0, 1, 1, 0])
    # (0.933, 1] holds four rows at .95 and one at 1: 4 of 5 right against a mean of 0.96.
    assert ece(probabilities, labels) == pytest.approx((5 * 0.16 + 0.41) / 6)


def test_ece_of_a_calibrated_predictor_is_small():
    generator = np.random.default_rng(0)
    positive = generator.random(20_000)
    labels = (generator.random(20_000) < positive).astype(int)
    probabilities = np.stack([1 - positive, positive], axis=1)
    assert ece(probabilities, labels) < 0.015


def test_binary_auroc_is_the_usual_one():
    generator = np.random.default_rng(0)
    labels = generator.integers(2, size=200)
    positive = np.clip(0.3 * labels + 0.7 * generator.random(200), 0, 1)
    probabilities = np.stack([1 - positive, positive], axis=1)
    assert auroc(probabilities, labels) == pytest.approx(roc_auc_score(labels, positive))


def test_a_class_that_no_label_carries_is_left_out_of_the_means():
    labels = torch.tensor([0, 1, 1, 1])
    result = classification_metrics(THREE, labels)
    assert result["auroc"] == pytest.approx(1.0)
    assert result["macro_f1"] == pytest.approx((1 + 0.8) / 2)


def test_a_single_class_has_no_auroc_and_no_interval():
    labels = [1, 1, 1, 1]
    assert math.isnan(auroc(THREE, labels))
    assert all(math.isnan(end) for end in bootstrap_interval(auroc, THREE, labels, seed=0))


def test_confusion_matrix_counts_every_class():
    matrix = confusion_matrix(THREE, torch.tensor([0, 1, 1, 0]))
    assert matrix.tolist() == [[1, 0, 1], [0, 2, 0], [0, 0, 0]]


def test_bootstrap_interval_of_an_accuracy_is_about_the_binomial_one():
    labels = np.zeros(1000, dtype=int)
    probabilities = np.array([[1.0, 0.0]] * 900 + [[0.0, 1.0]] * 100)
    low, high = bootstrap_interval(accuracy, probabilities, labels, seed=0, rounds=400)
    assert (low, high) == pytest.approx((0.8814, 0.9186), abs=0.005)
    assert (low, high) == bootstrap_interval(accuracy, probabilities, labels, seed=0, rounds=400)
    assert (low, high) != bootstrap_interval(accuracy, probabilities, labels, seed=1, rounds=400)


def test_rows_that_pass_one_by_rounding_are_no_logits():
    probabilities = np.array([[1.0000001, 0.0], [0.0, 1.0000001]], dtype=np.float32)
    assert ece(probabilities, [0, 1]) == pytest.approx(0, abs=1e-6)
    assert macro_f1(probabilities, [0, 1]) == 1


@pytest.mark.parametrize(
    ("probabilities", "labels", "words"),
    [
        (THREE, [0, 1], "do not belong together"),
        (THREE[:, 0], [0, 1, 2, 2], "do not belong together"),
        (THREE[:0], [], "no predictions"),
        (THREE * 2, [0, 1, 2, 2], "sum to 1"),
        (THREE * math.nan, [0, 1, 2, 2], "sum to 1"),
        (THREE, [0, 1, 2, 3], "from 0 to 2"),
        (THREE, [0.0, 1.0, 2.0, 2.0], "whole numbers"),
    ],
)
def test_what_cannot_be_judged_is_refused(probabilities, labels, words):
    with pytest.raises(GenloomError, match=words):
        classification_metrics(probabilities, labels)
    with pytest.raises(GenloomError, match=words):
        confusion_matrix(probabilities, labels)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_f1_and_auroc_are_those_of_scikit_learn(classes):
    from sklearn.metrics import f1_score

    random = np.random.default_rng(classes)
    probabilities = random.dirichlet(np.ones(classes), size=200).round(2)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = random.integers(classes, size=200)
    guessed = probabilities.argmax(axis=1)
    assert macro_f1(probabilities, labels) == pytest.approx(
        f1_score(labels, guessed, average="macro")
    )
    each = [roc_auc_score(labels == c, probabilities[:, c]) for c in range(classes)]
    assert auroc(probabilities, labels) == pytest.approx(np.mean(each))


@pytest.mark.parametrize("seed", range(3))
def test_the_area_under_precision_and_recall_is_that_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(3), size=60).round(1)  # rounded, so that there are ties
    p /= p.sum(axis=1, keepdims=True)
    y = random.integers(3, size=60)
    expected = np.mean([average_precision_score(y == label, p[:, label]) for label in range(3)])
    assert auprc(p, y) == pytest.approx(expected)
    assert np.isnan(auprc(p, np.zeros(60, dtype=int)))
