"""What a tracked run is called, and what it takes to repeat it: command, code and data."""

import getpass
import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from genloom import __version__

LONGEST_TAG = 5000  # characters; MLflow cuts at 8,000, some databases earlier


def run_name(run_params: Mapping[str, Any]) -> str:
    """What a person recognises a run by: pipelines, namespaces, environment.

    >>> run_name({"pipeline_names": ["images"], "namespaces": ["images.gan"], "env": "smoke"})
    'images: images.gan (smoke)'
    """
    name = ", ".join(run_params.get("pipeline_names") or ["all"])
    if namespaces := run_params.get("namespaces"):
        name += ": " + ", ".join(namespaces)
    return f"{name} ({run_params.get('env') or 'base'})"[:250]


def command(run_params: Mapping[str, Any]) -> str:
    """The command line that repeats a run.

    >>> command({"env": "smoke", "runtime_params": {"images": {"gan": {"loss": "wgan_gp"}}}})
    'kedro run --env smoke --params images.gan.loss=wgan_gp'
    """
    words = ["kedro run"]
    lists = ("tags", "from_nodes", "to_nodes", "from_inputs", "to_outputs", "namespaces")
    options = {"pipelines": "pipeline_names", "nodes": "node_names"} | {
        key.replace("_", "-"): key for key in lists
    }
    if run_params.get("env"):
        words.append(f"--env {run_params['env']}")
    for option, key in options.items():
        if value := run_params.get(key):
            words.append(f"--{option} {','.join(value)}")
    if given := run_params.get("runtime_params"):
        words.append("--params " + ",".join(f"{key}={value}" for key, value in _leaves(given)))
    if run_params.get("only_missing_outputs"):
        words.append("--only-missing-outputs")
    if (runner := _runner(run_params)) != "SequentialRunner":
        words.append(f"--runner {runner}")
    return " ".join(words)


def run_tags(run_params: Mapping[str, Any], project: Path) -> dict[str, str]:
    """Everything that it takes to repeat the run: command, code, data, and who ran it."""
    tags = {
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": command(run_params),
        "kedro.command": command(run_params),
        "kedro.env": run_params.get("env") or "base",
        "kedro.runner": _runner(run_params),
        "kedro.run_id": str(run_params.get("run_id")),
        "genloom.version": __version__,
    }
    with suppress(OSError, KeyError):  # a container's user may have no name
        tags["mlflow.user"] = getpass.getuser()
    commit = _git(project, "rev-parse", "HEAD")
    if commit is not None:
        tags["mlflow.source.git.commit"] = tags["git.commit"] = commit
        tags["git.dirty"] = str(bool(_git(project, "status", "--porcelain"))).lower()
    lock = project / "dvc.lock"
    if lock.is_file():
        tags["dvc.lock.sha256"] = hashlib.sha256(lock.read_bytes()).hexdigest()
        changes = _git(project, "status", "--porcelain", "--", lock.name)
        if changes is not None:
            tags["dvc.lock.dirty"] = str(bool(changes)).lower()
    return {key: value[:LONGEST_TAG] for key, value in tags.items()}


def _git(project: Path, *arguments: str) -> str | None:
    """What git says; None where there is no git, no repository or no commit."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=project, capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _runner(run_params: Mapping[str, Any]) -> str:
    """The runner's class; kedro gives its ``repr``, or the text None for the default."""
    found = re.search(r"\w*Runner", str(run_params.get("runner")))
    return found[0] if found else "SequentialRunner"


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
