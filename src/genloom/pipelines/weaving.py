"""How a domain is woven from the verbs: the list of its nodes, and nothing else.

Every member and every recipe is a namespace (``images.gan``): what ``kedro run --namespaces``
selects, what DVC reruns alone, and what MLflow shows as one run.
"""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from kedro.pipeline import Node, Pipeline

from genloom import domains, members
from genloom.pipelines import (
    augmentation,
    comparison,
    evaluation,
    figures,
    fitting,
    ingestion,
    reporting,
    sampling,
)


def create_pipeline(domain: str, block: dict[str, Any]) -> Pipeline:
    """Weave one domain.

    Args:
        domain: The name of a folder in ``genloom.domains``.
        block: The domain's block of ``conf/base`` parameters: its members and recipes say which
            nodes there are.

    Returns:
        The domain's pipeline, up to its section of the report.
    """
    loom = _Loom(domain, block)
    nodes = loom.data()
    for name in loom.generators:
        nodes += loom.generator(name)
    for name in loom.predictors:
        nodes += loom.predictor(name)
    for recipe in block["recipes"]:
        nodes.append(loom.recipe(recipe))
    nodes += loom.real() + loom.leaderboard()
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


class Bound(partial[Any]):
    """A node function of which some arguments are known.

    A class of its own, because multiprocessing sends plain partials to its workers without their
    names, which Kedro's log needs.
    """


class _Loom:
    """The nodes of one domain, by namespace."""

    def __init__(self, domain: str, block: dict[str, Any]) -> None:
        self.domain, self.block = domain, block
        self.answers = domains.load_domain(domain)
        self.generators = members.names_by_role(block, "generator")
        self.predictors = members.names_by_role(block, "predictor")
        self.networks = [
            name
            for name in self.generators + self.predictors
            if not members.is_floor(block[name]["network"])
        ]
        # What every node that reads real data takes.
        self.samples = {"samples": f"{domain}.samples", "codec": f"{domain}.codec"}
        self.seed = {"seed": "params:seed"}
        self.machine = self.seed | {"hardware": "params:hardware"}
        self.augmentation = {
            "predictor": f"params:{domain}.{block['reference']}",
            "augmentation": f"params:{domain}.augmentation",
        }
        self.own = {key: f"params:{domain}.{key}" for key in self.answers.PARAMETERS}
        self.reference = {"reference": f"{domain}.{block['reference']}.fitted"}

    def node(
        self,
        function: Callable[..., Any],
        inputs: dict[str, str],
        outputs: str | list[str],
        place: str,
        /,
        **constants: Any,
    ) -> Node:
        """A node ``domain.place.function``; ``constants`` are arguments known already."""
        bound = update_wrapper(Bound(function, **constants), function) if constants else function
        return Node(
            bound,
            inputs=inputs,
            outputs=outputs,
            name=function.__name__,
            namespace=f"{self.domain}.{place}",
        )

    def data(self) -> list[Node]:
        domain = self.domain
        return [
            self.node(
                ingestion.ingest,
                self.seed | self.own,
                [f"{domain}.samples", f"{domain}.rejects"],
                "data",
                read=self.answers.ingest,
            ),
            self.node(
                self.answers.fit_codec, {"samples": f"{domain}.samples"}, f"{domain}.codec", "data"
            ),
        ]

    def fit(self, name: str) -> Node:
        place = f"{self.domain}.{name}"
        return self.node(
            fitting.fit_member,
            self.samples | {"block": f"params:{place}"} | self.machine,
            [f"{place}.fitted", f"{place}.history", f"{place}.fit_timings"],
            name,
            domain=self.domain,
            subject=name,
        )

    def generator(self, name: str) -> list[Node]:
        place = f"{self.domain}.{name}"
        names = {"domain": self.domain, "subject": name}
        fitted = {"generator": f"{place}.fitted"}
        synthetic = {"synthetic": f"{place}.samples"}
        nodes = [
            self.fit(name),
            self.node(
                sampling.draw_samples,
                self.samples
                | fitted
                | {"sampling": f"params:{self.domain}.sampling"}
                | self.machine,
                [f"{place}.samples", f"{place}.sample_timings"],
                name,
                **names,
            ),
            self.node(
                augmentation.measure_generator,
                self.samples | synthetic | fitted | self.augmentation | self.machine,
                f"{place}.augmentation",
                name,
                domain=self.domain,
                subject=self.block["reference"],
                recipe=name,
            ),
            self.node(
                evaluation.evaluate_generator,
                self.samples
                | synthetic
                | fitted
                | self.reference
                | {"augmentation": f"{place}.augmentation"}
                | self.seed,
                f"{place}.metrics",
                name,
                **names,
            ),
            self.node(
                self.answers.gallery,
                {"samples": f"{self.domain}.samples", "synthetic": f"{place}.samples"},
                f"{place}.gallery",
                name,
                title=name,
            ),
        ]
        if name in self.networks:
            nodes += [
                self.node(
                    figures.interpolation,
                    {"codec": f"{self.domain}.codec"} | fitted | self.seed,
                    f"{place}.interpolation",
                    name,
                    draw=self.answers.interpolation,
                    title=name,
                ),
                self.curves(name),
            ]
        return nodes

    def predictor(self, name: str) -> list[Node]:
        place = f"{self.domain}.{name}"
        nodes = [
            self.fit(name),
            self.node(
                evaluation.evaluate_predictor,
                self.samples | {"predictor": f"{place}.fitted"} | self.seed,
                [f"{place}.metrics", f"{place}.predictions"],
                name,
                domain=self.domain,
                subject=name,
            ),
            self.node(
                figures.confusion_matrix,
                {"codec": f"{self.domain}.codec", "predictions": f"{place}.predictions"},
                f"{place}.confusion",
                name,
                title=name,
            ),
        ]
        return nodes + ([self.curves(name)] if name in self.networks else [])

    def curves(self, name: str) -> Node:
        place = f"{self.domain}.{name}"
        return self.node(
            figures.training_curves,
            {"history": f"{place}.history"},
            f"{place}.curves",
            name,
            title=name,
        )

    def recipe(self, recipe: str) -> Node:
        return self.node(
            augmentation.measure_recipe,
            self.samples
            | self.augmentation
            | {"arguments": f"params:{self.domain}.recipes.{recipe}"}
            | self.machine,
            f"{self.domain}.{recipe}.augmentation",
            recipe,
            domain=self.domain,
            subject=self.block["reference"],
            recipe=recipe,
            classical_moves=self.answers.classical_moves,
        )

    def real(self) -> list[Node]:
        return [
            self.node(
                evaluation.evaluate_real,
                self.samples
                | self.reference
                | {
                    "augmentation": f"{self.domain}.none.augmentation",
                    "sampling": f"params:{self.domain}.sampling",
                }
                | self.seed,
                f"{self.domain}.real.metrics",
                "real",
                domain=self.domain,
            )
        ]

    def leaderboard(self) -> list[Node]:
        domain, name = self.domain, "leaderboard"
        subjects = [*self.generators, "real", *self.predictors]
        recipes = [*self.block["recipes"], *self.generators]
        metrics = {f"{subject}_metrics": f"{domain}.{subject}.metrics" for subject in subjects}
        accuracies = {
            f"{recipe}_augmentation": f"{domain}.{recipe}.augmentation" for recipe in recipes
        }
        timings = {f"{subject}_fit": f"{domain}.{subject}.fit_timings" for subject in self.fitted}
        timings |= {
            f"{subject}_sample": f"{domain}.{subject}.sample_timings" for subject in self.generators
        }
        pictures = {
            f"{subject}_{picture}": f"{domain}.{subject}.{picture}"
            for subject, picture in self.pictures
        }
        tables = {"metrics": f"{domain}.metrics", "leaderboard": f"{domain}.leaderboard"}
        return [
            self.node(comparison.join_metrics, metrics | accuracies, f"{domain}.metrics", name),
            self.node(
                comparison.rank,
                {"metrics": f"{domain}.metrics"},
                f"{domain}.leaderboard",
                name,
                reference=self.block["reference"],
                floors=self.floors,
            ),
            self.node(
                comparison.summarise_scores,
                {"metrics": f"{domain}.metrics"},
                f"{domain}.scores",
                name,
            ),
            self.node(
                figures.lift,
                {"metrics": f"{domain}.metrics"},
                f"{domain}.lift",
                name,
                floors=self.floors,
            ),
            self.node(
                reporting.make_section,
                tables
                | {
                    "samples": f"{domain}.samples",
                    "rejects": f"{domain}.rejects",
                    "source": f"params:{domain}.source",
                    "lift": f"{domain}.lift",
                }
                | pictures,
                f"{domain}_section",
                name,
                domain=domain,
            ),
            # Clocks never give the same number twice, so their table has a namespace of its own,
            # which DVC leaves alone.
            self.node(comparison.join_timings, timings, f"{domain}.timings", "timings"),
        ]

    @property
    def fitted(self) -> list[str]:
        return self.generators + self.predictors

    @property
    def floors(self) -> list[str]:
        return [name for name in self.fitted if name not in self.networks]

    @property
    def pictures(self) -> list[tuple[str, str]]:
        """Every picture that the report shows, as (subject, kind)."""
        found = [(name, "gallery") for name in self.generators]
        found += [(name, "interpolation") for name in self.generators if name in self.networks]
        found += [(name, "confusion") for name in self.predictors]
        return found + [(name, "curves") for name in self.networks]
