"""What goes on in a language model that reads a text: attention, states, and whom it trusts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genloom.domains.text.style import (
    BLUE,
    CUT,
    INK,
    LINE,
    MONO,
    NOTE,
    ORANGE,
    PLAIN,
    empty,
    readable,
    start_figure,
    tidy,
)
from genloom.tokens import END, FIRST_LABEL, first_content, stream

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

TOKENS, UNITS = 40, 40
NAME = 10  # the most characters of a token that are shown
VISIBLE = {" ": "␣", "\n": "↵", "\t": "→"}


def inside(samples: pd.DataFrame, codec: Any, generator: Any, *, seed: int, title: str) -> Figure:
    """What a network does while it reads a test text.

    Of a network with attention, the head that looks back farthest; of a mixture, the weights of its
    two parts; of any other, the states that vary most.

    Args:
        samples: The domain's samples; a test text is read.
        codec: Not needed: a generator has its own.
        generator: A fitted language model.
        seed: Not needed: nothing is drawn.
        title: The generator's name.
    """
    member, test = generator.member, samples[samples["split"] == "test"]
    if hasattr(member, "share"):
        return _trust(member.share.tolist(), title)
    if test.empty:
        return empty(f"{title}: inside", "there is no test text")
    tokens = _some_text(test, generator)
    names = _token_names(tokens, generator.own_codec)
    member.eval()
    draw = _attention if hasattr(member, "attention") else _states
    return draw(member, tokens.to(member.device), names, title)


def _some_text(test: pd.DataFrame, generator: Any) -> Tensor:
    """The first tokens, ``[t]``, of a test text's stream: ``END``, its label, its content."""
    import torch

    # The first text that is surely long enough, else the longest.
    sizes = test["content"].str.len().clip(upper=8 * TOKENS).to_numpy()
    place = int(sizes.argmax())
    one = test.iloc[place : place + 1]
    text = stream(generator.encode(one), generator.encode_labels(one))
    text = torch.cat([text.new_tensor([END]), text])
    return text[: min(TOKENS, generator.member.context)]


def _token_names(tokens: Tensor, codec: Any) -> list[str]:
    """What each token says, white space made visible and control tokens in brackets."""
    first, names = first_content(len(codec.classes)), []
    for token in tokens.tolist():
        if token >= first:
            text = codec.decode_text([token])
            names.append("".join(VISIBLE.get(character, character) for character in text))
        else:
            control = "END" if token == END else codec.classes[token - FIRST_LABEL] or "label"
            names.append(f"[{control}]")
    shown = [readable(name).replace("\n", " ") for name in names]
    return [name if len(name) <= NAME else name[: NAME - 1] + CUT for name in shown]


def _attention(member: Any, tokens: Tensor, names: list[str], title: str) -> Figure:
    """The head that looks back farthest, attention to the first token not counted."""
    import torch

    weights = member.attention(tokens).double()  # [layers, heads, t, t]
    place = torch.arange(len(tokens))
    distance = (place[:, None] - place).clamp(min=0).double()
    distance[:, 0] = 0  # heads that find nothing to look at look there
    reach = (weights * distance).sum(-1).mean(-1)  # [layers, heads]
    layer, head = divmod(int(reach.argmax()), reach.shape[1])
    seen = weights[layer, head].numpy()

    figure = start_figure(7.4, f"{title}: what attention looks at")
    # Most weights are small; their roots are easier to tell apart.
    axes = _heat_map(figure, seen**0.5, names, (0, float(seen.max()) ** 0.5), ("white", BLUE))
    axes.set_yticks(range(len(names)), names, fontsize=7, color=INK, family=MONO, **PLAIN)
    axes.set_xlabel("looks at these, the darker the more", **NOTE)
    axes.set_ylabel("each token", **NOTE)
    said = (
        f"layer {layer + 1} of {reach.shape[0]}, head {head + 1} of {reach.shape[1]}, which looks "
        f"back farthest: {float(reach[layer, head]):.1f} tokens on average,\n"
        "where attention to the first token does not count"
    )
    axes.set_title(said, loc="left", **NOTE)
    return figure


def _states(member: Any, tokens: Tensor, names: list[str], title: str) -> Figure:
    """The units that vary most from token to token."""
    import numpy as np
    import torch

    with torch.no_grad():
        states = member.hidden(tokens[None], None)[0].double().cpu().numpy()  # [t, d]
    units = np.argsort(-states.std(axis=0), kind="stable")[:UNITS]
    shown = states[:, units].T  # [units, t]
    order = np.argsort(shown.argmax(axis=1), kind="stable")
    limit = float(np.abs(shown).max()) or 1.0

    figure = start_figure(6.0, f"{title}: states while it reads")
    axes = _heat_map(figure, shown[order], names, (-limit, limit), (ORANGE, "white", BLUE))
    axes.set_yticks([])
    axes.set_xlabel("the text, token by token", **NOTE)
    axes.set_ylabel("units, by the token at which each is highest", **NOTE)
    said = (
        f"the {len(units)} of {states.shape[1]} units that vary most: blue above zero, orange "
        f"below, up to {limit:.1f}"
    )
    axes.set_title(said, loc="left", **NOTE)
    return figure


def _trust(share: list[float], title: str) -> Figure:
    """The weights of a mixture's two parts, by how long a context its n-gram knows."""
    figure = start_figure(3.6, f"{title}: whom it trusts")
    axes = tidy(figure.add_subplot())
    for known, value in enumerate(share):
        axes.bar(known, 100 * value, width=0.7, color=BLUE)
        axes.bar(known, 100 - 100 * value, bottom=100 * value, width=0.7, color=ORANGE, alpha=0.35)
        inner = value >= 0.12
        axes.text(
            known,
            100 * value + (-3 if inner else 3),
            f"{value:.0%}",
            color="white" if inner else INK,
            va="top" if inner else "bottom",
            ha="center",
            fontsize=9,
        )
    axes.set_xticks(range(len(share)))
    axes.set_ylim(0, 100)
    axes.set_xlabel("how many of the latest tokens the n-gram knows as one context", **NOTE)
    axes.set_ylabel("weight, %", **NOTE)
    axes.set_title("blue: the network, orange: the n-gram", loc="left", **NOTE)
    return figure


def _heat_map(
    figure: Figure,
    values: np.ndarray,
    names: list[str],
    limits: tuple[float, float],
    colours: tuple[str, ...],
) -> Axes:
    """Values ``[rows, t]`` above the names of the ``t`` tokens."""
    from matplotlib.colors import LinearSegmentedColormap

    axes = figure.add_subplot()
    palette = LinearSegmentedColormap.from_list("own", colours)
    low, high = limits
    axes.imshow(values, cmap=palette, vmin=low, vmax=high, aspect="auto", interpolation="nearest")
    axes.set_xticks(
        range(len(names)), names, rotation=90, fontsize=7, color=INK, family=MONO, **PLAIN
    )
    axes.tick_params(length=0)
    axes.spines[:].set_color(LINE)
    return axes
