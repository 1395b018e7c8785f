"""How tokens become vectors: by what they are, what stands before them, and what is recalled.

Svenstrup et al., Hash embeddings for efficient word representations (2017), arXiv 1709.03933.
Akyürek et al., In-context language learning: architectures and algorithms (2024), arXiv 2401.12973:
attention heads that look up n-grams in the context, given by construction.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genloom.tokens import PAD


class TokenEmbedding(nn.Module):
    """Vectors for tokens: of each itself, of n-grams that end in it, and of what is recalled.

    N-grams are hashed into ``buckets`` vectors per length, so that the layers above need not learn
    short contexts. What is recalled is the token that followed when the latest tokens last stood in
    the text before: the work of an induction head, done by looking.

    Args:
        vocabulary: How many tokens there are.
        width: Length of a vector.
        ngrams: Lengths of the n-grams, each at least 2; none makes a plain embedding.
        buckets: Vectors per length.
        recall: The longest run of tokens that is looked for; 0 recalls nothing.
        reach: How many tokens back it is looked for, at most.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        *,
        ngrams: list[int],
        buckets: int,
        recall: int = 0,
        reach: int = 0,
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.ngrams = nn.ModuleList(nn.Embedding(buckets, width) for _ in ngrams)
        tables = [self.token, *self.ngrams]
        if recall:
            self.recalled = nn.Embedding(vocabulary, width)
            self.length = nn.Embedding(recall + 1, width)  # how long a run was found
            tables += [self.recalled, self.length]
        for table in tables:
            nn.init.normal_(table.weight, std=0.02)
        self.lengths, self.buckets, self.recall = list(ngrams), buckets, recall
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
        if self.recall:
            token, length = self._recall(text, tokens.shape[1])
            known = (length > 0)[..., None]
            h = h + torch.where(known, self.recalled(token), 0) + self.length(length)
        return h

    def _recall(self, text: Tensor, new: int) -> tuple[Tensor, Tensor]:
        """What followed when the latest tokens last stood in the text, and how many of them did.

        Args:
            text: ``[b, t]``; ``PAD`` stands for nothing.
            new: For how many of its last places.

        Returns:
            Twice ``[b, new]`` int64; where nothing was found the length is 0.
        """
        start = text.shape[1] - new
        places = torch.arange(text.shape[1], device=text.device)
        # [b, new, t]: runs that end in both places are equal, the second place being earlier.
        back = places[start:, None] - places[None, :]
        equal = ((back > 0) & (back <= self.reach))[None] & (text != PAD)[:, None, :]
        found = torch.full((len(text), new), -1, device=text.device)
        length = torch.zeros_like(found)
        for n in range(1, self.recall + 1):
            shifted = F.pad(text, (n - 1, 0), value=-1)[:, : text.shape[1]]
            equal = equal & (shifted[:, start:, None] == shifted[:, None, :])
            last = torch.where(equal, places, -1).amax(dim=2)
            found = torch.where(last >= 0, last, found)
            length = torch.where(last >= 0, n, length)
        return text.gather(1, (found + 1).clamp(max=text.shape[1] - 1)), length
