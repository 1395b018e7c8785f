"""Between rows of a table and vectors: the codec of the tables domain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genloom.domains.labels import Bands, classes_in
from genloom.domains.tables.bands import band_edges
from genloom.domains.tables.columns import NUMBER, Column
from genloom.domains.tables.rows import cells_of, from_contents, to_contents
from genloom.domains.tables.scales import Scale
from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

FORMS = ("vectors", "normal")


@dataclass(frozen=True)
class TableCodec(Bands):
    """Turns rows into vectors and back, and labels and targets into numbers.

    A number of a table becomes one of the vector: of the form ``vectors`` in standard deviations
    from the mean, of the form ``normal`` where its rank lies in a normal distribution, which suits
    what makes new rows. A category becomes a number for each of its names, 1 for the one that it
    is. A date is a number of days, a truth value 0 or 1. Where a column has missing cells, a
    further number says so. What makes new rows makes the number to predict with them, as a last
    column beside the others (``beside_target``).

    Attributes:
        form: One of ``FORMS``.
        scales: Of each column, in the table's order.
        classes: The labels, sorted as a person would.
        edges: Where the bands of a target part; none where there is no number to predict.
        target: The scale of the number to predict, if there is one.
        makes_targets: Whether vectors hold the target behind all columns.
    """

    called = "table codec"

    form: str
    scales: list[Scale]
    classes: list[str]
    edges: list[float]
    target: Scale | None
    makes_targets: bool = False

    @classmethod
    def fit(cls, samples: pd.DataFrame, *, bands: int = 3) -> TableCodec:
        """Look at columns, labels and targets of the training samples.

        Args:
            samples: Columns ``content``, ``label``, ``split`` and, for numbers, ``target``; only
                ``train`` is read.
            bands: How many classes the targets are cut into, as their labels are.

        Returns:
            A codec of the form ``vectors``; ``of("normal")`` is the other one.

        Raises:
            GenloomError: There are no training samples.
        """
        train = samples[samples["split"] == "train"]
        if train.empty:
            raise GenloomError("There are no training samples, so no table codec can be fitted.")
        scales = [Scale.fit(column) for column in from_contents(train["content"].tolist())]
        if "target" not in train:
            return cls("vectors", scales, classes_in(train), [], None)
        edges = band_edges(train["target"], bands)
        target = Scale.fit(Column("target", NUMBER, train["target"].tolist()))
        return cls("vectors", scales, classes_in(train), edges, target)

    def of(self, form: str) -> TableCodec:
        """The same codec with vectors of another form.

        Raises:
            GenloomError: There is no such form.
        """
        if form not in FORMS:
            raise GenloomError(f"There is no table codec {form!r}: use one of {', '.join(FORMS)}.")
        return replace(self, form=form)

    def beside_target(self) -> TableCodec:
        """The same codec whose vectors hold the number to predict, too, where there is one."""
        return replace(self, makes_targets=self.target is not None)

    @property
    def written(self) -> list[Scale]:
        """The scales of all that a vector holds."""
        return [*self.scales, self.target] if self.makes_targets and self.target else self.scales

    @property
    def shape(self) -> tuple[int]:
        """``(size of a vector,)``."""
        return (sum(scale.width for scale in self.written),)

    @property
    def names(self) -> list[str]:
        """What each number of a vector says, e.g. ``sex = 2`` or ``age missing``."""
        found = []
        for scale in self.written:
            own = [f"{scale.name} = {category}" for category in scale.categories]
            found += own if scale.kind == "category" else [scale.name]
            found += [f"{scale.name} missing"] if scale.gaps else []
        return found

    def encode(self, samples: pd.DataFrame) -> Tensor:
        """Turn rows into vectors.

        Args:
            samples: Column ``content``, and ``target`` where vectors hold it. Columns of the rows
                that the codec does not know are not read; a category that it does not know is none
                of those it knows.

        Returns:
            ``[n, d]`` float32.

        Raises:
            GenloomError: A content is no row, lacks a column, or has a cell of another kind.
        """
        import numpy as np
        import torch

        cells = cells_of(samples["content"].tolist(), [scale.name for scale in self.scales])
        if self.makes_targets:
            cells = [*cells, samples["target"].tolist()]
        parts = [
            scale.encode(column, normal=self.form == "normal")
            for scale, column in zip(self.written, cells, strict=True)
        ]
        return torch.from_numpy(np.concatenate(parts, axis=1).astype(np.float32))

    def decode(self, x: Tensor) -> list[str]:
        """Turn vectors into rows.

        Args:
            x: ``[n, d]``. Numbers are brought into the range of the training split and are as fine
                as there; of categories the largest number counts.

        Returns:
            ``n`` contents.

        Raises:
            GenloomError: The shape is another, or a value is not a number.
        """
        columns = self._columns(x)
        return to_contents(columns[:-1] if self.makes_targets else columns)

    def decode_targets(self, x: Tensor) -> list[float]:
        """The numbers to predict that vectors hold: ``[n, d]`` to ``n``, as ``decode``.

        Raises:
            GenloomError: As ``decode``.
        """
        return [float(cell) for cell in self._columns(x)[-1].cells]

    def as_table(self, samples: pd.DataFrame) -> pd.DataFrame:
        """Samples as a person has them in a table.

        Args:
            samples: Columns ``content``, ``label``, and ``target`` where vectors hold it.

        Returns:
            A column of plain values for each of the table's, and behind them ``target``, or
            ``label`` where there is no number to predict; it ends in ``_`` if the table has a
            column of that name.

        Raises:
            GenloomError: A content is no row, or lacks a column.
        """
        import pandas as pd

        names = [scale.name for scale in self.scales]
        cells = cells_of(samples["content"].tolist(), names)
        told = last = "target" if self.makes_targets else "label"
        while last in names:
            last += "_"
        columns = dict(zip(names, cells, strict=True)) | {last: samples[told].tolist()}
        # Of another type, whole numbers would become others where a cell is missing.
        return pd.DataFrame(columns, dtype=object)

    def _columns(self, x: Tensor) -> list[Column]:
        """All that vectors hold."""
        import numpy as np

        if x.ndim != 2 or tuple(x.shape[1:]) != self.shape:
            raise GenloomError(
                f"A tensor of the shape {list(x.shape)} cannot be decoded to rows of a table: "
                f"the codec needs [n, {self.shape[0]}]."
            )
        if x.isnan().any():
            raise GenloomError(
                "A tensor with values that are not numbers (NaN) cannot be decoded to rows of a "
                "table: what made it has probably diverged."
            )
        values = x.detach().cpu().double().numpy()
        ends = np.cumsum([scale.width for scale in self.written])
        return [
            Column(
                scale.name,
                scale.kind,
                scale.decode(values[:, end - scale.width : end], normal=self.form == "normal"),
            )
            for scale, end in zip(self.written, ends, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """All there is to the codec, ready for JSON."""
        return {
            "form": self.form,
            "scales": [scale.to_dict() for scale in self.scales],
            "classes": list(self.classes),
            "edges": list(self.edges),
            "target": self.target.to_dict() if self.target else None,
            "makes_targets": self.makes_targets,
        }

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> TableCodec:
        """Build the codec again from what ``to_dict`` returned."""
        scales = [Scale.from_dict(scale) for scale in d["scales"]]
        target = Scale.from_dict(d["target"]) if d["target"] else None
        edges = list(d["edges"])
        return cls(d["form"], scales, list(d["classes"]), edges, target, d["makes_targets"])


def fit_codec(samples: pd.DataFrame, *, bands: int = 3) -> TableCodec:
    """Fit the table codec on the training samples (node function)."""
    return TableCodec.fit(samples, bands=bands)


def places(samples: pd.DataFrame, codec: TableCodec) -> Tensor:
    """Where the copy test compares rows: their vectors of the form ``vectors``, ``[n, d]``."""
    return codec.of("vectors").encode(samples)
