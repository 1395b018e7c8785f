"""Choose the trained generator that is asked: by name or the best, from the catalog or MLflow."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom import members
from genloom.asking import Generator
from genloom.errors import GenloomError
from genloom.hooks.checks import check_slice
from genloom.pipeline_registry import domain_blocks

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext


def open_project(project: Path, env: str | None) -> "KedroContext":
    """The project's catalog and settings; what is logged from now on goes to stderr.

    Raises:
        GenloomError: There is no such environment.
    """
    from kedro.framework.session import KedroSession
    from rich.console import Console
    from rich.logging import RichHandler

    # Kedro reads conf/logging.yml only when it is called in the project's own folder.
    logging.getLogger("kedro.validation").setLevel(logging.ERROR)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RichHandler):
            handler.console = Console(stderr=True)
    env = env or os.environ.get("KEDRO_ENV")
    if env:
        check_slice({"env": env})
    return KedroSession.create(project_path=project, env=env).load_context()


def check_names(domain: str, model: str | None) -> None:
    """Refuse names that the project does not have.

    Raises:
        GenloomError: There is no such domain, or no such generator in it; the sentence lists those
            that there are.
    """
    blocks = domain_blocks()
    if domain not in blocks:
        raise GenloomError(f"There is no domain '{domain}'; there are: {', '.join(blocks)}.")
    names = generators_of(domain)
    if model is not None and model not in names:
        raise GenloomError(f"{domain} has no generator '{model}'; there are: {', '.join(names)}.")


def generators_of(domain: str) -> list[str]:
    """The names of a domain's generators."""
    return members.names_by_role(domain_blocks()[domain], "generator")


def from_registry(context: "KedroContext", domain: str, model: str | None) -> Generator:
    """A generator that was registered: the newest version of a member, or the best.

    Raises:
        GenloomError: There is none, or it cannot be read.
    """
    from kedro.config import MissingConfigException

    from genloom.hooks import registry, store

    try:
        conf = context.config_loader["mlflow"]
    except MissingConfigException:
        conf = {}
    found = registry.fetch(store.read_settings(conf, context.project_path), domain, model)
    return Generator(f"{domain}.{found.subject}", found.fitted, found.version)


def from_catalog(context: "KedroContext", domain: str, model: str | None) -> Generator:
    """A generator that a run trained: the one of that name, or the best of the leaderboard.

    Raises:
        GenloomError: It is not trained yet (with the command that trains it), or cannot be read.
    """
    env = f" --env {context.env}" if context.env else ""
    chosen = None
    if model is None:
        model = _best(context, domain, env)
        chosen = f"the first of the generators on the leaderboard of {domain}"
    name = f"{domain}.{model}"
    train = (
        f"kedro run{env} --pipelines {domain} --to-nodes {name}.fit_member --only-missing-outputs"
    )
    fitted = _load(
        context,
        f"{name}.fitted",
        missing=f"{name} is not trained yet; this trains it: {train}",
        damaged=f"remove the folder and train it again: {train}",
    )
    return Generator(name, fitted, chosen)


def _best(context: "KedroContext", domain: str, env: str) -> str:
    """The first on the leaderboard that can be sampled, as real data and mere scorers cannot.

    Raises:
        GenloomError: There is no leaderboard, or nothing on it can be sampled.
    """
    names = generators_of(domain)
    instead = (
        f"name a generator with --model ({', '.join(names)}), or make the leaderboard: "
        f"kedro run{env} --pipelines {domain}"
    )
    board = _load(
        context,
        f"{domain}.leaderboard",
        missing=f"There is no leaderboard of {domain} yet that would say which is best: {instead}",
        damaged=instead,
    )
    if not {"role", "rank", "subject"} <= set(board):
        raise GenloomError(f"The leaderboard of {domain} has no ranks: {instead}")
    board = board[(board["role"] == "generator") & board["subject"].isin(names)]
    if board.empty:
        raise GenloomError(f"Nothing on the leaderboard of {domain} can be sampled: {instead}")
    return str(board.sort_values("rank")["subject"].iloc[0])


def _load(context: "KedroContext", name: str, *, missing: str, damaged: str) -> Any:
    """Load from the catalog.

    Raises:
        GenloomError: With ``missing`` where there is nothing, and with the reason and ``damaged``
            where it cannot be read.
    """
    from kedro.io import DatasetError

    dataset: Any = context.catalog.get(name)
    try:
        if not dataset.exists():
            raise GenloomError(missing)
        return dataset.load()
    except DatasetError as error:
        reason = error.__cause__ or error
        if isinstance(reason, GenloomError):
            raise reason from None
        first = (str(reason).strip().splitlines() or [""])[0][:300]
        raise GenloomError(
            f"{name} cannot be read ({type(reason).__name__}: {first}): {damaged}"
        ) from None
