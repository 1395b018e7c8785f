"""How varied generated texts are, what they share with real ones, and how much is copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["bleu", "distinct", "longest_copy", "repetition_rate", "self_bleu"]

# BLEU grows with the number of references, so a fixed number keeps values comparable, too.
REFERENCES = 200
BLEU_ORDERS = 4

# What stands between two training texts.
BLANK_LINE = "\n\n"
# Windows of training text hashed at once: some arrays of 8 MB each.
_WINDOWS_AT_ONCE = 2**20
_TABLE_BITS = 22

Ngram = tuple[str, ...]


def distinct(texts: Iterable[str], n: int) -> float:
    """Share of different runs of ``n`` words among all of them (Li et al. 2016, arXiv:1510.03055).

    The share falls as there is more text, so compare sets of the same size.

    Args:
        texts: Words are what stands between white space; runs do not reach across texts.
        n: At least 1.

    Returns:
        A number in [0, 1]; 0 where no text has ``n`` words, which is no variety either.

    >>> distinct(["a loom", "a thread"], 1)
    0.75
    """
    runs = [run for text in texts for run in _runs(text.split(), n)]
    return len(set(runs)) / len(runs) if runs else 0.0


def repetition_rate(texts: Iterable[str], n: int = 4) -> float:
    """How much texts repeat themselves: the share of runs that stood in the same text before.

    Args:
        texts: Words are what stands between white space.
        n: Words of a run, at least 1.

    Returns:
        The mean over the texts with at least ``n`` words of 1 minus each one's share of different
        runs, in [0, 1); 0 where no text has so many.

    >>> repetition_rate(["on and on and on", "one two three"], n=2)
    0.25
    """
    shares = [
        1 - len(set(runs)) / len(runs) for text in texts if (runs := list(_runs(text.split(), n)))
    ]
    return sum(shares) / len(shares) if shares else 0.0


def bleu(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """How many runs of one to four words the texts share with any of the references.

    The mean of sacreBLEU's sentence BLEU (Papineni et al. 2002; Post 2018, arXiv:1804.08771) of
    each text, with all references as its own, as Texygen asks it of generators (Zhu et al. 2018,
    arXiv:1802.01886). It rewards copying, and does not see what is missing.

    Args:
        hypotheses: At least one text.
        references: Real texts; only the first ``REFERENCES`` count.

    Returns:
        A number in [0, 1].

    Raises:
        GenloomError: There are no texts or no references.
    """
    if not hypotheses or not references:
        raise GenloomError("BLEU needs at least one text and one reference: give it some.")
    counted = [_counted(text) for text in references[:REFERENCES]]
    most: dict[Ngram, int] = {}
    for counts, _ in counted:
        for run, count in counts.items():
            most[run] = max(most.get(run, 0), count)
    lengths = [length for _, length in counted]
    scores = []
    for counts, length in map(_counted, hypotheses):
        known = {run: min(count, most.get(run, 0)) for run, count in counts.items()}
        scores.append(_sentence_bleu(counts, known, length, lengths))
    return sum(scores) / len(scores)


def self_bleu(texts: Sequence[str]) -> float:
    """How alike texts are: the mean BLEU of each with all others as its references.

    Args:
        texts: Only the first ``REFERENCES`` count.

    Returns:
        A number in [0, 1], high where a generator says the same again and again (Zhu et al. 2018,
        arXiv:1802.01886); NaN where there are fewer than two texts.
    """
    counted = [_counted(text) for text in texts[:REFERENCES]]
    if len(counted) < 2:
        return float("nan")
    # Of every run the largest count and the second largest, which is the largest of the others
    # for the text that holds the largest.
    first: dict[Ngram, tuple[int, int]] = {}
    second: dict[Ngram, int] = {}
    for place, (counts, _) in enumerate(counted):
        for run, count in counts.items():
            largest, _ = first.get(run, (0, -1))
            if count > largest:
                first[run], second[run] = (count, place), largest
            else:
                second[run] = max(second[run], count)
    scores = []
    for place, (counts, length) in enumerate(counted):
        known = {}
        for run, count in counts.items():
            largest, holder = first[run]
            known[run] = min(count, second[run] if holder == place else largest)
        others = [size for other, (_, size) in enumerate(counted) if other != place]
        scores.append(_sentence_bleu(counts, known, length, others))
    return sum(scores) / len(scores)


def longest_copy(texts: Sequence[str], training_texts: Iterable[str]) -> int:
    """Characters of the longest span of any text that also stands in the training text.

    Args:
        texts: Spans do not reach across them.
        training_texts: Taken as one text with blank lines between them.

    Returns:
        0 where not even one character is the same. Whether much is too much says the value of
        real held-out text, which repeats common phrases, too.

    >>> longest_copy(["the cat sat"], ["a cat sat down"])
    8
    """
    import numpy as np

    made, training = "".join(texts), BLANK_LINE.join(training_texts)
    made_codes, training_codes, room = _codes(made), _codes(training), _room(texts)

    def any_of(length: int) -> bool:
        """Whether a span of this length stands in both."""
        places = np.flatnonzero(room >= length)
        found = _found(made_codes, places, training_codes, length)
        return any(made[place : place + length] in training for place in found)

    # A span of some length has spans of every smaller one inside: halving finds the largest.
    low, high = 0, min(max(map(len, texts), default=0), len(training))
    while low < high:
        middle = (low + high + 1) // 2
        if any_of(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _runs(words: Sequence[str], n: int) -> Iterable[Ngram]:
    """All runs of ``n`` words in their order."""
    return zip(*(words[start:] for start in range(n)), strict=False)


def _counted(text: str) -> tuple[Counter[Ngram], int]:
    """How often each run of one to four words stands in a text, and how many words it has."""
    words = _tokenizer()(text.rstrip()).split()
    counts: Counter[Ngram] = Counter()
    for n in range(1, BLEU_ORDERS + 1):
        counts.update(_runs(words, n))
    return counts, len(words)


def _tokenizer() -> Any:
    """The tokenizer of mteval 13a, which is sacreBLEU's own choice: it parts punctuation off."""
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    return Tokenizer13a()


def _sentence_bleu(
    counts: Counter[Ngram], known: dict[Ngram, int], length: int, reference_lengths: Collection[int]
) -> float:
    """sacreBLEU's score of one text from its runs and how many of each count as known.

    sacreBLEU counts the references anew for every text; only its formula is used here.
    """
    from sacrebleu.metrics.bleu import BLEU

    correct, total = [0] * BLEU_ORDERS, [0] * BLEU_ORDERS
    for run, count in counts.items():
        total[len(run) - 1] += count
        correct[len(run) - 1] += known[run]
    closest = min(reference_lengths, key=lambda size: (abs(size - length), size))
    score = BLEU.compute_bleu(
        correct, total, length, closest, smooth_method="exp", effective_order=True
    )
    return min(1.0, score.score / 100)  # rounding can pass 1


def _codes(text: str) -> NDArray[Any]:
    """The numbers of a text's characters, ``[t]`` uint32."""
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), np.uint32)


def _room(texts: Sequence[str]) -> NDArray[Any]:
    """Per character of all texts, how many are left of its text from there on."""
    import numpy as np

    return np.concatenate([np.arange(len(text), 0, -1) for text in ["", *texts]])


def _found(
    made: NDArray[Any], places: NDArray[Any], training: NDArray[Any], length: int
) -> Iterator[int]:
    """Places in ``made`` whose span of this length has a hash that the training text has, too.

    Equal spans have equal hashes, so none is missed; the reverse is very likely, not certain.
    """
    import numpy as np

    hashes = _hashes(made, length)[places]
    # Most hashes of the training text are not among the few of the texts. A table of their upper
    # bits tells so in a fraction of the time that a search takes.
    below = np.uint64(64 - _TABLE_BITS)
    table = np.zeros(2**_TABLE_BITS, bool)
    table[hashes >> below] = True
    for start in range(0, len(training) - length + 1, _WINDOWS_AT_ONCE):
        there = _hashes(training[start : start + _WINDOWS_AT_ONCE + length - 1], length)
        there = there[table[there >> below]]
        yield from places[np.isin(hashes, there)].tolist()


def _hashes(codes: NDArray[Any], length: int) -> NDArray[np.uint64]:
    """A number in 64 bits for each window of this length, equal for equal windows (Rabin, Karp)."""
    import numpy as np

    # All is modulo 2^64: an odd base has an inverse, so one running sum serves all windows.
    base = 0x9E3779B97F4A7C15
    inverse = pow(base, -1, 2**64)
    powers = np.full(len(codes), base, np.uint64)
    powers[:1] = 1
    np.cumprod(powers, out=powers)
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers, out=sums[1:])
    back = np.full(len(codes) - length + 1, inverse, np.uint64)
    back[:1] = 1
    np.cumprod(back, out=back)
    windows = (sums[length:] - sums[: len(back)]) * back
    # Low bits depend on few bits of the characters, and multiplying carries upwards only.
    windows ^= windows >> np.uint64(32)
    return windows * np.uint64(base)
