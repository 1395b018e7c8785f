"""Fetch a generator back from MLflow's model registry, where ``registration`` has put it."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from genloom import fitted
from genloom.errors import GenloomError
from genloom.hooks import store
from genloom.hooks.registration import ALIAS

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # no such model, no such alias


class Fetched(NamedTuple):
    """A generator out of the registry: whose turn it was, which version, and the thing itself."""

    subject: str
    version: str
    fitted: fitted.Fitted


def fetch(settings: store.Settings, domain: str, subject: str | None = None) -> Fetched:
    """Load a registered generator; of what is stored, only its two plain files are read.

    Args:
        settings: Where the registry is.
        domain: The domain whose generator it is.
        subject: The member that was registered, its newest version; the one with the alias ``best``
            if not given.

    Raises:
        GenloomError: Nothing of the kind is registered, it cannot be read, or the store fails.
    """
    name = f"{domain}-generator"
    if not settings.enabled:
        raise GenloomError(
            "mlflow.yml says enabled: false, so there is no registry to look into: use --from "
            "catalog, or enable it."
        )
    # Asking must not make a database that is not there.
    if settings.uri.startswith(store.SQLITE):
        path = settings.uri.removeprefix(store.SQLITE).partition("?")[0]
        if not Path(path).exists():
            raise _absent(settings, domain, f"{name}@{ALIAS}")
    for variable, value in store.ENVIRONMENT.items():
        os.environ.setdefault(variable, value)
    with store.explained(settings.uri, f"reading {name} in its registry"):
        store._knock(settings.uri)
        client = store.client(settings.uri)
        if subject is None:
            found = _by_alias(client, settings, domain, name)
        else:
            found = _by_subject(client, settings, domain, name, subject)
        return Fetched(
            found.tags.get("subject", "generator"),
            f"version {found.version} of {name} in {store.without_password(settings.uri)}",
            _read(found, settings, domain),
        )


def _by_alias(
    client: "MlflowClient", settings: store.Settings, domain: str, name: str
) -> "ModelVersion":
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(name, ALIAS)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            raise _absent(settings, domain, f"{name}@{ALIAS}") from None
        raise


def _by_subject(
    client: "MlflowClient", settings: store.Settings, domain: str, name: str, subject: str
) -> "ModelVersion":
    versions = list(client.search_model_versions(f"name = '{name}'"))
    own = [version for version in versions if version.tags.get("subject") == subject]
    if own:
        return max(own, key=lambda version: int(version.version))
    there = sorted({version.tags.get("subject", "") for version in versions} - {""})
    if not there:
        raise _absent(settings, domain, name)
    raise GenloomError(
        f"{domain}.{subject} was never registered as {name}; there are: {', '.join(there)}."
    )


def _read(found: "ModelVersion", settings: store.Settings, domain: str) -> fitted.Fitted:
    from mlflow.artifacts import download_artifacts
    from mlflow.models import Model

    with tempfile.TemporaryDirectory() as scratch:
        folder = download_artifacts(
            artifact_uri=found.source, dst_path=scratch, tracking_uri=settings.uri
        )
        try:
            flavour = Model.load(folder).flavors["python_function"]
            return fitted.load(Path(folder, flavour["artifacts"]["fitted"]["path"]))
        except Exception as error:  # whatever another version may have stored there
            reason = (str(error).strip().splitlines() or [""])[0][:300]
            raise GenloomError(
                f"Version {found.version} of {found.name} cannot be read "
                f"({type(error).__name__}: {reason}): register it anew with kedro run "
                f"--namespaces {domain}.leaderboard, or use --from catalog."
            ) from None


def _absent(settings: store.Settings, domain: str, what: str) -> GenloomError:
    return GenloomError(
        f"{store.without_password(settings.uri)} has no registered model {what}: a run that makes "
        f"the leaderboard registers it: kedro run --pipelines {domain}"
    )
