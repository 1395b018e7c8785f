"""The errors that a user can cause, each one readable sentence."""

import click


class GenloomError(click.ClickException):
    """Something the user can mend: the message names the thing and the way out.

    It is a ``ClickException`` so that every ``kedro`` command prints the sentence alone
    and ends with exit status 1, without a traceback.
    """


class TrainingDivergedError(GenloomError):
    """A loss or a weight stopped being a finite number while a network trained."""
