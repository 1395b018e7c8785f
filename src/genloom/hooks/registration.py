"""The best of each role in MLflow's model registry, ready for ``mlflow models serve``."""

import base64
import logging
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloom import fitted
from genloom.hooks import store
from genloom.hooks.recording import place_of

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, TensorSpec

    from genloom.hooks.recording import Recorder

ALIAS = "best"
_FOLDER = "model"  # where the model lies among a run's artifacts
# What the package needs to load and use a fitted thing; the rest of the project is not served.
_REQUIREMENTS = (
    "click",
    "lightning",
    "minisom",
    "mlflow",
    "numpy",
    "pandas",
    "pillow",
    "pydantic",
    "pyod",
    "PyWavelets",
    "rdkit",
    "safetensors",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "selfies",
    "statsmodels",
    "tokenizers",
    "torch",
)


def best_of_roles(board: "pd.DataFrame") -> list[tuple[str, str]]:
    """The first member of every role, as ``(role, subject)``.

    Real data has rank 0 and is no member; nor is a floor that only scores, which stores nothing.
    """
    stores_something = board["parameters"].notna() if "parameters" in board else True
    fitted_ones = board[(board["rank"] > 0) & stores_something]
    first = fitted_ones.sort_values("rank", kind="stable").drop_duplicates("role")
    return sorted(zip(first["role"], first["subject"], strict=True))


def register(
    client: "MlflowClient", run_id: str, folder: Path, *, name: str, subject: str, content: Any
) -> str:
    """Store a fitted thing with the code that serves it, and point the alias ``best`` at it.

    Args:
        client: A client of the store.
        run_id: The run that keeps the model's files.
        folder: The fitted folder.
        name: The registered model's name, e.g. ``images-generator``.
        subject: Whose turn as the best it is, e.g. ``gan``.
        content: One real sample's content, for the example; bytes travel as base64.

    Returns:
        The new version's number.
    """
    from mlflow.exceptions import MlflowException
    from mlflow.pyfunc import save_model

    here = fitted.load(folder)  # what cannot be loaded now could not be served later either
    signature = _signature(here)
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch, _FOLDER)
        save_model(
            model,
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={"fitted": str(folder)},
            code_paths=[str(Path(fitted.__file__).parent)],
            signature=signature,
            model_config={"binary": isinstance(content, bytes)},
            input_example=_example(here, content),
            pip_requirements=[f"{package}=={_release(package)}" for package in _REQUIREMENTS],
        )
        client.log_artifacts(run_id, str(model), _FOLDER)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{client.get_run(run_id).info.artifact_uri}/{_FOLDER}"
    tags = {"subject": subject, "data_digest": here.data_digest}
    made = client.create_model_version(name, source, run_id, tags=tags)
    client.set_registered_model_alias(name, ALIAS, str(made.version))
    return str(made.version)


def register_best(recorder: "Recorder", domain: str, catalog: Any, runs: Mapping[str, str]) -> None:
    """Register the best of every role of a domain; what fails is reported, and the run goes on.

    Args:
        recorder: The recorder of the run in progress.
        domain: The domain whose leaderboard was made.
        catalog: The run's catalog.
        runs: The ids of the run's children by name. A model belongs to the run that fitted it, if
            that is one of them, and to the leaderboard's otherwise.
    """
    logger = logging.getLogger(__name__)
    board = catalog.get(f"{domain}.leaderboard").load()
    content = catalog.get(f"{domain}.samples").load()["content"].iloc[0]
    for role, subject in best_of_roles(board):
        name = f"{domain}-{role}"
        fitted_folder = place_of(catalog.get(f"{domain}.{subject}.fitted"))
        # The run has its results by now; a registry that is full or gone must not take them away.
        try:
            number = register(
                recorder.client,
                runs.get(f"{domain}.{subject}", runs[f"{domain}.leaderboard"]),
                Path(str(fitted_folder)),
                name=name,
                subject=subject,
                content=content,
            )
        except Exception as error:
            logger.warning(
                "%s was not registered as %s (%s: %s); mend that and repeat with: "
                "kedro run --namespaces %s.leaderboard",
                subject,
                name,
                type(error).__name__,
                error,
                domain,
            )
            continue
        logger.info(
            "%s is version %s of %s; to serve it: MLFLOW_DISABLE_TELEMETRY=true "
            "MLFLOW_TRACKING_URI=%s mlflow models serve -m models:/%s@%s --env-manager local",
            subject,
            number,
            name,
            store.without_password(recorder.uri),
            name,
            ALIAS,
        )


def _signature(here: fitted.Fitted) -> "ModelSignature":
    """What a served member takes and gives; see ``served_model``."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema, TensorSpec

    if here.block["role"] == "generator":
        return ModelSignature(
            inputs=Schema(
                [
                    ColSpec("string", "label", required=False),
                    ColSpec("long", "n"),
                    ColSpec("long", "seed", required=False),
                ]
            ),
            outputs=Schema([ColSpec("string", "label"), ColSpec("string", "content")]),
        )
    gives: list[ColSpec | TensorSpec] = [ColSpec("string", "label")]
    gives += [ColSpec("double", f"probability.{name}") for name in here.classes]
    if here.block["role"] == "mapper":
        gives = _of_mapper(here)
    elif here.forecasts:
        gives = [ColSpec("long", "window"), ColSpec("long", "step")]
        gives += [ColSpec("double", f"quantile.{level:g}") for level in here.own_codec.quantiles]
    elif here.predicts_numbers:
        gives = [ColSpec("double", "value")]
    return ModelSignature(inputs=Schema([ColSpec("string", "content")]), outputs=Schema(gives))


def _of_mapper(here: fitted.Fitted) -> "list[ColSpec | TensorSpec]":
    """What a served mapper gives, by its task."""
    from mlflow.types.schema import ColSpec

    task = here.block["task"]
    if task == "detect":
        return [ColSpec("double", "anomaly_score")]
    if task == "map":
        return [ColSpec("long", "unit")]
    if task == "denoise":
        return [ColSpec("string", "content")]
    return [ColSpec("double", f"code.{n}") for n in range(here.member.code_size)]


def _example(here: fitted.Fitted, content: Any) -> "pd.DataFrame":
    """A request that works, kept with the model; its JSON form can be posted as it is."""
    import pandas as pd

    if here.block["role"] == "generator":
        return pd.DataFrame({"label": here.classes[:1], "n": [2], "seed": [0]})
    text = base64.b64encode(content).decode("ascii") if isinstance(content, bytes) else content
    return pd.DataFrame({"content": [text]})


def _release(package: str) -> str:
    """The installed version without its local part: no index has ``2.13.0+cpu``."""
    return version(package).partition("+")[0]
