"""The tables that anyone can have: three of scikit-learn, and Adult of the UCI repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from genloom.domains.download import fetch
from genloom.domains.tables.columns import CATEGORY, NUMBER, Column
from genloom.domains.tables.files import Cells

ADULT = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/"
ADULT_SHA256 = {
    "adult.data": "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
    "adult.test": "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
}
ADULT_COLUMNS = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status"),
    *("occupation", "relationship", "race", "sex", "capital_gain", "capital_loss"),
    *("hours_per_week", "native_country", "income"),
)


class Source(NamedTuple):
    """A table of a known source.

    Attributes:
        columns: The target's among them.
        target: Its name.
        attributes: Columns that say to which group of people a row belongs.
        splits: The source's own split of each row; all ``train`` where it has none.
        places: Where each row stands.
    """

    columns: list[Column]
    target: str
    attributes: tuple[str, ...]
    splits: list[str]
    places: list[str]


def load_breast_cancer() -> Source:
    """Wisconsin diagnostic breast cancer: 569 tumours, 30 measures of their cells' nuclei.

    Street, Wolberg and Mangasarian, Nuclear feature extraction for breast tumor diagnosis (1993).
    """
    from sklearn.datasets import load_breast_cancer as load

    data = load()
    names = [str(name).replace(" ", "_") for name in data.feature_names]
    target = [str(data.target_names[label]) for label in data.target]
    return _source(names, data.data, Column("diagnosis", CATEGORY, target))


def load_wine() -> Source:
    """Wine: 178 wines of three growers, 13 measures of each (Forina et al., 1988)."""
    from sklearn.datasets import load_wine as load

    data = load()
    names = [str(name).replace("/", "_") for name in data.feature_names]
    target = [f"grower {label + 1}" for label in data.target.tolist()]
    return _source(names, data.data, Column("grower", CATEGORY, target))


def load_diabetes() -> Source:
    """Diabetes: 442 patients, ten measures, and how far the disease went within a year.

    Efron et al., Least angle regression (2004). Which sex the codes 1 and 2 stand for, the source
    does not say.
    """
    from sklearn.datasets import load_diabetes as load

    data = load(scaled=False)
    names = [
        *("age", "sex", "bmi", "blood_pressure", "total_cholesterol", "ldl", "hdl"),
        *("cholesterol_ratio", "triglycerides_log", "glucose"),
    ]
    target = Column("progression", NUMBER, [int(value) for value in data.target])
    source = _source(names, data.data, target, ("sex", "age"))
    sex = Column("sex", CATEGORY, [str(code) for code in source.columns[1].cells])
    return source._replace(columns=[source.columns[0], sex, *source.columns[2:]])


def load_adult(raw_folder: str | Path) -> Cells:
    """Adult: 48,842 people of the census of 1994, and whether they earn over 50,000 dollars.

    Kohavi, Scaling up the accuracy of naive-Bayes classifiers (1996). The test split is the
    source's own: its rows' places begin with ``adult.test``.
    """
    rows: list[tuple[str, list[str]]] = []
    for file, sha256 in ADULT_SHA256.items():
        text = fetch("adult", file, ADULT + file, sha256, raw_folder).read_text("utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            cells = [cell.strip().removesuffix(".") for cell in line.split(",")]
            if len(cells) == len(ADULT_COLUMNS):  # the other lines are empty or a heading
                rows.append((f"{file}, line {number}", cells))
    columns: list[list[Any]] = [
        list(cells) for cells in zip(*(row for _, row in rows), strict=True)
    ]
    return Cells(list(ADULT_COLUMNS), columns, [place for place, _ in rows], [])


def _source(
    names: list[str], values: Any, target: Column, attributes: tuple[str, ...] = ()
) -> Source:
    columns = []
    for name, column in zip(names, values.T, strict=True):
        whole = bool((column == column.round()).all())
        cells = [int(value) for value in column] if whole else [float(value) for value in column]
        columns.append(Column(name, NUMBER, cells))
    places = [f"row {number + 1}" for number in range(len(values))]
    return Source([*columns, target], target.name, attributes, ["train"] * len(values), places)
