"""Reinforcement: a language model of molecules that learns to write those that score well.

Olivecrona et al., *Molecular de-novo design through deep reinforcement learning* (2017, arXiv
1704.04555): the augmented likelihood.
Blaschke et al. (2020, J. Cheminform. 12, 68): buckets of scaffolds, see ``diversity``.
Guo and Schwaller, *Augmented Memory* (2023, arXiv 2305.16160): the best molecules so far are
replayed several times a round, each time in another spelling.
Kim et al., *Genetic-guided GFlowNets for sample efficient molecular optimization* (2024, arXiv
2402.05961): children of the best molecules so far are scored as well, and learnt from.
Tripp et al. (2021), see ``surrogate``: of more children than calls, the likeliest are scored.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Annotated, Any

import torch
from annotated_types import Ge, Gt, Le
from rdkit import Chem, rdBase
from torch import Tensor, nn

from genloom.design.diversity import ScaffoldMemory
from genloom.design.genetic import STALE, breed, parents, ranked
from genloom.design.oracle import Oracle
from genloom.design.surrogate import Surrogate
from genloom.errors import GenloomError
from genloom.fitted import Fitted
from genloom.networks.base import reproducible
from genloom.seeds import derive_seed
from genloom.tokens import END, FIRST_LABEL, PAD, first_content

__all__ = ["Reinforcement"]


@dataclass(frozen=True)
class Rows:
    """Spellings of molecules as a language model reads them.

    Attributes:
        x: Rows of tokens, ``[n, length]`` int64.
        y: The labels that they are written under, ``[n]`` int64.
        scores: What each is worth, ``[n]`` float32.
    """

    x: Tensor
    y: Tensor
    scores: Tensor


@dataclass(frozen=True)
class Reinforcement:
    """Spends an oracle's calls on what a copy of the prior writes, and teaches it by the scores.

    Attributes:
        batch_size: Molecules that it writes per round.
        lr: Adam's learning rate.
        sigma: How much likelier a molecule of score 1 shall be than the prior says, in nats.
        replay: Molecules per replay.
        replays: Replays per round.
        memory: How many of the best molecules so far are remembered for replays.
        pressure: How much the best of them are preferred, see ``genetic.parents``.
        bucket: Good molecules of one scaffold that are rewarded; 0 rewards all.
        good: The least score of a good molecule.
        children: Children of the remembered molecules that are bred per round, besides what the
            model writes; 0 makes no use of genetic moves.
        choices: New molecules for each one that is scored: those that a ridge regression on all
            scores so far expects most of; 1 scores all.
        mutation: Share of the children that are changed after crossing.
        most_atoms: Heavy atoms that a child may have.
        first: Molecules of the training split that are scored in the beginning.
    """

    batch_size: Annotated[int, Ge(1)] = 64
    lr: Annotated[float, Gt(0)] = 5e-4
    sigma: Annotated[float, Gt(0)] = 200.0
    replay: Annotated[int, Ge(0)] = 64
    replays: Annotated[int, Ge(0)] = 4
    memory: Annotated[int, Ge(1)] = 400
    pressure: Annotated[float, Gt(0)] = 0.05
    bucket: Annotated[int, Ge(0)] = 25
    good: Annotated[float, Ge(0), Le(1)] = 0.5
    children: Annotated[int, Ge(0)] = 0
    choices: Annotated[int, Ge(1)] = 1
    mutation: Annotated[float, Ge(0), Le(1)] = 0.5
    most_atoms: Annotated[int, Ge(2)] = 50
    first: Annotated[int, Ge(0)] = 100

    def design(
        self, oracle: Oracle, start: Sequence[str], *, prior: Fitted, seed: int, threads: int = 1
    ) -> None:
        """Learn until no call is left, or nothing new is found.

        Args:
            oracle: Scores molecules, counts its calls and keeps them.
            start: Molecules of the training split; ``first`` of them are drawn and scored.
            prior: A fitted language model of molecules; it stays as it is.
            seed: Seeds everything that is random.
            threads: Processor threads.

        Raises:
            GenloomError: The prior is no language model.
        """
        if not hasattr(prior.member, "next_log_probabilities"):
            raise GenloomError(
                f"Reinforcement teaches a language model, which {prior.block.get('network')} is "
                "not: let the prior be a gpt or recurrent member."
            )
        chance = Random(seed)
        with reproducible(derive_seed(seed, "reinforcement"), threads), rdBase.BlockLogs():
            pupil = _Pupil(prior, lr=self.lr, sigma=self.sigma, chance=chance)
            known = _Known(oracle, ScaffoldMemory(self.bucket, self.good))
            known.score(chance.sample(list(start), min(self.first, len(start))))
            stale = turn = 0
            while oracle.left and stale < STALE:
                calls, turn = oracle.left, turn + 1
                self._round(pupil, known, chance, derive_seed(seed, "round", turn))
                stale = 0 if oracle.left < calls else stale + 1

    def _round(self, pupil: "_Pupil", known: "_Known", chance: Random, seed: int) -> None:
        x, y, written = pupil.write(self.batch_size, seed)
        candidates = [molecule for molecule in written if molecule]
        best = known.best(self.memory)
        if self.children and best:
            candidates += breed(
                best,
                self.children,
                chance,
                set(known.scores),
                mutation=self.mutation,
                pressure=self.pressure,
                most_atoms=self.most_atoms,
            )
        known.score_likeliest(candidates, 1 / self.choices)
        best = known.best(self.memory)
        judged = [not molecule or molecule in known.scores for molecule in written]
        worth = torch.tensor([known.worth(molecule) for molecule in written])
        pupil.study(Rows(x[judged], y[judged], worth[judged]))
        for _ in range(self.replays if best and self.replay else 0):
            drawn = parents(best, self.replay, chance, pressure=self.pressure)
            pupil.study(pupil.spelled(drawn, [best[molecule] for molecule in drawn]))


class _Known:
    """What was scored so far, and what of it is still rewarded."""

    def __init__(self, oracle: Oracle, scaffolds: ScaffoldMemory) -> None:
        self.oracle, self.scaffolds, self.surrogate = oracle, scaffolds, Surrogate()
        self.scores: dict[str, float] = {}

    def score_likeliest(self, molecules: Sequence[str], share: float) -> None:
        """Score such a share of those that are new: the surrogate's first choice."""
        new = [molecule for molecule in dict.fromkeys(molecules) if molecule not in self.scores]
        self.score(self.surrogate.likeliest(new, ceil(share * len(new))))

    def score(self, molecules: Sequence[str]) -> None:
        """Score those that are new, as far as the calls reach."""
        new = [molecule for molecule in dict.fromkeys(molecules) if molecule not in self.scores]
        new = new[: self.oracle.left]
        scores = self.oracle(new)
        self.scores.update(zip(new, scores, strict=True))
        self.scaffolds.add(new, scores)
        self.surrogate.learn(new, scores)

    def worth(self, molecule: str) -> float:
        """Its score; 0 where its scaffold has been seen too often, or it was never scored."""
        return 0.0 if self.scaffolds.is_tired_of(molecule) else self.scores.get(molecule, 0.0)

    def best(self, count: int) -> dict[str, float]:
        """The best that are still rewarded, with their scores."""
        worth = {molecule: self.worth(molecule) for molecule in self.scores}
        return {m: score for m, score in ranked(worth)[:count] if score > 0}


class _Pupil:
    """A copy of the prior that learns, beside the prior."""

    def __init__(self, prior: Fitted, *, lr: float, sigma: float, chance: Random) -> None:
        self.codec, self.classes = prior.own_codec, len(prior.classes)
        self.prior, self.agent = prior.member.eval(), deepcopy(prior.member).eval()
        self.sigma, self.chance = sigma, chance
        self.optimizer = torch.optim.Adam(self.agent.parameters(), lr=lr)

    def write(self, count: int, seed: int) -> tuple[Tensor, Tensor, list[str]]:
        """Draw rows ``[n, length]`` under labels ``[n]``, and what molecules they are.

        What is no molecule, or several, is an empty text.
        """
        random = torch.Generator().manual_seed(seed)
        labels = torch.randint(self.classes, (count,), generator=random)
        x = self.agent.sample(count, labels=labels, seed=seed, temperature=1.0, top_p=1.0)
        return x, labels, [_plain(text) for text in self.codec.decode(x)]

    def spelled(self, molecules: list[str], scores: list[float]) -> Rows:
        """Molecules in random spellings; those that the codec cannot write are left out."""
        import pandas as pd

        texts = [_respelled(molecule, self.chance) for molecule in molecules]
        x = self.codec.encode(pd.DataFrame({"content": texts}))
        ended = (x == END).any(dim=1).tolist()
        read = [_plain(text) for text in self.codec.decode(x)]
        kept = [
            place for place, name in enumerate(molecules) if ended[place] and read[place] == name
        ]
        labels = [self.chance.randrange(self.classes) for _ in kept]
        return Rows(
            x[kept],
            torch.tensor(labels, dtype=torch.int64),
            torch.tensor([scores[place] for place in kept], dtype=torch.float32),
        )

    def study(self, rows: Rows) -> None:
        """One step towards the augmented likelihood of some rows."""
        if not len(rows.x):
            return
        with torch.no_grad():
            wanted = log_likelihood(self.prior, rows.x, rows.y) + self.sigma * rows.scores
        loss = (wanted - log_likelihood(self.agent, rows.x, rows.y)).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.agent.parameters(), 1.0)
        self.optimizer.step()


def log_likelihood(model: Any, x: Tensor, y: Tensor) -> Tensor:
    """How likely a language model is to write rows under labels, ``[n]``, in nats.

    Args:
        model: A ``LanguageModel``.
        x: Rows ``[n, length]`` int64.
        y: Labels ``[n]`` int64.
    """
    x = x[:, : int((x != PAD).sum(dim=1).max())]
    text = torch.cat([torch.full_like(y, END)[:, None], FIRST_LABEL + y[:, None], x], dim=1)
    logits = model(text[:, :-1])[:, 1:].float()
    closed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    closed[PAD] = closed[FIRST_LABEL : first_content(model.classes)] = True  # never drawn either
    nats = logits.masked_fill(closed, -torch.inf).log_softmax(dim=-1)
    found = nats.gather(2, x[..., None].masked_fill((x == PAD)[..., None], END))[..., 0]
    return (found * (x != PAD)).sum(dim=1)


def _plain(text: str) -> str:
    """A molecule's canonical SMILES; empty for what is none, or several."""
    molecule = Chem.MolFromSmiles(text) if text and "." not in text else None
    return "" if molecule is None else str(Chem.MolToSmiles(molecule))


def _respelled(smiles: str, chance: Random) -> str:
    """A molecule's SMILES from another atom, in another order."""
    molecule = Chem.MolFromSmiles(smiles)
    return str(Chem.MolToRandomSmilesVect(molecule, 1, randomSeed=chance.randrange(1, 2**31))[0])
