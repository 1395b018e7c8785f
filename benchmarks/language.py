"""What the wrapping of language models costs, and what their memory saves.

    python benchmarks/language.py [--repeats 5] [--threads 1]

Prints, as ratios of the same work in one process, taken in turn:

- training: tokens per second of ``member.fit`` (Lightning, schedule, records) over those of a plain
  PyTorch loop of the same network, optimizer and batches;
- drawing: tokens per second with the memory (key-value cache, recurrent state) over those of
  reading the whole context again for every token, at 64 rows and a context of 256.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genloom import members
from genloom.networks.base import reproducible
from genloom.networks.hardware import Hardware
from genloom.tokens import END, FIRST_LABEL, first_content

CLASSES, CONTEXT, ROWS = 10, 256, 64
SHAPE = (CONTEXT, first_content(CLASSES) + 1024)  # a row's length, and the vocabulary
BLOCKS: dict[str, dict[str, Any]] = {
    "gpt": {"network": "gpt", "layers": 2, "context": CONTEXT, "batch_size": 8, "steps": 100},
    "lstm": {"network": "recurrent", "context": CONTEXT, "batch_size": 8, "steps": 100},
}


def corpus(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Rows of random words of content: the speed does not depend on what they say."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randint(first_content(CLASSES), SHAPE[1], (400, SHAPE[0]), generator=random)
    x[:, -1] = END
    return x, torch.arange(400) % CLASSES


def fit(block: dict[str, Any], threads: int) -> float:
    """Tokens per second of the project's own training."""
    member = members.build(block, SHAPE, CLASSES, seed=0)
    x, y = corpus()
    started = time.perf_counter()
    member.fit(x, y, seed=0, hardware=Hardware(threads=threads))
    return _tokens(block) / (time.perf_counter() - started)


def plain(block: dict[str, Any], threads: int) -> float:
    """Tokens per second of a loop that anybody would write for the same network."""
    member = members.build(block, SHAPE, CLASSES, seed=0)
    x, y = corpus()
    with reproducible(0, threads):
        started = time.perf_counter()
        configured = member.configure_optimizers()
        optimizer, schedule = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
        member.train()
        for batch in member.batches(x, y, seed=0):
            loss = F.cross_entropy(member(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(member.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        return _tokens(block) / (time.perf_counter() - started)


@torch.no_grad()
def with_memory(member: Any) -> float:
    """Tokens per second of drawing one token after another, with what was read kept."""
    text = _begun(member)
    started = time.perf_counter()
    memory = member.empty_memory(ROWS, CONTEXT)
    for _ in range(CONTEXT - 2):
        logits = member.logits(member.hidden(text, memory)[:, -1])
        text = logits.argmax(-1)[:, None]
    return ROWS * (CONTEXT - 2) / (time.perf_counter() - started)


@torch.no_grad()
def without_memory(member: Any) -> float:
    """The same, with the whole text so far read again for every token."""
    text = _begun(member)
    started = time.perf_counter()
    for _ in range(CONTEXT - 2):
        logits = member.logits(member.hidden(text, None)[:, -1])
        text = torch.cat([text, logits.argmax(-1)[:, None]], dim=1)
    return ROWS * (CONTEXT - 2) / (time.perf_counter() - started)


def _begun(member: Any) -> Tensor:
    member.eval()
    labels = FIRST_LABEL + torch.arange(ROWS) % CLASSES
    return torch.stack([torch.full_like(labels, END), labels], dim=1)


def _tokens(block: dict[str, Any]) -> int:
    return int(block["steps"] * block["batch_size"] * block["context"])


def compare(name: str, repeats: int, one: Callable[[], float], other: Callable[[], float]) -> None:
    """Print the median rates of two ways of doing the same, taken in turn, and their ratio."""
    pairs = [(one(), other()) for _ in range(repeats)]
    first, second = (median(rates) for rates in zip(*pairs, strict=True))
    ratio = median(a / b for a, b in pairs)
    print(f"{name:16} {first:10,.0f} tokens/s against {second:10,.0f}: ratio {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    threads, repeats = arguments.threads, arguments.repeats
    torch.set_num_threads(threads)
    for name, block in BLOCKS.items():
        fit({**block, "steps": 2}, threads)  # imports and caches, not counted
        compare(
            f"{name}: training",
            repeats,
            lambda block=block: fit(block, threads),
            lambda block=block: plain(block, threads),
        )
    for name, block in BLOCKS.items():
        member = members.build(block, SHAPE, CLASSES, seed=0)
        compare(
            f"{name}: drawing",
            max(1, repeats // 2),
            lambda member=member: with_memory(member),
            lambda member=member: without_memory(member),
        )


if __name__ == "__main__":
    main()
