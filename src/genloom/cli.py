"""The project's own commands; Kedro adds them to its own (``kedro --help``)."""

import click
from kedro.framework.startup import ProjectMetadata


@click.group(help="")  # Kedro's help shows the groups' texts in a row
def cli() -> None:
    """Group the commands; the name is the one that Kedro looks for."""


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
