"""Between windows of series and tensors: the codec of the series domain."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from genloom.domains.labels import Labels, classes_in
from genloom.domains.series.contents import Contents, read_contents
from genloom.errors import GenloomError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor

# What each form makes, and the kind of tensors that it is.
FORMS = {"sequences": "series", "levels": "levels", "vectors": "vectors"}
FLATTEST = 0.05  # of how much windows of a series usually vary: less counts as this


@dataclass(frozen=True)
class SeriesCodec(Labels):
    """Turns windows into tensors, each with its own level and scale, and forecasts back.

    The form ``sequences`` has the last known value at 0 and the known values' standard deviation at
    1, so that a series may grow without looking new; beside each value stand its place in the
    season, as sine and cosine, where seasons keep to the calendar, and a 1 in the channel of its
    series, where there are several. The form ``levels`` leaves values as they are and gives beside
    each the number of its series and of its step. The form ``vectors`` has the known values alone,
    their mean at 0.

    Attributes:
        form: One of ``FORMS``.
        context: Steps that are known.
        horizon: Steps that are forecast.
        season: Steps after which a series begins anew; it need not be whole.
        calendar: Whether seasons keep to the calendar.
        quantiles: The levels of the quantiles that are forecast.
        series: Names of the series.
        levels: The mean of each one's training windows.
        scales: The mean standard deviation of each one's training windows.
        classes: The labels, sorted as a person would.
    """

    called: ClassVar[str] = "series codec"

    form: str
    context: int
    horizon: int
    season: float
    calendar: bool
    quantiles: list[float]
    series: list[str]
    levels: list[float]
    scales: list[float]
    classes: list[str]

    @classmethod
    def fit(cls, samples: pd.DataFrame, *, quantiles: Sequence[float]) -> SeriesCodec:
        """Look at the training windows.

        Args:
            samples: As ``ingest`` gives them; only ``train`` is read.
            quantiles: The levels of the quantiles that are forecast, rising.

        Returns:
            A codec of the form ``sequences``; ``of`` gives the others.

        Raises:
            GenloomError: There are no training windows.
        """
        train = samples[samples["split"] == "train"]
        if train.empty:
            raise GenloomError("There are no training windows, so no series codec can be fitted.")
        found = read_contents(train["content"])
        names = list(dict.fromkeys(found.series))
        own = [found.values[[name == other for other in found.series]] for name in names]
        return cls(
            form="sequences",
            context=found.values.shape[1],
            horizon=len(json.loads(train["target"].iloc[0])),
            season=float(train["season"].iloc[0]),
            calendar=bool(train["calendar"].iloc[0]),
            quantiles=[float(level) for level in quantiles],
            series=names,
            levels=[float(values.mean()) for values in own],
            scales=[float(values.std(axis=1).mean()) for values in own],
            classes=classes_in(train),
        )

    def of(self, form: str) -> SeriesCodec:
        """The same codec with tensors of another form.

        Raises:
            GenloomError: There is no such form.
        """
        if form not in FORMS:
            raise GenloomError(f"There is no series codec {form!r}: use one of {', '.join(FORMS)}.")
        return replace(self, form=form)

    @property
    def shape(self) -> tuple[int, ...]:
        """``(context, channels)`` or, of vectors, ``(context,)``."""
        if self.form == "vectors":
            return (self.context,)
        if self.form == "levels":
            return (self.context, 3)
        series = len(self.series) if len(self.series) > 1 else 0
        return (self.context, 1 + 2 * self.calendar + series)

    @property
    def told(self) -> dict[str, Any]:
        """What members cannot see in a window, and have as arguments of these names."""
        return {
            "horizon": self.horizon,
            "season": self.season,
            "calendar": self.calendar,
            "quantiles": list(self.quantiles),
        }

    def encode(self, samples: pd.DataFrame) -> Tensor:
        """Turn windows into tensors.

        Args:
            samples: Column ``content``: JSON text with ``values`` and, as far as they are known,
                ``series`` and ``start``, the step of the first value.

        Returns:
            ``[n, *shape]`` float32.

        Raises:
            GenloomError: A content is no window of the right length.
        """
        import numpy as np
        import torch

        found = self._read(samples)
        if self.form == "vectors":
            mean = found.values.mean(axis=1, keepdims=True)
            x = (found.values - mean) / self._spread(found)
            return torch.from_numpy(x.astype(np.float32))
        steps = found.starts[:, None] + np.arange(self.context)
        numbers = self._numbers(found)
        if self.form == "levels":
            series = np.repeat(numbers[:, None], self.context, axis=1)
            channels = [found.values, series, steps]
            return torch.from_numpy(np.stack(channels, axis=2).astype(np.float32))
        channels = [(found.values - found.values[:, -1:]) / self._spread(found)]
        if self.calendar:
            turn = 2 * np.pi * steps / self.season
            channels += [np.sin(turn), np.cos(turn)]
        if len(self.series) > 1:
            channels += [
                np.repeat((numbers == number)[:, None], self.context, axis=1)
                for number in range(len(self.series))
            ]
        return torch.from_numpy(np.stack(channels, axis=2).astype(np.float32))

    def encode_targets(self, samples: pd.DataFrame) -> Tensor:
        """What followed, in the scale in which a window is encoded.

        Args:
            samples: Columns ``content`` and ``target``.

        Returns:
            ``[n, horizon]`` float32.
        """
        import numpy as np
        import torch

        targets = targets_of(samples)
        found = self._read(samples)
        if self.form != "levels":
            targets = (targets - found.values[:, -1:]) / self._spread(found)
        return torch.from_numpy(targets.astype(np.float32))

    def decode_forecasts(self, samples: pd.DataFrame, forecasts: Tensor) -> NDArray[Any]:
        """Forecasts in the series' own unit.

        Args:
            samples: The windows that they were made from.
            forecasts: ``[n, horizon, quantiles]``.

        Returns:
            The same shape, float64.
        """
        import numpy as np

        values: NDArray[Any] = forecasts.detach().cpu().numpy().astype(np.float64)
        if self.form == "levels":
            return values
        found = self._read(samples)
        return values * self._spread(found)[:, :, None] + found.values[:, -1:, None]

    def decode(self, x: Tensor) -> list[str]:
        """Turn vectors into contents, at the level and the scale that the first series has.

        Args:
            x: ``[n, context]``.

        Raises:
            GenloomError: The codec's form is another, or the shape is.
        """
        if self.form != "vectors" or tuple(x.shape[1:]) != self.shape:
            raise GenloomError(
                f"A tensor of the shape {list(x.shape)} cannot be decoded to windows by the form "
                f"{self.form!r}: the form 'vectors' takes [n, {self.context}]."
            )
        values = x.detach().cpu().double().numpy() * self.scales[0] + self.levels[0]
        return [json.dumps({"values": row}) for row in values.tolist()]

    def to_dict(self) -> dict[str, Any]:
        """All there is to the codec, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> SeriesCodec:
        """Build the codec again from what ``to_dict`` returned."""
        return cls(**d)

    def _read(self, samples: pd.DataFrame) -> Contents:
        return read_contents(samples["content"], steps=self.context)

    def _numbers(self, found: Contents) -> NDArray[Any]:
        """The number of each window's series; -1 for one that training had none of."""
        import numpy as np

        number = {name: place for place, name in enumerate(self.series)}
        # Where there is a single series, it is the one that is meant.
        unknown = -1 if len(self.series) > 1 else 0
        return np.array([number.get(name, unknown) for name in found.series])

    def _spread(self, found: Contents) -> NDArray[Any]:
        """The standard deviation of each window, ``[n, 1]``, never next to nothing."""
        import numpy as np

        number = {
            name: FLATTEST * scale for name, scale in zip(self.series, self.scales, strict=True)
        }
        usual = np.array([number.get(name, 0.0) for name in found.series])
        spread = np.maximum(found.values.std(axis=1), usual)
        spread = np.where(spread > 0, spread, np.maximum(1e-3 * abs(found.values[:, -1]), 1e-9))
        return spread[:, None]


def targets_of(samples: pd.DataFrame) -> NDArray[Any]:
    """What followed each window, in the series' own unit, ``[n, horizon]`` float64."""
    import numpy as np

    return np.array([json.loads(text) for text in samples["target"]], dtype=np.float64)


def fit_codec(samples: pd.DataFrame, *, quantiles: Sequence[float]) -> SeriesCodec:
    """Fit the series codec on the training windows (node function)."""
    return SeriesCodec.fit(samples, quantiles=quantiles)


def places(samples: pd.DataFrame, codec: SeriesCodec) -> Tensor:
    """Where the copy test compares windows: their vectors, ``[n, context]``."""
    return codec.of("vectors").encode(samples)
