"""Ask a trained generator for samples: hold the request against it, and draw.

The work behind ``kedro sample``. Which generator is asked is in ``choosing``, and how samples are
shown and written in ``showing``.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genloom.errors import GenloomError
from genloom.fitted import Fitted

if TYPE_CHECKING:
    import pandas as pd

MOST_SAMPLES, MOST_SEED = 100_000, 2**63 - 1
# What only some generators take: the argument of ``sample`` and the option that stands for it.
OPTIONS = {
    "prompt": "--prompt",
    "temperature": "--temperature",
    "top_k": "--top-k",
    "top_p": "--top-p",
    "length": "--length",
    "on_token": "--stream",
}


@dataclass(frozen=True)
class Request:
    """What is asked of a generator; None leaves a choice to it.

    Attributes:
        n: How many samples.
        label: The class of all of them; all classes in turn if not given.
        seed: The same seed gives the same bytes.
        prompt: What every sample begins with.
        temperature: 0 always takes the likeliest token.
        top_k: Draw among so many of the likeliest tokens.
        top_p: Draw among the fewest tokens that have so much probability together.
        length: The most tokens of a sample, prompt included.

    Raises:
        GenloomError: For a number of samples or a seed that no generator takes.
    """

    n: int = 1
    label: str | None = None
    seed: int = 0
    prompt: str | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    length: int | None = None

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("n", self.n, 1, MOST_SAMPLES),
            ("seed", self.seed, 0, MOST_SEED),
        ):
            if not low <= value <= high:
                raise GenloomError(f"{name} is {value}, but has to be from {low} to {high}.")

    @property
    def arguments(self) -> dict[str, Any]:
        """What is given of the arguments that only some generators take."""
        given = {key: getattr(self, key, None) for key in OPTIONS}
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True)
class Generator:
    """A trained generator.

    Attributes:
        name: Domain and member, e.g. ``text.gpt``.
        fitted: The trained thing.
        chosen: Why it was chosen, where the user did not name it.
    """

    name: str
    fitted: Fitted
    chosen: str | None = None

    @property
    def makes(self) -> str:
        """What its samples are: ``rows`` of a table, ``texts``, or else ``pictures``."""
        if hasattr(self.fitted.own_codec, "as_table"):
            return "rows"
        return "texts" if hasattr(self.fitted.own_codec, "encode_text") else "pictures"

    @property
    def grows(self) -> bool:
        """Whether what it has written stays as it is while more follows, so that it can stream."""
        return self.takes("on_token") and getattr(self.fitted.own_codec, "grows", True)

    def takes(self, argument: str) -> bool:
        """Whether it takes an argument (a key of ``OPTIONS``)."""
        return argument in inspect.signature(self.fitted.member.sample).parameters

    def labels(self, request: Request) -> list[str]:
        """The label of each sample.

        Raises:
            GenloomError: It knows no such class; the sentence lists those that it knows.
        """
        classes = self.fitted.own_codec.classes
        if request.label is None:
            return [classes[number % len(classes)] for number in range(request.n)]
        if request.label in classes:
            return [request.label] * request.n
        if classes == [""]:
            raise GenloomError(f"{self.name} has learnt no labels, so leave out --label.")
        raise GenloomError(
            f"{self.name} has learnt no label '{request.label}'; there are: {', '.join(classes)}."
        )

    def check(self, asked: list[str]) -> None:
        """Hold arguments (keys of ``OPTIONS``) against what it takes.

        Raises:
            GenloomError: It does not take one of them; the sentence lists what it takes.
        """
        for key in asked:
            if not self.takes(key):
                takes = ["--n", "--label", "--seed"]
                takes += [option for known, option in OPTIONS.items() if self.takes(known)]
                raise GenloomError(
                    f"{self.name} cannot do anything with {OPTIONS[key]}; it takes "
                    f"{', '.join(takes[:-1])} and {takes[-1]}."
                )

    def draw(
        self, request: Request, on_token: Callable[[Any], None] | None = None
    ) -> "pd.DataFrame":
        """Draw what is asked for.

        Args:
            request: What to draw.
            on_token: Called with the rows of tokens so far, after every token.

        Returns:
            The columns ``label`` and ``content``, a row per sample; where samples are rows of a
            table, its columns and what they are said to be.

        Raises:
            GenloomError: For whatever of the request the generator refuses.
        """
        import pandas as pd

        from genloom.domains.codecs import decoded

        codec, arguments = self.fitted.own_codec, request.arguments
        if on_token is not None:
            arguments["on_token"] = on_token
        self.check(list(arguments))
        if "prompt" in arguments:
            arguments["prompt"] = codec.encode_text(arguments["prompt"])
        labels = codec.encode_labels(pd.DataFrame({"label": self.labels(request)}))
        x = self.fitted.member.sample(request.n, labels=labels, seed=request.seed, **arguments)
        made = decoded(codec, x, labels)
        return codec.as_table(made) if self.makes == "rows" else made[["label", "content"]]


def answer(
    project: Path,
    domain: str,
    request: Request,
    *,
    model: str | None = None,
    source: str = "catalog",
    env: str | None = None,
    output: Path | None = None,
    stream: bool | None = None,
) -> None:
    """Find a generator, draw from it, and print or write what it makes.

    Args:
        project: The project's folder.
        domain: The domain's name.
        request: What to draw.
        model: The generator's name; the best one if not given.
        source: ``catalog`` or ``registry``: where to look for it.
        env: The environment of Kedro whose settings count.
        output: A file for text and for rows of a table, a folder for pictures; what goes into a
            file is printed if not given.
        stream: Whether to print tokens as they are made; by default where one sample goes to a
            terminal.

    Raises:
        GenloomError: For all that a user can get wrong.
    """
    from genloom.asking import choosing, showing
    from genloom.hooks.checks import use_threads

    if stream and (request.n > 1 or output is not None):
        other = f"--n {request.n}" if request.n > 1 else "--output"
        raise GenloomError(
            f"--stream prints one sample while it is made, so leave out {other} or --stream."
        )
    # What is registered may have another name by now.
    choosing.check_names(domain, model if source == "catalog" else None)
    context = choosing.open_project(project, env)
    find = choosing.from_registry if source == "registry" else choosing.from_catalog
    generator = find(context, domain, model)
    generator.check([*request.arguments, *(["on_token"] if stream else [])])
    if stream and not generator.grows:
        raise GenloomError(
            f"{generator.name} can only be read when it is whole: leave out --stream."
        )
    showing.check_output(output, generator.name, generator.makes)
    if generator.chosen:
        click.echo(f"{generator.name}: {generator.chosen}.", err=True)
    # Sums over another number of threads are rounded in another order.
    use_threads(context.params["hardware"]["threads"])
    if stream is None:
        stream = request.n == 1 and showing.on_terminal() and generator.grows
    if output is not None:
        count = showing.write(generator.draw(request), output, generator.makes)
        click.echo(f"{generator.name}: {count} in {output}.", err=True)
    elif stream:
        live = showing.Live(generator.fitted.own_codec)
        live.finish(generator.draw(request, live)["content"].iloc[0])
    else:
        showing.print_all(generator.draw(request), generator.makes)
