"""The section of ``fundamentals`` in the report: what to look at, and what was found."""

from math import isnan
from typing import TYPE_CHECKING, Any

from genloom.pipelines import fundamentals_findings as findings
from genloom.pipelines import reporting
from genloom.pipelines.fundamentals_pictures.style import title

if TYPE_CHECKING:
    import pandas as pd

SPLITS = ("train", "test")
# Of each experiment its heading, and of each of its pictures what it shows and how to read it.
LESSONS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "boundaries": (
        "A network learns to draw a line",
        {
            "learning": (
                "Colours say how sure the network is, the black line is where it changes its mind, "
                "the dots are the training samples. Look at how the line bends step by step, and "
                "at what happens to the test loss while the training loss goes on falling.",
                "Decision boundaries of a network at several steps, of logistic regression and of "
                "an RBF network",
            )
        },
    ),
    "gradients": (
        "Is backpropagation right?",
        {
            "check": (
                "Every weight was moved by a small h up and down, and what that did to the loss "
                "was held against the gradient that backpropagation computed, layer by layer. Look "
                "at the valleys on the right: a large h is no derivative, and with a small one "
                "rounding is all that is left. Look also at how ReLU comes down: a difference that "
                "reaches across its corner is wrong however small it is.",
                "Relative error between backpropagation and finite differences by layer, and by h",
            )
        },
    ),
    "training": (
        "Activations and optimisers",
        {
            "curves": (
                "A panel for each activation, a line for each optimiser at the learning rate that "
                "suits the pair, with its interval over repeats. Look at who falls first, who ends "
                "lowest, and where a line stays up.",
                "Validation loss by step, a panel per activation and a line per optimiser",
            ),
            "rates": (
                "The same networks at all the rates that were tried. Look at how wide the valleys "
                "are: an optimiser with a wide one needs less searching.",
                "Validation loss in the end by learning rate",
            ),
            "gradients": (
                "Rows of a map are layers, the first at the top; yellow is a long gradient, dark "
                "blue a short one. Look at the columns of step 0: where the first layer is darker "
                "than the last, the gradient vanishes on its way back.",
                "Length of each layer's gradient by step, a map per activation and optimiser",
            ),
        },
    ),
    "architecture": (
        "Depth, width and the first weights",
        {
            "shapes": (
                "Every cell is a shape of network after the same number of steps. Look along a row "
                "for what width does, and down a column for what depth does.",
                "Test accuracy and validation loss by depth and width",
            ),
            "initialisations": (
                "Networks that differ in their first weights alone. Look at how the lines part as "
                "layers are added, and at the gradient that is left for the first layer.",
                "Loss, accuracy and first gradient by depth and initialisation",
            ),
            "signals": (
                "What passes through the deepest network before it has learned anything. A line "
                "that stays level lets every layer see and be taught; one that falls is silent at "
                "its end.",
                "Spread of activations and length of gradients by layer and initialisation",
            ),
        },
    ),
}


def make_section(
    metrics: "pd.DataFrame",
    boundaries: dict[str, Any],
    gradients: dict[str, Any],
    training: dict[str, Any],
    architecture: dict[str, Any],
    boundaries_history: "pd.DataFrame",
    gradients_results: "pd.DataFrame",
    training_results: "pd.DataFrame",
    training_history: "pd.DataFrame",
    architecture_history: "pd.DataFrame",
    **pictures: bytes,
) -> str:
    """The section of the report.

    Args:
        metrics: The joined metrics of all experiments.
        boundaries: The parameters of each experiment ...
        gradients: ...
        training: ...
        architecture: ...
        boundaries_history: Curves and results that sentences are about ...
        gradients_results: ...
        training_results: ...
        training_history: ...
        architecture_history: ...
        pictures: By ``<experiment>.<picture>``, as PNG bytes.

    Returns:
        A ``<section>`` of HTML without anything outside of it.
    """
    values = {name: findings.values_of(metrics, name) for name in LESSONS}
    said = {
        "boundaries.learning": findings.of_boundaries(values["boundaries"], boundaries_history),
        "gradients.check": findings.of_gradients(values["gradients"], gradients_results, gradients),
        "training.curves": findings.of_curves(values["training"]),
        "training.rates": findings.of_rates(training_results),
        "training.gradients": findings.of_vanishing(training_history),
        "architecture.shapes": findings.of_shapes(values["architecture"], architecture),
        "architecture.initialisations": findings.of_initialisations(
            values["architecture"], architecture
        ),
        "architecture.signals": findings.of_signals(architecture_history, architecture),
    }
    lessons = [
        {
            "name": name,
            "heading": heading,
            "pictures": [
                {
                    "uri": reporting.data_uri(pictures[f"{name}.{picture}"]),
                    "look": look,
                    "alt": alt,
                    "said": " ".join(said[f"{name}.{picture}"]),
                }
                for picture, (look, alt) in shown.items()
            ],
        }
        for name, (heading, shown) in LESSONS.items()
    ]
    return reporting.render(
        "fundamentals.html.jinja",
        lessons=lessons,
        pairs=pairs(metrics, training),
        models=[
            (
                title(name),
                [f"{values['boundaries'][f'{split}_accuracy/{name}']:.3f}" for split in SPLITS],
            )
            for name in ("fnn", "rbf", "logistic")
        ],
        repeats=training["repeats"],
    )


def pairs(metrics: "pd.DataFrame", training: dict[str, Any]) -> dict[str, Any]:
    """The table of activations and optimisers: accuracy, loss and learning rate of each pair."""
    own = metrics[metrics["subject"] == "training"].to_dict("records")
    found = {str(row["metric"]): row for row in own}
    optimisers = list(training["rates"])
    losses = {
        (a, o): found[f"test_loss/{a}/{o}"]["value"]
        for a in training["activations"]
        for o in optimisers
    }
    rows = []
    for activation in training["activations"]:
        cells = []
        for optimiser in optimisers:
            pair = f"{activation}/{optimiser}"
            accuracy, loss = found[f"test_accuracy/{pair}"], found[f"test_loss/{pair}"]
            between = "" if isnan(loss["low"]) else f"{loss['low']:.3f} to {loss['high']:.3f}"
            cells.append(
                {
                    "loss": f"{loss['value']:.3f}",
                    "between": between,
                    "accuracy": f"{accuracy['value']:.3f}",
                    "rate": f"{found[f'learning_rate/{pair}']['value']:g}",
                    "best": loss["value"] == min(losses.values()),
                }
            )
        rows.append((title(activation), cells))
    return {"optimisers": [title(name) for name in optimisers], "rows": rows}
