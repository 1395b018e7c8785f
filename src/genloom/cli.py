"""The project's own commands; Kedro adds them to its own (``kedro --help``)."""

import os
from copy import copy
from functools import wraps
from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import env_option
from kedro.framework.startup import ProjectMetadata

from genloom.processes import cores, end_with_parent


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
        # Kedro warns of the first, which means the same and is what its users are used to.
        if options["pipeline"] and not options["pipelines"]:
            options["pipeline"], options["pipelines"] = None, [options["pipeline"]]
        options["runner"] = options["runner"] or _default_runner(options)
        os.register_at_fork(after_in_child=end_with_parent)  # a runner's workers
        try:
            return original(**options)
        except DatasetError as error:
            raise GenloomError(
                f"{' '.join(str(error).split())} If the file is missing, run the namespace that "
                "makes it first; if it is damaged, remove it and run again."
            ) from None

    command.callback = checked
    return command


def _default_runner(options: dict[str, Any]) -> str:
    """Every core where networks train on the processor: any runner gives the same bytes.

    An accelerator has room for one training at a time, and one core gains nothing from workers.
    """
    import yaml

    from genloom.pipeline_registry import BASE

    folder = Path(options.get("conf_source") or BASE.parent)
    environment = options.get("env") or os.environ.get("KEDRO_ENV") or "local"
    accelerator = options["params"].get("hardware", {}).get("accelerator")
    for name in (environment, "base"):
        path = folder / name / "parameters.yml"
        block = (yaml.safe_load(path.read_text()) or {}) if path.is_file() else {}
        accelerator = accelerator or (block.get("hardware") or {}).get("accelerator")
    return "ParallelRunner" if cores() > 1 and accelerator == "cpu" else "SequentialRunner"


cli.add_command(_run())


@cli.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when dvc.yaml is out of date.")
@click.pass_obj
def dvc(metadata: ProjectMetadata, check: bool) -> None:
    """Derive dvc.yaml from the pipelines."""
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


@cli.command(short_help="Draw samples from a trained generator.")
@click.argument("domain")
@click.option(
    "--model",
    "-m",
    help="The generator, e.g. gpt. Without it, the first of the domain's leaderboard that can be "
    "sampled; a line on stderr names it.",
)
@click.option("--n", "-n", default=1, show_default=True, help="How many samples.")
@click.option(
    "--label",
    help="The class of all samples. Without it, the classes take turns, from the first on.",
)
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same bytes.")
@click.option("--prompt", help="Text: what every sample begins with; it is printed, too.")
@click.option(
    "--temperature",
    type=float,
    help="Text: below 1 is more predictable, above 1 wilder, 0 always takes the likeliest token. "
    "Without it, what the model was trained with.",
)
@click.option("--top-k", type=int, help="Text: draw among so many of the likeliest tokens.")
@click.option(
    "--top-p",
    type=float,
    help="Text: draw among the fewest likeliest tokens that have so much probability together.",
)
@click.option("--length", type=int, help="Text: the most tokens of a sample, prompt included.")
@click.option(
    "--stream/--no-stream",
    default=None,
    help="Text: print a single sample while it is made. By default where it goes to a terminal.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Images: the folder for <label>-<number>.png (needed). Text: a file that ends in .jsonl, "
    ".csv or .parquet (columns label and content) or .txt (blank lines between samples), instead "
    "of printing.",
)
@click.option(
    "--from",
    "source",
    type=click.Choice(["catalog", "registry"]),
    default="catalog",
    show_default=True,
    help="catalog: what kedro run trained last, in data/06_models. registry: the best one "
    "registered in MLflow, or the newest version of --model there.",
)
@env_option
@click.pass_obj
def sample(
    metadata: ProjectMetadata,
    domain: str,
    model: str | None,
    output: Path | None,
    stream: bool | None,
    source: str,
    env: str | None,
    **request: Any,
) -> None:
    """Draw samples of DOMAIN (e.g. text, images) from a trained generator.

    Text, and code like it, is printed, with a line of dashes between samples; images go into a
    folder. What a generator cannot do, such as begin an image with a prompt, is refused in a
    sentence that says what it can.

    \b
    Examples:
      kedro sample text --model gpt --prompt "def main(" --temperature 0.8
      kedro sample text --model ngram --n 100 --seed 7 --output texts.jsonl
      kedro sample images --model flow --n 20 --label 3 --output threes
      kedro sample images --from registry --n 10 --output best
    """
    from genloom.asking import Request, answer

    answer(
        metadata.project_path,
        domain,
        Request(**request),
        model=model,
        source=source,
        env=env,
        output=output,
        stream=stream,
    )
