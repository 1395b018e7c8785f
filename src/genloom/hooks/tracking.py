"""Every ``kedro run`` in MLflow: a run for the whole, and below it one for each namespace.

Nodes know nothing of it. What is recorded of a dataset stands in its catalog entry
(``metadata: {mlflow: <kind>}``); how, in ``recording``; where, in ``store``. Only ``MlflowClient``
is used: the fluent functions keep a stack of active runs that leaks from one session to the next.
Worker processes learn which run they belong to from an environment variable.
"""

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.config import MissingConfigException
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from genloom.errors import GenloomError
from genloom.hooks import store
from genloom.hooks.provenance import LONGEST_TAG, run_name, run_tags

if TYPE_CHECKING:
    from kedro.pipeline.node import Node

    from genloom.hooks.recording import Recorder

VARIABLE = "GENLOOM_TRACKING"  # the run in progress: store, experiment and parent run, as JSON
ERROR, FAILED_NODE = "genloom.error", "genloom.failed_node"
_logger = logging.getLogger(__name__)


class TrackingHooks:
    """Records runs, parameters, curves, metrics, files and the best models in MLflow.

    An instance holds nothing that outlives a run: it is shared by all sessions of a process and
    inherited by forked workers.
    """

    def __init__(self) -> None:
        self._config: Any = None
        self._project = Path()
        self._catalog: Any = None
        self._opened: tuple[int, str, Recorder] | None = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Remember where the settings are, and switch MLflow's telemetry off before its import."""
        self._config, self._project = context.config_loader, Path(context.project_path)
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("DO_NOT_TRACK", "true")

    @hook_impl(trylast=True)  # after all checks: a run that is refused leaves no trace
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Any
    ) -> None:
        """Open the store and begin the run that stands for this ``kedro run``.

        Raises:
            GenloomError: For a mistake in ``mlflow.yml`` or the catalog, or a store that does not
                answer.
        """
        os.environ.pop(VARIABLE, None)  # of a run that was interrupted
        try:
            conf = self._config["mlflow"]
        except MissingConfigException:
            conf = {}
        settings = store.read_settings(conf, self._project)
        if not settings.enabled:
            return
        _check_kinds(pipeline, catalog)
        experiment = store.open_store(settings)
        with store.explained(settings.uri, "beginning a run"):
            tags = run_tags(run_params, self._project)
            made = store.client(settings.uri).create_run(
                experiment, run_name=run_name(run_params), tags=tags
            )
        _logger.info(
            "Tracking this run as '%s' in %s",
            made.info.run_name,
            store.without_password(settings.uri),
        )
        state = {"uri": settings.uri, "experiment": experiment, "parent": made.info.run_id}
        os.environ[VARIABLE] = json.dumps(state)

    @hook_impl
    def before_node_run(self, node: "Node", catalog: Any, inputs: dict[str, Any]) -> None:
        """Record the node's parameters and the data it reads, in the run of its namespace."""
        self._catalog = catalog  # the later hooks of this process are not given it
        if recorder := self._recorder():
            with store.explained(recorder.uri, f"recording the inputs of {node.name}"):
                recorder.start(node, inputs, catalog)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any, node: "Node") -> None:
        """Record what was saved, in the way that the catalog asks for."""
        if recorder := self._recorder():
            with store.explained(recorder.uri, f"recording {dataset_name}"):
                recorder.saved(node, dataset_name, data, self._catalog.get(dataset_name))

    @hook_impl
    def on_node_error(self, error: Exception, node: "Node") -> None:
        """Mark the run of the namespace that failed."""
        if recorder := self._recorder():
            with _reported("marking a failed run"):
                run_id = recorder.child(node.namespace)
                recorder.client.set_tag(run_id, FAILED_NODE, node.name)
                recorder.client.set_tag(run_id, ERROR, sentence(error))

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Any
    ) -> None:
        """Register the best models and end all runs."""
        if recorder := self._recorder():
            with _reported("registering the best models"):
                _register(recorder, pipeline, catalog)
            with _reported("ending the runs"):
                _end(recorder, run_params, pipeline, catalog)
        self._close()

    @hook_impl
    def on_pipeline_error(
        self, error: Exception, run_params: dict[str, Any], pipeline: Pipeline, catalog: Any
    ) -> None:
        """End all runs: what was complete as finished, the rest and the whole as failed."""
        if recorder := self._recorder():
            with _reported("ending the runs"):
                _end(recorder, run_params, pipeline, catalog, sentence(error))
        self._close()

    def _recorder(self) -> "Recorder | None":
        """This process's recorder of the run in progress; None when nothing is tracked.

        A forked worker inherits its parent's, whose database connection it must not use.
        """
        state = os.environ.get(VARIABLE)
        if state is None:
            return None
        if self._opened is None or self._opened[:2] != (os.getpid(), state):
            from genloom.hooks.recording import Recorder

            self._opened = os.getpid(), state, Recorder(**json.loads(state))
        return self._opened[2]

    def _close(self) -> None:
        os.environ.pop(VARIABLE, None)
        self._opened = self._catalog = None


def sentence(error: BaseException) -> str:
    """An error in one sentence, as the terminal shows it."""
    if isinstance(error, GenloomError):
        return str(error.message)[:LONGEST_TAG]
    return f"{type(error).__name__}: {error}"[:LONGEST_TAG]


def _check_kinds(pipeline: Pipeline, catalog: Any) -> None:
    from genloom.hooks.recording import KINDS, kind_of

    for name in sorted(pipeline.datasets()):
        kind = kind_of(catalog.get(name))
        if kind is not None and kind not in KINDS:
            raise GenloomError(
                f"The catalog entry of {name} says mlflow: {kind}, but there are only: "
                f"{', '.join(KINDS)}."
            )


def _register(recorder: "Recorder", pipeline: Pipeline, catalog: Any) -> None:
    """Register the best of every domain whose leaderboard this run made."""
    from genloom.hooks.recording import kind_of
    from genloom.hooks.registration import register_best

    runs = {name: run.info.run_id for name, run in recorder.children().items()}
    for name in sorted(pipeline.all_outputs()):
        domain = name.rpartition(".")[0]
        # With --only-missing-outputs a leaderboard that was there already has no run.
        if kind_of(catalog.get(name)) == "leaderboard" and f"{domain}.leaderboard" in runs:
            register_best(recorder, domain, catalog, runs)


def _end(
    recorder: "Recorder",
    run_params: Mapping[str, Any],
    pipeline: Pipeline,
    catalog: Any,
    error: str | None = None,
) -> None:
    """End the children at the time of their last file, and then the parent.

    The files also tell which namespaces were complete when an error ended the run: the main
    process does not see what its workers did.
    """
    from genloom.hooks.recording import place_of

    client = recorder.client
    begun = client.get_run(recorder.parent).info.start_time
    for name, run in recorder.children().items():
        outputs = {
            output for node in pipeline.nodes if node.namespace == name for output in node.outputs
        }
        places = [place for n in outputs if (place := place_of(catalog.get(n)))]
        times = [int(place.stat().st_mtime * 1000) for place in places if place.exists()]
        since = 0 if run_params.get("only_missing_outputs") else begun
        complete = len(times) == len(places) and all(time >= since for time in times)
        failed = error is not None and not complete
        if failed and error is not None:
            client.set_tag(run.info.run_id, ERROR, run.data.tags.get(ERROR, error))
        end = max([*times, run.info.start_time]) if complete else None
        client.set_terminated(run.info.run_id, "FAILED" if failed else "FINISHED", end)
    if error is not None:
        client.set_tag(recorder.parent, ERROR, error)
    status = "FINISHED" if error is None else "FAILED"
    client.set_terminated(recorder.parent, status, int(time.time() * 1000))


@contextmanager
def _reported(doing: str) -> Iterator[None]:
    """For what comes after the work: its failure must hide neither results nor another error."""
    try:
        yield
    except Exception as error:
        _logger.warning("MLflow failed while %s: %s: %s", doing, type(error).__name__, error)
