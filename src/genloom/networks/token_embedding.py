"""How tokens become vectors: by what they are, what stands before them, and what is recalled.

Svenstrup et al., Hash embeddings for efficient word representations (2017), arXiv 1709.03933.
Akyürek et al., In-context language learning: architectures and algorithms (2024), arXiv 2401.12973:
attention heads that look up n-grams in the context, given by construction.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genloom.tokens import PAD

HASH = 6_364_136_223_846_793_005  # Knuth's multiplier; sums of its powers overflow, as hashes may


class TokenEmbedding(nn.Module):
    """Vectors for tokens: of each itself, of n-grams that end in it, and of what is recalled.

    N-grams are hashed into ``buckets`` vectors per length, so that the layers above need not learn
    short contexts. What is recalled is the token that followed when the latest tokens last stood in
    the text before: the work of induction heads, done by looking, and so at hardly any cost far
    beyond what layers can attend to. Runs of several lengths recall each their own, as a long one
    is seldom found but seldom wrong; the layers weigh them against each other.

    Args:
        vocabulary: How many tokens there are.
        width: Length of a vector.
        ngrams: Lengths of the n-grams, each at least 2; none makes a plain embedding.
        buckets: Vectors per length.
        recall: Lengths of the runs of latest tokens that are looked for; none recalls nothing.
        reach: How many tokens back it is looked for, at most.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        *,
        ngrams: list[int],
        buckets: int,
        recall: Sequence[int] = (),
        reach: int = 0,
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.ngrams = nn.ModuleList(nn.Embedding(buckets, width) for _ in ngrams)
        self.recalled = nn.ModuleList(nn.Embedding(vocabulary, width) for _ in recall)
        for table in (self.token, *self.ngrams, *self.recalled):
            nn.init.normal_(table.weight, std=0.02)
        self.lengths, self.buckets, self.recall = list(ngrams), buckets, list(recall)
        # Tokens before the first that n-grams need, and that it looks at where it can.
        self.least = max([1, *ngrams]) - 1
        self.reach = max(self.least, reach if recall else 0)

    def nothing(self, rows: int) -> Tensor:
        """What stands before the first tokens of as many texts: ``[rows, least]`` int64."""
        return torch.full((rows, self.least), PAD, device=self.token.weight.device)

    def forward(self, tokens: Tensor, before: Tensor) -> Tensor:
        """Vectors ``[b, t, width]`` of tokens ``[b, t]`` behind at least ``least`` others."""
        h = self.token(tokens)
        text = torch.cat([before, tokens], dim=1)
        key = tokens
        for n in range(2, max([1, *self.lengths]) + 1):
            begin = before.shape[1] + 1 - n  # n - 1 places before the first
            earlier = text[:, begin : begin + tokens.shape[1]]
            key = (key * 1_000_003 + earlier * 7_919 + n) % 2_147_483_647
            if n in self.lengths:
                h = h + self.ngrams[self.lengths.index(n)](key % self.buckets)
        recalled = self.recall_from(text, tokens.shape[1])
        for table, token in zip(self.recalled, recalled, strict=True):
            h = h + table(token)
        return h

    def recall_from(self, text: Tensor, new: int) -> list[Tensor]:
        """What followed when the latest tokens last stood in a text, by each length of ``recall``.

        Args:
            text: ``[b, t]``; ``PAD`` stands for nothing.
            new: For how many of its last places.

        Returns:
            For each length ``[b, new]`` int64, ``PAD`` where its run is not found within ``reach``.
        """
        t, found = text.shape[1], dict[int, Tensor]()
        places = torch.arange(t - new, t, device=text.device)
        run = torch.zeros_like(text)
        whole = torch.ones_like(text, dtype=torch.bool)  # whether a run lies within the text
        for n in range(1, max(self.recall, default=0) + 1):
            # Runs of n tokens by their ends, each as a number that hardly any other shares.
            first = F.pad(text, (n - 1, 0), value=PAD)[:, :t]
            run, whole = run * HASH + first, whole & (first != PAD)
            if n in self.recall:
                last = last_equal(run, new)
                known = whole[:, t - new :] & (last >= 0) & (places - last <= self.reach)
                found[n] = torch.where(known, text.gather(1, (last + 1).clamp(max=t - 1)), PAD)
        return [found[n] for n in self.recall]


def last_equal(numbers: Tensor, new: int) -> Tensor:
    """Where each of the last numbers of a row last stood before, -1 where nowhere: ``[b, new]``.

    Args:
        numbers: ``[b, t]`` int64.
        new: For how many of the last places.
    """
    t = numbers.shape[1]
    if new == 1:  # as in drawing: one look at all that was before
        places = torch.arange(t - 1, device=numbers.device)
        equal = numbers[:, :-1] == numbers[:, -1:]
        none = torch.full_like(numbers[:, :1], -1)
        return torch.cat([none, torch.where(equal, places, -1)], dim=1).amax(dim=1, keepdim=True)
    ordered, order = numbers.sort(dim=1, stable=True)  # equal ones in the order of their places
    same = F.pad(ordered[:, 1:] == ordered[:, :-1], (1, 0), value=False)
    before = torch.where(same, order.roll(1, dims=1), -1)
    return torch.empty_like(before).scatter_(1, order, before)[:, t - new :]
