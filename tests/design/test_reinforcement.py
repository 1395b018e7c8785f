"""A language model that learns from scores: likelihoods, replays, and what it finds."""

import math
from random import Random
from types import SimpleNamespace

import pytest
import torch
from rdkit import Chem

from genloom.design.diversity import ScaffoldMemory, internal_diversity, scaffold, share_passing
from genloom.design.objectives import objective
from genloom.design.oracle import Oracle
from genloom.design.reinforcement import Reinforcement, Rows, _Pupil, log_likelihood
from genloom.errors import GenloomError
from genloom.tokens import PAD, first_content


def test_likelihoods_are_those_of_drawing(prior):
    """A row is as likely as the share of draws that are it."""
    labels = torch.zeros(3000, dtype=torch.int64)
    drawn = prior.member.sample(3000, labels=labels, seed=0, temperature=1.0, top_p=1.0)
    kinds, counts = drawn.unique(dim=0, return_counts=True)
    row, count = kinds[counts.argmax()][None], int(counts.max())
    found = log_likelihood(prior.member, row, labels[:1]).exp().item()
    assert found == pytest.approx(count / 3000, abs=4 * math.sqrt(count) / 3000)


def test_likelihoods_leave_padding_out_and_carry_gradients(prior):
    x, y = prior.encode(_table("CCO", "CCCCO")), torch.tensor([0, 1])
    longer = torch.cat([x, torch.full((2, 5), PAD)], dim=1)
    nats = log_likelihood(prior.member, longer, y)
    assert torch.allclose(nats, log_likelihood(prior.member, x, y))
    nats.sum().backward()
    assert any(
        weight.grad is not None and weight.grad.any() for weight in prior.member.parameters()
    )
    prior.member.zero_grad()


def test_one_token_and_the_end_have_all_the_probability(prior):
    """Over all rows of one token, and that token followed by anything, it sums to one."""
    first = first_content(2)
    tokens = torch.arange(first, prior.shape[1])[:, None]
    y = torch.zeros(len(tokens), dtype=torch.int64)
    total = log_likelihood(prior.member, tokens, y).exp().sum()
    total += log_likelihood(prior.member, torch.tensor([[1]]), y[:1]).exp()[0]
    assert total.item() == pytest.approx(1, abs=1e-4)


def _table(*smiles):
    import pandas as pd

    return pd.DataFrame({"content": list(smiles)})


def pupil(prior, **options):
    return _Pupil(prior, **{"lr": 3e-3, "sigma": 20.0, "chance": Random(0)} | options)


def test_replays_are_other_spellings_of_the_same_molecules(prior):
    rows = pupil(prior).spelled(["CC(C)CO"] * 20, [0.5] * 20)
    texts = set(prior.own_codec.decode(rows.x))
    assert len(texts) > 3
    assert {Chem.CanonSmiles(text) for text in texts} == {"CC(C)CO"}
    assert rows.scores.tolist() == [0.5] * 20


def test_what_the_codec_cannot_write_is_not_replayed(prior):
    rows = pupil(prior).spelled(["CCBr", "CCCO", "C" * 30], [1.0, 0.5, 1.0])
    assert [Chem.CanonSmiles(text) for text in prior.own_codec.decode(rows.x)] == ["CCCO"]
    assert rows.scores.tolist() == [0.5]


def test_study_raises_what_scores_well_and_leaves_the_prior_alone(prior):
    learner = pupil(prior)
    x, y = prior.encode(_table("CCCCO", "CCN")), torch.tensor([0, 0])
    before = log_likelihood(prior.member, x, y).detach()
    for _ in range(20):
        learner.study(Rows(x, y, torch.tensor([0.5, 0.0])))
    after = log_likelihood(learner.agent, x, y).detach()
    assert after[0] > before[0] + 1
    assert after[0] - after[1] > before[0] - before[1] + 1
    assert torch.equal(log_likelihood(prior.member, x, y), before)


@pytest.mark.parametrize("children", [0, 8])
def test_learning_finds_better_molecules_within_its_budget(prior, samples, children):
    goal = objective({"logp": 3.0})
    start = samples["content"].tolist()
    oracle = Oracle(goal, 80)
    method = Reinforcement(batch_size=16, lr=3e-3, first=10, replay=16, children=children)
    method.design(oracle, start, prior=prior, seed=0)
    scores = oracle.trace()["score"]
    assert len(scores) == 80
    assert scores.max() > max(goal.score(smiles) for smiles in start) + 0.05
    assert scores[50:].mean() > scores[:30].mean()


def test_same_seed_same_molecules(prior, samples):
    traces = []
    for seed in (0, 0, 1):
        oracle = Oracle(objective({"logp": 3.0}), 40)
        method = Reinforcement(batch_size=16, first=5, replay=8, replays=2, children=4)
        method.design(oracle, samples["content"].tolist(), prior=prior, seed=seed)
        traces.append(oracle.trace().to_csv())
    assert traces[0] == traces[1] != traces[2]


def test_a_prior_that_is_no_language_model_is_named():
    prior = SimpleNamespace(member=object(), block={"network": "brics"})
    with pytest.raises(GenloomError, match="teaches a language model, which brics is not"):
        Reinforcement().design(None, [], prior=prior, seed=0)


def test_full_buckets_are_not_rewarded():
    memory = ScaffoldMemory(bucket=2, good=0.5)
    benzenes = ["Cc1ccccc1", "CCc1ccccc1", "CCCc1ccccc1"]
    memory.add(benzenes[:2], [0.9, 0.9])
    memory.add(["Oc1ccccc1", "CC1CCCCC1"], [0.4, 0.9])  # one is not good, one another scaffold
    assert not any(memory.is_tired_of(smiles) for smiles in benzenes)
    memory.add(benzenes[2:], [0.9])
    assert all(memory.is_tired_of(smiles) for smiles in benzenes)
    assert not memory.is_tired_of("CC1CCCCC1")
    assert not memory.is_tired_of("Oc1ccccc1")


def test_measures_of_molecules():
    assert scaffold("CCc1ccc(CC2CC2)cc1") == "c1ccc(CC2CC2)cc1"
    assert internal_diversity(["CCO", "CCO"]) == 0
    assert internal_diversity(["CCO", "c1ccccc1"]) == 1
    assert math.isnan(internal_diversity(["CCO"]))
    assert share_passing(["CC(=O)Nc1ccc(C)cc1", "CC(=O)Cl"]) == 0.5
