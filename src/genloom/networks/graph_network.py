"""Graph network: the class or the number of a molecule, from its atoms and bonds.

Gilmer et al., Neural message passing for quantum chemistry (2017), arXiv 1704.01212.
Xu et al., How powerful are graph neural networks? (2018), arXiv 1810.00826: messages that are
added up and pass through two layers keep more of a graph apart than their mean or maximum does.
Hu et al., Strategies for pre-training graph neural networks (2019), arXiv 1905.12265: the same
with bonds in the messages.
"""

from itertools import accumulate
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from genloom.graphs import ATOM_FEATURES, BONDS, NO_BOND, parts, present
from genloom.networks.predictor import Predictor

__all__ = ["GraphNetwork"]

USUAL_ATOMS = 16  # sums over a molecule are divided by it, so that they begin at about one


class Round(nn.Module):
    """One round of messages: every atom hears its neighbours and adds what it makes of that."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.bond = nn.Embedding(BONDS, width)
        self.first = nn.Linear(width, 2 * width)
        self.second = nn.Linear(2 * width, width)

    def forward(self, h: Tensor, source: Tensor, target: Tensor, bond: Tensor) -> Tensor:
        """New states of the atoms.

        Args:
            h: States of all atoms of a batch ``[atoms, width]``.
            source: Which atom each message comes from, ``[messages]``.
            target: Which atom it goes to, ``[messages]``.
            bond: Over which kind of bond, ``[messages]``.

        Returns:
            ``[atoms, width]``.
        """
        own = self.norm(h)
        message = F.relu(own.index_select(0, source) + self.bond(bond))
        heard = own.index_add(0, target, message)
        return h + self.second(F.relu(self.first(heard)))


class GraphNetwork(Predictor):
    """The class or the number of a molecule, from the graph of its atoms (see genloom.graphs).

    Args:
        shape: ``(atoms, atom features + atoms)``.
        classes: How many classes; 0 for a number.
        width: Numbers per atom between the rounds.
        layers: Rounds of messages: how many bonds away an atom hears of another.
        hidden_size: Length of the vector that stands for a molecule.
        dropout: Share of that vector that is switched off while training.
        label_smoothing: Share of the target that is spread over all classes.
        steps: Batches to train for.
        batch_size: Molecules per batch.
        lr: Highest learning rate of AdamW.
        weight_decay: AdamW's decay of weights.
        ema_decay: 0 keeps the last weights, 0.99 an exponential moving average.
    """

    takes = ("graphs",)
    rows_at_once = 256
    offsets: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        width: Annotated[int, Ge(1)] = 64,
        layers: Annotated[int, Ge(1)] = 3,
        hidden_size: Annotated[int, Ge(1)] = 64,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.05,
        steps: Annotated[int, Ge(1)] = 800,
        batch_size: Annotated[int, Ge(1)] = 32,
        lr: Annotated[float, Gt(0)] = 3e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.01,
        ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(classes)
        self.steps, self.batch_size, self.ema_decay = steps, batch_size, ema_decay
        self.lr, self.weight_decay, self.label_smoothing = lr, weight_decay, label_smoothing
        # One table holds the vectors of all features' values, one feature after the other.
        offsets = torch.tensor(list(accumulate(ATOM_FEATURES, initial=0))[:-1])
        self.register_buffer("offsets", offsets, persistent=False)
        self.atom = nn.EmbeddingBag(sum(ATOM_FEATURES), width, mode="sum")
        nn.init.normal_(self.atom.weight, std=0.4)
        self.rounds = nn.ModuleList(Round(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.hidden = nn.Linear(3 * width, hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, self.outputs)

    def represent(self, x: Tensor) -> Tensor:
        features, bonds = parts(trimmed(x))
        here = present(features)  # [n, a]
        h = self.atom(features[here].long() + self.offsets)  # [atoms, width]
        messages = self.messages(bonds, here)
        for round_ in self.rounds:
            h = round_(h, *messages)
        return F.relu(self.hidden(self.read(h, here)))  # [n, hidden_size]

    def messages(self, bonds: Tensor, here: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """All messages of a batch: every bond carries one each way.

        Args:
            bonds: ``[n, a, a]``.
            here: Where there is an atom, ``[n, a]``.

        Returns:
            Source and target, numbered over all atoms of the batch, and kind of bond.
        """
        number = (here.flatten().cumsum(0) - 1).view_as(here)
        graph, source, target = (bonds != NO_BOND).nonzero(as_tuple=True)
        bond = bonds[graph, source, target].long()
        return number[graph, source], number[graph, target], bond

    def read(self, h: Tensor, here: Tensor) -> Tensor:
        """Sum, mean and maximum over each molecule's atoms, ``[n, 3 * width]``."""
        rows = h.new_zeros(*here.shape, h.shape[1])
        rows[here] = F.relu(self.norm(h))  # never below 0, so no atom is no maximum either
        total = rows.sum(dim=1)
        atoms = here.sum(dim=1, keepdim=True).clamp(min=1)
        return torch.cat([total / USUAL_ATOMS, total / atoms, rows.amax(dim=1)], dim=1)


def trimmed(x: Tensor) -> Tensor:
    """Graphs without the places of atoms that none of them uses; one place stays at least."""
    used = int(present(x).sum(dim=1).max()) if len(x) else 0
    features = len(ATOM_FEATURES)
    return x[:, : max(1, used), : features + max(1, used)]
