"""How a domain is woven from the verbs: the list of its nodes, and nothing else.

Every member and every recipe is a namespace (``images.gan``): what ``kedro run --namespaces``
selects, what DVC reruns alone, and what MLflow shows as one run.
"""

from typing import Any

from kedro.pipeline import Node, Pipeline

from genloom.pipelines import (
    augmentation,
    comparison,
    evaluation,
    figures,
    fitting,
    ingestion,
    mapping,
    mapping_figures,
    prediction,
    reporting,
    sampling,
)
from genloom.pipelines.loom import Loom


def create_pipeline(domain: str, block: dict[str, Any]) -> Pipeline:
    """Weave one domain.

    Args:
        domain: The name of a folder in ``genloom.domains``.
        block: The domain's block of ``conf/base`` parameters: its members and recipes say which
            nodes there are.

    Returns:
        The domain's pipeline, up to its section of the report.
    """
    loom = Loom(domain, block)
    nodes = data(loom)
    for name in loom.generators:
        nodes += generator(loom, name)
    for name in loom.predictors:
        nodes += predictor(loom, name)
    for name in loom.mappers:
        nodes += mapper(loom, name)
    nodes += [recipe(loom, name) for name in loom.recipes]
    nodes += references(loom) + real(loom) + scoring_floors(loom) + leaderboard(loom)
    return Pipeline(nodes, tags=domain)


def create_report(domain_names: list[str]) -> Pipeline:
    """The page that joins the sections of some domains."""
    return Pipeline(
        [
            Node(
                reporting.make_report,
                inputs={name: f"{name}_section" for name in domain_names},
                outputs="report",
                name="make_report",
                namespace="report",
            )
        ]
    )


def data(loom: Loom) -> list[Node]:
    domain, answers = loom.domain, loom.answers
    return [
        loom.node(
            ingestion.ingest,
            loom.seed | loom.own(answers.PARAMETERS),
            [f"{domain}.samples", f"{domain}.rejects"],
            "data",
            read=answers.ingest,
        ),
        loom.node(
            answers.fit_codec,
            {"samples": f"{domain}.samples"} | loom.own(answers.CODEC_PARAMETERS),
            f"{domain}.codec",
            "data",
        ),
    ]


def fit(loom: Loom, name: str) -> Node:
    place, of = f"{loom.domain}.{name}", loom.block[name].get("of")
    return loom.node(
        fitting.fit_member,
        loom.samples
        | {"block": f"params:{place}"}
        | ({"of": f"{loom.domain}.{of}.fitted"} if of else {})
        | (loom.mapping if name in loom.mappers else {})
        | loom.machine,
        [f"{place}.fitted", f"{place}.history", f"{place}.fit_timings"],
        name,
        domain=loom.domain,
        subject=name,
        measures=loom.answers.MEASURES,
    )


def generator(loom: Loom, name: str) -> list[Node]:
    place = f"{loom.domain}.{name}"
    names = {"domain": loom.domain, "subject": name}
    real_samples = {"samples": f"{loom.domain}.samples"}
    fitted = {"generator": f"{place}.fitted"}
    synthetic = {"synthetic": f"{place}.samples"}
    nodes = [
        fit(loom, name),
        loom.node(
            sampling.draw_samples,
            real_samples | fitted | loom.sampling | loom.machine,
            [f"{place}.samples", f"{place}.sample_timings"],
            name,
            **names,
        ),
        loom.node(
            augmentation.measure_generator,
            loom.samples | synthetic | fitted | loom.augmentation | loom.machine,
            f"{place}.augmentation",
            name,
            domain=loom.domain,
            subject=loom.block["reference"],
            recipe=name,
            measures=loom.answers.MEASURES,
        ),
        loom.node(
            evaluation.evaluate_generator,
            loom.samples
            | synthetic
            | fitted
            | loom.judges
            | loom.references
            | {"augmentation": f"{place}.augmentation"}
            | loom.sampling
            | loom.seed,
            f"{place}.metrics",
            name,
            measures=loom.answers.MEASURES,
            **names,
        ),
        loom.node(
            loom.answers.gallery, real_samples | synthetic, f"{place}.gallery.png", name, title=name
        ),
    ]
    if name not in loom.networks:
        return nodes
    for picture, draw in loom.figures(name).items():
        nodes.append(
            loom.node(
                figures.picture,
                loom.samples | fitted | loom.seed,
                f"{place}.{picture}.png",
                name,
                name=picture,
                draw=draw,
                title=name,
            )
        )
    return [*nodes, curves(loom, name)]


def predictor(loom: Loom, name: str) -> list[Node]:
    place = f"{loom.domain}.{name}"
    nodes = [
        fit(loom, name),
        loom.node(
            prediction.evaluate_predictor,
            {"samples": f"{loom.domain}.samples", "predictor": f"{place}.fitted"} | loom.seed,
            [f"{place}.metrics", f"{place}.predictions"],
            name,
            domain=loom.domain,
            subject=name,
            measures=loom.answers.MEASURES,
        ),
        *predicted(loom, name),
    ]
    if name in loom.rivals:
        nodes.append(
            loom.node(
                augmentation.measure_rival,
                loom.samples
                | {"block": f"params:{place}", "augmentation": f"params:{loom.domain}.augmentation"}
                | loom.machine,
                f"{place}.augmentation",
                name,
                domain=loom.domain,
                subject=loom.block["reference"],
                rival=name,
            )
        )
    return nodes + ([curves(loom, name)] if name in loom.networks else [])


def mapper(loom: Loom, name: str) -> list[Node]:
    place = f"{loom.domain}.{name}"
    inputs = (
        {"samples": f"{loom.domain}.samples", "mapper": f"{place}.fitted"}
        | loom.mapping
        | loom.seed
    )
    nodes = [
        fit(loom, name),
        loom.node(
            mapping.evaluate_mapper,
            inputs,
            f"{place}.metrics",
            name,
            domain=loom.domain,
            subject=name,
        ),
    ]
    for picture, draw in loom.map_pictures(name).items():
        nodes.append(
            loom.node(
                mapping_figures.picture,
                inputs,
                f"{place}.{picture}.png",
                name,
                name=picture,
                draw=draw,
                title=name,
            )
        )
    return nodes + ([curves(loom, name)] if name in loom.networks else [])


def predicted(loom: Loom, name: str) -> list[Node]:
    """Pictures of what a predictor predicted: the domain's own, or what it confuses."""
    place = f"{loom.domain}.{name}"
    found = {"predictions": f"{place}.predictions"}
    codec, samples = {"codec": f"{loom.domain}.codec"}, {"samples": f"{loom.domain}.samples"}
    drawn = [
        loom.node(draw, samples | found, f"{place}.{kind}.png", name, name=kind, title=name)
        for kind, draw in loom.predicted.items()
    ]
    if drawn:
        return drawn
    return [loom.node(figures.confusion, codec | found, f"{place}.confusion.png", name, title=name)]


def curves(loom: Loom, name: str) -> Node:
    place = f"{loom.domain}.{name}"
    history = {"history": f"{place}.history"}
    return loom.node(figures.training_curves, history, f"{place}.curves.png", name, title=name)


def recipe(loom: Loom, name: str) -> Node:
    return loom.node(
        augmentation.measure_recipe,
        loom.samples
        | loom.augmentation
        | {"arguments": f"params:{loom.domain}.recipes.{name}"}
        | loom.machine,
        f"{loom.domain}.{name}.augmentation",
        name,
        domain=loom.domain,
        subject=loom.block["reference"],
        recipe=name,
        classical_moves=loom.answers.classical_moves,
    )


def real(loom: Loom) -> list[Node]:
    """The ceiling of generators, where there are some."""
    if not loom.generators:
        return []
    inputs = loom.samples | loom.judges | loom.references | loom.sampling | loom.seed
    return [
        loom.node(
            evaluation.evaluate_real,
            inputs | {"augmentation": f"{loom.domain}.none.augmentation"},
            f"{loom.domain}.real.metrics",
            "real",
            domain=loom.domain,
            measures=loom.answers.MEASURES,
        )
    ]


def references(loom: Loom) -> list[Node]:
    """What is found of real samples once for all generators, where the domain asks for it."""
    if not loom.references:
        return []
    return [
        loom.node(
            evaluation.describe_references,
            {"samples": f"{loom.domain}.samples"} | loom.sampling | loom.seed,
            f"{loom.domain}.references",
            "references",
            describe=loom.answers.MEASURES.describe,
        )
    ]


def scoring_floors(loom: Loom) -> list[Node]:
    """Floors that draw nothing, but say how likely the test split is."""
    if not loom.scored:
        return []
    return [
        loom.node(
            evaluation.evaluate_scoring_floors,
            {"samples": f"{loom.domain}.samples"},
            f"{loom.domain}.scoring_floors.metrics",
            "scoring_floors",
            domain=loom.domain,
            measures=loom.answers.MEASURES,
            score_floors=loom.answers.score_floors,
        )
    ]


def leaderboard(loom: Loom) -> list[Node]:
    domain, name, answers = loom.domain, "leaderboard", loom.answers
    ceiling = ["real"] if loom.generators else []
    subjects = [*loom.fitted, *ceiling, *(["scoring_floors"] if loom.scored else [])]
    recipes = [*loom.recipes, *loom.generators, *loom.rivals]
    tables = {f"{subject}_metrics": f"{domain}.{subject}.metrics" for subject in subjects}
    tables |= {f"{recipe}_augmentation": f"{domain}.{recipe}.augmentation" for recipe in recipes}
    timings = {f"{subject}_fit": f"{domain}.{subject}.fit_timings" for subject in loom.fitted}
    timings |= {
        f"{subject}_sample": f"{domain}.{subject}.sample_timings" for subject in loom.generators
    }
    metrics = {"metrics": f"{domain}.metrics"}
    histories = {n: f"{domain}.{n}.history" for n in loom.generators if n in loom.networks}
    nodes = [
        loom.node(comparison.join_metrics, tables, f"{domain}.metrics", name),
        loom.node(
            comparison.rank,
            metrics,
            f"{domain}.leaderboard",
            name,
            features=loom.block.get("features"),
            floors=loom.floors,
            ranked_by=loom.ranked_by,
        ),
        loom.node(comparison.summarise_scores, metrics, f"{domain}.scores", name),
    ]
    lift = {"lift": f"{domain}.leaderboard.lift.png"} if recipes else {}
    if lift:
        nodes.append(loom.node(figures.lift, metrics, lift["lift"], name, floors=loom.floors))
    for chart, draw in answers.CHARTS.items():
        place = f"{domain}.leaderboard.{chart}.png"
        nodes.append(
            loom.node(
                figures.chart,
                metrics | histories,
                place,
                name,
                name=chart,
                draw=draw,
                floors=loom.floors,
            )
        )
    return [
        *nodes,
        loom.node(
            reporting.make_section,
            metrics
            | {
                "leaderboard": f"{domain}.leaderboard",
                "samples": f"{domain}.samples",
                "rejects": f"{domain}.rejects",
                "source": f"params:{domain}.source",
            }
            | lift
            | {picture: f"{domain}.{picture}.png" for picture in loom.pictures},
            f"{domain}_section",
            name,
            domain=domain,
            ranked_by=loom.ranked_by,
            own=answers.METRICS,
            captions=loom.captions,
        ),
        # Clocks never give the same number twice, so their table has a namespace of its own,
        # which DVC leaves alone.
        loom.node(comparison.join_timings, timings, f"{domain}.timings", "timings"),
    ]
