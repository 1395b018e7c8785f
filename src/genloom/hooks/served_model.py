"""The best member of a role as MLflow serves it: samples or predictions over HTTP.

MLflow runs this file when it loads the model ("models from code"): what is stored is this code, the
package and the fitted folder's two plain files, and nothing that has to be unpickled. Nothing
in the project imports it.
"""

import base64
import binascii
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from genloom import fitted
from genloom.domains.codecs import codec_from_dict
from genloom.errors import GenloomError

MOST_SAMPLES = 10_000  # per row: a server must not be brought down by one number


class ServedModel(PythonModel):
    """A fitted folder behind ``predict``: generators sample, predictors predict.

    A mapper takes rows of ``content`` and gives ``anomaly_score`` (detectors), ``unit`` (maps),
    ``code.<number>`` (compressors) or the cleaned ``content`` (denoisers).
    A generator takes rows of ``label`` (optional: without one, all classes in turn), ``n``
    (default 1) and ``seed`` (default 0), and gives a row of ``label`` and ``content`` per sample.
    A predictor takes rows of ``content`` and gives ``label`` and one ``probability.<class>`` per
    class, or ``value`` where it predicts numbers; of forecasts a row per ``step`` of each
    ``window``, with one ``quantile.<level>`` per level. Content that is bytes, such as a PNG file,
    travels as base64.
    """

    def load_context(self, context: Any) -> None:
        """Read the fitted folder; ``binary`` in the model's configuration says what content is."""
        self.fitted = fitted.load(Path(context.artifacts["fitted"]))
        self.codec = codec_from_dict(self.fitted.codec)
        self.binary = bool(context.model_config["binary"])

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Answer a request: a table in, a table out.

        Raises:
            MlflowException: With the status 400, for what whoever asks can mend.
        """
        verbs = {"generator": self._sample, "predictor": self._classify, "mapper": self._map}
        answer = verbs[self.fitted.block["role"]]
        try:
            return answer(model_input)
        except GenloomError as error:
            raise MlflowException.invalid_parameter_value(error.message) from error

    def _sample(self, rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([self._draw(row) for row in rows.to_dict("records")], ignore_index=True)

    def _draw(self, row: dict[Any, Any]) -> pd.DataFrame:
        label = _given(row, "label", None)
        n, seed = int(_given(row, "n", 1)), int(_given(row, "seed", 0))
        if not 1 <= n <= MOST_SAMPLES or seed < 0:
            raise GenloomError(
                f"n is {n} and seed is {seed}, but n has to be 1 to {MOST_SAMPLES} and seed at "
                "least 0."
            )
        classes = self.codec.classes
        names = [classes[i % len(classes)] if label is None else str(label) for i in range(n)]
        labels = self.codec.encode_labels(pd.DataFrame({"label": names}))
        made = self.codec.decode(self.fitted.member.sample(n, labels=labels, seed=seed))
        return pd.DataFrame({"label": names, "content": [self._to_text(item) for item in made]})

    def _classify(self, rows: pd.DataFrame) -> pd.DataFrame:
        x = self._encode(rows)
        probabilities = self.fitted.member.predict(x)
        if self.fitted.forecasts:
            return self._forecasts(rows, probabilities)
        if self.fitted.predicts_numbers:
            return pd.DataFrame({"value": probabilities.numpy().astype("float64")})
        table = pd.DataFrame(
            probabilities.numpy().astype("float64"),
            columns=[f"probability.{name}" for name in self.codec.classes],
        )
        table.insert(0, "label", self.codec.decode_labels(probabilities.argmax(dim=1)))
        return table

    def _forecasts(self, rows: pd.DataFrame, found: Any) -> pd.DataFrame:
        quantiles = self.codec.decode_forecasts(rows, found)  # [n, horizon, levels]
        windows, steps, levels = quantiles.shape
        columns = [f"quantile.{level:g}" for level in self.codec.quantiles]
        table = pd.DataFrame(quantiles.reshape(-1, levels), columns=columns)
        table.insert(0, "step", [step for _ in range(windows) for step in range(1, steps + 1)])
        table.insert(0, "window", [window for window in range(windows) for _ in range(steps)])
        return table

    def _map(self, rows: pd.DataFrame) -> pd.DataFrame:
        x, member, task = self._encode(rows), self.fitted.member, self.fitted.block["task"]
        if task == "detect":
            return pd.DataFrame({"anomaly_score": member.anomaly_score(x).numpy().astype(float)})
        if task == "map":
            return pd.DataFrame({"unit": member.place(x).numpy()})
        if task == "denoise":
            made = self.codec.decode(member.reconstruct(x))
            return pd.DataFrame({"content": [self._to_text(item) for item in made]})
        codes = member.embed(x).numpy().astype("float64")
        return pd.DataFrame(codes, columns=[f"code.{n}" for n in range(codes.shape[1])])

    def _encode(self, rows: pd.DataFrame) -> Any:
        contents = [self._from_text(text) for text in rows["content"]]
        return self.codec.encode(pd.DataFrame({"content": contents}))

    def _to_text(self, content: Any) -> Any:
        return base64.b64encode(content).decode("ascii") if self.binary else content

    def _from_text(self, text: str) -> Any:
        if not self.binary:
            return text
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise GenloomError(f"content is not base64 ({error}).") from error


def _given(row: dict[Any, Any], name: str, otherwise: Any) -> Any:
    """A value of a row; optional columns may be left out or hold nothing."""
    value = row.get(name)
    return otherwise if pd.isna(value) else value


set_model(ServedModel())
