"""Where MLflow keeps the runs: an address that no working directory changes, opened once."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom.errors import GenloomError

if TYPE_CHECKING:
    from filelock import BaseFileLock
    from mlflow import MlflowClient

SQLITE, SERVERS = "sqlite:///", ("http://", "https://")
DATABASES = (SQLITE, "postgresql", "mysql", "mssql")
_LOCK_SECONDS = 120  # longer than making a database takes on a busy machine

# What MLflow reads from the environment, in this process and its workers. A person's own
# settings come first.
ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # 7 tries with growing pauses hide that nobody answers
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    # Connections that are open when workers are forked would be shared by all of them.
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
    # Bars for copies of a few kilobytes would stand between those of the trainings.
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


@dataclass(frozen=True)
class Settings:
    """What ``mlflow.yml`` says, with every path made absolute.

    Attributes:
        enabled: Whether runs are tracked at all.
        uri: A database (``sqlite:///mlflow.db``, ``postgresql://...``) or a server (``https://...``).
        experiment: The name of the experiment that holds the runs.
        artifacts: Where files go, a folder or an address such as ``s3://...``; a server that
            is given a folder's name keeps them where it was told to at its own start.
    """

    enabled: bool = True
    uri: str = "sqlite:///mlflow.db"
    experiment: str = "genloom"
    artifacts: str | None = "mlartifacts"


def read_settings(conf: Mapping[str, Any], project: Path) -> Settings:
    """Check ``mlflow.yml`` and resolve its relative paths against the project.

    Args:
        conf: The file's content.
        project: The project's folder.

    Raises:
        GenloomError: For a key that does not exist, a value of the wrong type, or an address
            that is neither a database nor a server.

    >>> read_settings({"experiment": "mine"}, Path("/home/me/loom")).uri
    'sqlite:////home/me/loom/mlflow.db'
    """
    known = Settings.__dataclass_fields__
    for key, value in conf.items():
        if key not in known:
            raise GenloomError(f"mlflow.yml has no '{key}'; there are: {', '.join(known)}.")
        wanted: type | tuple[type, ...] = bool if key == "enabled" else str
        if not isinstance(value, wanted) and not (key == "artifacts" and value is None):
            kind = "true or false" if key == "enabled" else "a text"
            raise GenloomError(f"{key} in mlflow.yml is {value!r}, but has to be {kind}.")
    given = Settings(**conf)
    return Settings(
        enabled=given.enabled,
        uri=_absolute_uri(given.uri, project) if given.enabled else given.uri,
        experiment=given.experiment,
        artifacts=_artifact_location(given, project),
    )


def open_store(settings: Settings) -> str:
    """Make the database and the experiment if they are not there, before anything runs.

    Several processes may do so at the same moment: the first makes them, the others wait.

    Returns:
        The experiment's id.

    Raises:
        GenloomError: When the address does not answer, is no MLflow store, or the experiment was
            deleted.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with explained(settings.uri, "opening it"), lock(settings.uri):
        _knock(settings.uri)
        own = client(settings.uri)
        experiment = own.get_experiment_by_name(settings.experiment)
        if experiment is None:
            return own.create_experiment(settings.experiment, settings.artifacts)
    if experiment.lifecycle_stage != "active":
        raise GenloomError(
            f"The MLflow experiment '{settings.experiment}' was deleted: restore it with 'mlflow "
            f"experiments restore -x {experiment.experiment_id}', or name another in mlflow.yml."
        )
    if settings.artifacts and experiment.artifact_location != settings.artifacts:
        logging.getLogger(__name__).warning(
            "The MLflow experiment '%s' keeps its files in %s, not in %s: it was made so, and only "
            "an experiment of another name (experiment in mlflow.yml) can have another place.",
            settings.experiment,
            experiment.artifact_location,
            settings.artifacts,
        )
    return str(experiment.experiment_id)


def client(uri: str) -> "MlflowClient":
    """A client of this process; runs and registered models are kept in one place."""
    from mlflow import MlflowClient

    # Its notes on every table that it makes are of no use to whoever reads the run's log.
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def lock(uri: str) -> "BaseFileLock":
    """One writer at a time, among all processes of this machine that use the same store."""
    from filelock import FileLock

    if uri.startswith(SQLITE):
        path = Path(f"{_sqlite_path(uri)}.lock")
        path.parent.mkdir(parents=True, exist_ok=True)
    else:
        # Each person has a lock of their own: nobody can open another's file for writing.
        name = hashlib.sha256(f"{Path.home()} {uri}".encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir(), f"genloom-{name}.lock")
    return FileLock(path, timeout=_LOCK_SECONDS)


@contextmanager
def explained(uri: str, doing: str) -> Iterator[None]:
    """Turn whatever the tracking store raises into one sentence.

    Raises:
        GenloomError: For any error of MLflow, of the database, of the network or of the disk.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError, ImportError) as error:
        # The first line says it; the rest is SQL, or a traceback of the server's.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise GenloomError(
            f"The MLflow store {without_password(uri)} failed while {doing} ({reason}): mend it, "
            "or give another uri or enabled: false in mlflow.yml."
        ) from error


def without_password(uri: str) -> str:
    """The address as it may be shown: the password of a database does not belong in a log."""
    head, at, tail = uri.rpartition("@")
    scheme, slashes, login = head.partition("://")
    return f"{scheme}{slashes}{login.partition(':')[0]}:***@{tail}" if at and login else uri


def _knock(uri: str) -> None:
    """Try the database once: MLflow itself would try for two minutes before it says anything."""
    if uri.startswith(SERVERS):
        return
    import sqlalchemy

    engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool)
    sqlalchemy.inspect(engine).get_table_names()


def _absolute_uri(uri: str, project: Path) -> str:
    if not uri.startswith((*DATABASES, *SERVERS)) or uri.startswith("sqlite:///:memory:"):
        raise GenloomError(
            f"uri in mlflow.yml is '{uri}', but has to be a database or a server, e.g. "
            "sqlite:///mlflow.db, postgresql://user@host/mlflow or https://mlflow.example.org."
        )
    if uri.startswith(SQLITE):
        path, question, options = uri.removeprefix(SQLITE).partition("?")
        # A path that is absolute already stays what it is.
        return f"{SQLITE}{project / path}{question}{options}"
    return uri


def _artifact_location(settings: Settings, project: Path) -> str | None:
    if settings.artifacts is None or "://" in settings.artifacts:
        return settings.artifacts
    if settings.uri.startswith(SERVERS):
        return None
    return (project / settings.artifacts).absolute().as_uri()


def _sqlite_path(uri: str) -> str:
    return uri.removeprefix(SQLITE).partition("?")[0]
