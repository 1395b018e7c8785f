"""What weaving a domain begins with: its members by role, and the inputs that nodes share."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from kedro.pipeline import Node

from genloom import domains, members, tasks
from genloom.pipelines import mapping_figures


class Bound(partial[Any]):
    """A node function of which some arguments are known.

    A class of its own, because multiprocessing sends plain partials to its workers without their
    names, which Kedro's log needs.
    """


class Loom:
    """One domain: who its members are, and how its nodes and datasets are called.

    Args:
        domain: The name of a folder in ``genloom.domains``.
        block: The domain's block of ``conf/base`` parameters.
    """

    def __init__(self, domain: str, block: dict[str, Any]) -> None:
        self.domain, self.block = domain, block
        self.answers = domains.load_domain(domain)
        self.generators = members.names_by_role(block, "generator")
        self.predictors = members.names_by_role(block, "predictor")
        self.mappers = members.names_by_role(block, "mapper")
        self.fitted = self.generators + self.predictors + self.mappers
        self.networks = [
            name for name in self.fitted if not members.is_floor(block[name]["network"])
        ]
        self.recipes: dict[str, Any] = block.get("recipes") or {}
        self.rivals = (block.get("augmentation") or {}).get("rivals") or []
        self.scored = list(self.answers.SCORING_FLOORS)
        self.floors = [name for name in self.fitted if name not in self.networks] + self.scored

        # What every node that reads real data takes.
        self.samples = {"samples": f"{domain}.samples", "codec": f"{domain}.codec"}
        self.seed = {"seed": "params:seed"}
        self.machine = self.seed | {"hardware": "params:hardware"}
        self.sampling = {"sampling": f"params:{domain}.sampling"}
        self.augmentation = {
            "predictor": f"params:{domain}.{block.get('reference')}",
            "augmentation": f"params:{domain}.augmentation",
        }
        self.mapping = {"mapping": f"params:{domain}.mapping"}
        # Who says what class a sample is of, and in whose features distances are taken.
        self.judges = {
            "reference": f"{domain}.{block.get('reference')}.fitted",
            "features": f"{domain}.{block.get('features')}.fitted",
        }
        describes = self.generators and self.answers.MEASURES.describe
        self.references = {"references": f"{domain}.references"} if describes else {}

    def node(
        self,
        function: Callable[..., Any],
        inputs: dict[str, str],
        outputs: str | list[str],
        place: str,
        /,
        name: str = "",
        **constants: Any,
    ) -> Node:
        """A node ``domain.place.name``; ``constants`` are arguments known already."""
        bound = update_wrapper(Bound(function, **constants), function) if constants else function
        return Node(
            bound,
            inputs=inputs,
            outputs=outputs,
            name=name or function.__name__,
            namespace=f"{self.domain}.{place}",
        )

    def own(self, keys: tuple[str, ...]) -> dict[str, str]:
        """Parameters of the domain's own, one input each, so that DVC sees which are read."""
        return {key: f"params:{self.domain}.{key}" for key in keys}

    def figures(self, name: str) -> dict[str, Callable[..., Any]]:
        """The domain's own pictures of a member: of a network that generates, and what it asks."""
        if name not in self.networks or name not in self.generators:
            return {}
        asked = self.block[name].get("pictures") or []
        return self.answers.FIGURES | {
            figure: self.answers.FIGURES_ON_REQUEST[figure] for figure in asked
        }

    @property
    def predicted(self) -> dict[str, Callable[..., Any]]:
        """The domain's own pictures of what predictors predicted, in place of confusion."""
        return self.answers.PREDICTED

    def map_pictures(self, name: str) -> dict[str, Callable[..., Any]]:
        """The pictures of a mapper: those of its task, where it is a network."""
        return mapping_figures.PICTURES[self.block[name]["task"]] if name in self.networks else {}

    @property
    def captions(self) -> dict[str, str]:
        """What each kind of picture shows, those of mappers among them."""
        return self.answers.CAPTIONS | (mapping_figures.CAPTIONS if self.mappers else {})

    @property
    def ranked_by(self) -> dict[str, tuple[str, ...]]:
        """The metrics that each role is ranked by, the tasks of mappers among them."""
        return self.answers.RANKED_BY | (tasks.RANKED_BY if self.mappers else {})

    @property
    def pictures(self) -> list[str]:
        """Every picture that the report shows, as ``subject.kind``."""
        found = [f"{name}.gallery" for name in self.generators]
        figures = self.answers.FIGURES | self.answers.FIGURES_ON_REQUEST
        found += [
            f"{name}.{figure}"
            for figure in figures
            for name in self.generators
            if figure in self.figures(name)
        ]
        found += [f"leaderboard.{chart}" for chart in self.answers.CHARTS]
        kinds = list(self.predicted) or ["confusion"]
        found += [f"{name}.{kind}" for kind in kinds for name in self.predictors]
        found += [f"{name}.{kind}" for name in self.mappers for kind in self.map_pictures(name)]
        return found + [f"{name}.curves" for name in self.networks]
