"""What the experiments of ``fundamentals`` found, in sentences computed from the numbers."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from genloom.pipelines.fundamentals_pictures.style import named, title
from genloom.pipelines.verdicts import listed

if TYPE_CHECKING:
    import pandas as pd

Values = Mapping[str, float]  # the metrics of an experiment, by their names
Settings = Mapping[str, Any]  # its parameters

GUESSING = math.log(10)  # the loss of one who guesses among the ten digits
HARDLY = 0.75  # of that loss: what ends above it has hardly learned anything
OVERFIT = 1.1  # times its lowest test loss: what ends above it has learned too long
VANISHED = 1e-22  # a signal of this size counts as none
LEVEL = 5.0  # a signal that changes by less than this factor stays level


def values_of(metrics: "pd.DataFrame", experiment: str) -> dict[str, float]:
    """The metrics of an experiment, by their names."""
    own = metrics[metrics["subject"] == experiment]
    return dict(zip(own["metric"], own["value"].astype(float), strict=True))


def measure(values: Values, name: str) -> dict[tuple[str, ...], float]:
    """The values of one measure, by what stands behind it in the metrics' names.

    >>> measure({"test_loss/relu/adam": 0.1, "test_accuracy/relu/adam": 0.9}, "test_loss")
    {('relu', 'adam'): 0.1}
    """
    split = {tuple(metric.split("/")): value for metric, value in values.items()}
    return {metric[1:]: value for metric, value in split.items() if metric[0] == name}


def of_boundaries(values: Values, history: "pd.DataFrame") -> list[str]:
    """Whether the network got past logistic regression, and whether it learned too long."""
    test = measure(values, "test_accuracy")
    logistic, rbf, network = (test[(name,)] for name in ("logistic", "rbf", "fnn"))
    curves = history.pivot(index="step", columns="metric", values="value")
    right, loss, fitted = (curves[n] for n in ("accuracy/test", "loss/test", "loss/train"))
    reached = right.index[right >= logistic]
    when = f"gets there at step {reached[0]:,}" if len(reached) else "never gets there"
    said = [
        f"Logistic regression is right about {logistic:.3f} of the test samples, the RBF network "
        f"about {rbf:.3f}. The feedforward network begins at {right.iloc[0]:.3f}, {when} and ends "
        f"at {network:.3f}."
    ]
    lowest, last = int(loss.argmin()), loss.index[-1]
    if loss.iloc[-1] <= OVERFIT * loss.min():
        return [
            *said,
            f"Its test loss is lowest at step {loss.index[lowest]:,}: it was not trained too long.",
        ]
    return [
        *said,
        f"Its test loss is lowest at step {loss.index[lowest]:,} ({loss.min():.3f}) and "
        f"{loss.iloc[-1] / loss.min():.1f} times as high at step {last:,}, while its training loss "
        f"went from {fitted.iloc[lowest]:.3f} to {fitted.iloc[-1]:.3f}: it learned its training "
        "samples by heart and should have been stopped before.",
    ]


def of_gradients(values: Values, results: "pd.DataFrame", settings: Settings) -> list[str]:
    """How well gradients agree, and at which difference they agree best."""
    errors = measure(values, "relative_error")
    place = max(errors, key=lambda key: errors[key])
    source, activation, layer = (part.replace("_", " ") for part in place)
    library = max(measure(values, "library_error").values())
    whole = results[results["layer"] == 0]
    medians = whole.groupby(["precision", "exponent"])["error"].median()
    double, single = (int(medians[name].idxmin()) for name in ("float64", "float32"))
    least, most = medians["float64"][double], medians["float32"][single]
    return [
        f"With h = 1e-{settings['checked']} in float64 the two differ by at most "
        f"{errors[place]:.0e} of their length ({activation}, {layer}, {source}), and by "
        f"{library:.0e} from what torch computes by itself.",
        f"Differences work best with h = 1e-{double} in float64 (median error {least:.0e}) and "
        f"with h = 1e-{single} in float32 ({most:.0e}).",
    ]


def of_curves(values: Values) -> list[str]:
    """The best pair, how optimisers stand on the whole, and what hardly learns."""
    losses, accuracies = measure(values, "test_loss"), measure(values, "test_accuracy")
    best = min(losses, key=lambda pair: losses[pair])
    by_optimiser: dict[str, list[float]] = {}
    for (_, optimiser), loss in losses.items():
        by_optimiser.setdefault(optimiser, []).append(loss)
    means = {name: sum(own) / len(own) for name, own in by_optimiser.items()}
    order = [f"{title(name)} ({means[name]:.3f})" for name in sorted(means, key=means.__getitem__)]
    stuck = [_pair(*pair) for pair, loss in losses.items() if loss > HARDLY * GUESSING]
    said = [
        f"{_pair(*best)} has the lowest test loss, {losses[best]:.3f}, with an accuracy of "
        f"{accuracies[best]:.3f}. By their mean test loss over all activations the optimisers are "
        f"{listed(order)}.",
    ]
    if stuck:
        verb = "has" if len(stuck) == 1 else "have"
        said.append(
            f"{listed(stuck)} {verb} hardly learned anything; guessing would cost {GUESSING:.2f}."
        )
    return said


def of_rates(results: "pd.DataFrame") -> list[str]:
    """Who depends on its learning rate, and where a better one may lie outside."""
    means = results.groupby(["activation", "optimiser", "rate"], sort=False)["validation_loss"]
    losses = means.mean().fillna(math.inf).reset_index()
    works = losses["validation_loss"] <= HARDLY * GUESSING
    shares = works.groupby(losses["optimiser"], sort=False).mean()
    order = [
        f"at {share:.0%} with {title(str(name))}"
        for name, share in shares.sort_values(ascending=False, kind="stable").items()
    ]
    outermost = []
    for (activation, optimiser), part in results.groupby(["activation", "optimiser"], sort=False):
        chosen = part.loc[part["chosen"], "rate"].iloc[0]
        if part["rate"].nunique() > 1 and chosen in (part["rate"].min(), part["rate"].max()):
            outermost.append(f"{_pair(activation, optimiser)} ({chosen:g})")
    said = [f"Of the rates and activations that were tried, networks learn {listed(order)}."]
    if outermost:
        said.append(
            f"The rate that was chosen is the first or the last of its list for "
            f"{listed(outermost)}: a better one may lie outside."
        )
    return said


def of_vanishing(history: "pd.DataFrame") -> list[str]:
    """What is left of the gradient in the first layer before learning, by activation."""
    norms = named(history, "gradient_norm", ["activation", "optimiser", "layer"])
    start = norms[norms["step"] == norms["step"].min()]
    by_layer = start.pivot_table(index="activation", columns="layer", values="value", sort=False)
    ratio = by_layer["layer_1"] / by_layer[f"layer_{by_layer.shape[1]}"]
    least = ratio.idxmin()
    others = [f"{title(str(n))} {value:.2g}" for n, value in ratio.items() if n != least]
    said = (
        f"Before learning, the first layer's gradient is {ratio[least]:.2g} times as long as the "
        f"last layer's with {title(str(least))}"
    )
    return [f"{said} ({', '.join(others)})." if others else f"{said}."]


def of_shapes(values: Values, settings: Settings) -> list[str]:
    """The best shape, and what depth does to the narrowest and the widest networks."""
    start, depths = settings["initialisations"][-1], sorted(settings["depths"])
    found = measure(values, "test_accuracy")
    shapes = {place: value for (place, own), value in found.items() if own == start}
    best = max(shapes, key=lambda place: shapes[place])
    depth, width = best.split("x")
    said = [
        f"The best shape has {_layers(int(depth))} of {width} units: accuracy {shapes[best]:.3f}."
    ]
    shallow, deep = depths[0], depths[-1]
    for width in sorted({min(settings["widths"]), max(settings["widths"])}):
        ends = shapes[f"{shallow}x{width}"], shapes[f"{deep}x{width}"]
        said.append(
            f"With {width} units, going from {_layers(shallow)} to {_layers(deep)} takes accuracy "
            f"from {ends[0]:.3f} to {ends[1]:.3f}."
        )
    return said


def of_initialisations(values: Values, settings: Settings) -> list[str]:
    """What each way to begin ends at in the deepest network, and the gradient that it has."""
    shape = f"{max(settings['depths'])}x{settings['width']}"
    accuracy, gradient = (measure(values, name) for name in ("test_accuracy", "first_gradient"))
    ends = [
        f"{title(start)} ends at {accuracy[shape, start]:.3f} (first gradient "
        f"{gradient[shape, start]:.1g})"
        for start in settings["initialisations"]
    ]
    return [f"With {_layers(max(settings['depths']))}, {listed(ends)}."]


def of_signals(history: "pd.DataFrame", settings: Settings) -> list[str]:
    """By what factor activations shrink or grow from the first hidden layer to the last."""
    said = []
    for activation in settings["signals"]:
        factors = []
        for start in settings["initialisations"]:
            own = history[history["metric"] == f"spread/{activation}/{start}"]
            spread = own.sort_values("step", kind="stable")["value"].tolist()
            if spread[0] > VANISHED:
                factors.append((title(start), spread[-1] / spread[0]))
        if not factors:
            continue
        level = [name for name, factor in factors if 1 / LEVEL < factor < LEVEL]
        listing = listed([f"{factor:.2g} with {name}" for name, factor in factors])
        verb = "stays" if len(level) == 1 else "stay"
        said.append(
            f"With {title(activation)}, the last hidden layer spreads so many times as far as the "
            f"first: {listing}"
            + (f"; {listed(level)} {verb} level." if level else ", so none stays level.")
        )
    return said


def _pair(activation: object, optimiser: object) -> str:
    return f"{title(str(activation))} with {title(str(optimiser))}"


def _layers(depth: int) -> str:
    return f"{depth} hidden layer{'s' if depth > 1 else ''}"
