"""The project's own commands; Kedro adds them to its own (``kedro --help``)."""

from copy import copy
from functools import wraps
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.startup import ProjectMetadata


@click.group(help="")  # Kedro's help shows the groups' texts in a row
def cli() -> None:
    """Group the commands; the name is the one that Kedro looks for."""


def _run() -> click.Command:
    """Kedro's own ``run``, which first says in a sentence which part of a slice does not exist."""
    command = copy(kedro_run)
    original = kedro_run.callback
    assert original is not None

    @wraps(original)
    def checked(**options: Any) -> Any:
        from kedro.io import DatasetError

        from genloom.errors import GenloomError
        from genloom.hooks.checks import check_slice

        check_slice(options)
        try:
            return original(**options)
        except DatasetError as error:
            raise GenloomError(
                f"{' '.join(str(error).split())} If the file is missing, run the namespace that "
                "makes it first; if it is damaged, remove it and run again."
            ) from None

    command.callback = checked
    return command


cli.add_command(_run())


@cli.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when dvc.yaml is out of date.")
@click.pass_obj
def dvc(metadata: ProjectMetadata, check: bool) -> None:
    """Derive dvc.yaml from the default pipeline."""
    # Imported here, because Kedro imports this module for every one of its commands.
    from genloom.reproduction.stages import dvc_yaml

    path = metadata.project_path / "dvc.yaml"
    text = dvc_yaml(metadata)
    current = path.read_text(encoding="utf-8") if path.is_file() else None
    if current == text:
        click.echo("dvc.yaml is up to date.")
    elif check:
        state = "is out of date" if current else "does not exist"
        raise click.ClickException(f"dvc.yaml {state}: run `kedro dvc` and commit what it writes.")
    else:
        path.write_text(text, encoding="utf-8")
        click.echo("dvc.yaml is written; `dvc repro` runs what it says.")
