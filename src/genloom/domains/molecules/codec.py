"""Between molecules and tensors: rows of tokens, fingerprints, descriptors, or graphs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from genloom.domains.labels import Bands, classes_in
from genloom.domains.molecules import arrays, descriptors
from genloom.domains.molecules.notations import bond_limits, selfies_of, symbols
from genloom.domains.molecules.rows import CHARACTERS, UNKNOWN, Rows
from genloom.domains.molecules.spelling import heavy_atoms, spellings, vocabulary
from genloom.domains.molecules.targets import edges_between
from genloom.errors import GenloomError
from genloom.graphs import shape_for
from genloom.tokens import first_content

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

#: The forms of the codec, and the kind of tensors that each makes.
FORMS = {
    "smiles": "tokens",
    "selfies": "tokens",
    "characters": "characters",
    "fingerprints": "vectors",
    "descriptors": "vectors",
    "both": "vectors",
    "graphs": "graphs",
}


@dataclass(frozen=True)
class MoleculeCodec(Bands):
    """Turns molecules into tensors, tensors into SMILES, and labels into numbers.

    Of the form ``smiles`` a token of content is an atom, a bond, a branch or the number of a ring;
    of ``selfies`` it is a symbol of SELFIES (Krenn et al., 2020, arXiv 1905.13741); of
    ``characters`` it is a character. These three come back as they were, SELFIES in a spelling of
    their own. Of ``fingerprints``, ``descriptors``, ``both`` (descriptors, then fingerprints) and
    ``graphs`` there is no way back.

    Tokens that the training split has not are all the same one, ``?``, the first of the content.
    It never stands in a training sample; it is there so that any molecule can be encoded.

    Attributes, besides those of ``Bands``:
        lengths: Tokens of a row of each form that has rows, ``END`` and ``PAD`` included.
        form: One of ``FORMS``.
        vocabularies: The tokens of ``smiles`` and ``selfies``, sorted.
        atoms: Rows of a graph.
        views: Spellings of a training sample that ``augmented`` writes.
        left_out: The property that descriptors must not give away; ``""`` if they may say all.
    """

    called = "molecule codec"

    classes: list[str]
    edges: list[float]
    lengths: dict[str, int]
    form: str
    vocabularies: dict[str, list[str]] = field(repr=False)
    atoms: int
    views: int
    left_out: str

    @classmethod
    def fit(
        cls, samples: pd.DataFrame, *, length: int = 80, views: int = 8, property: str = "logp"
    ) -> MoleculeCodec:
        """Read labels, tokens and sizes from the training samples.

        Args:
            samples: Columns ``content``, ``label`` and ``split``, and ``target`` where there is
                a number to predict; only ``train`` is read.
            length: Tokens of a molecule in SMILES, ``END`` not counted. Rows of SELFIES and of
                characters are as long, or up to twice as long if the training samples need it.
            views: In how many spellings language models of SMILES see each training sample.
            property: What the molecules are labelled by where no number and no class was measured.
                Its bands' names begin with it; labels that do not are from elsewhere, and
                descriptors leave nothing out.

        Returns:
            A codec of the form ``smiles``; ``of`` makes the others.

        Raises:
            GenloomError: There are no training samples.
        """
        train = samples[samples["split"] == "train"]
        if train.empty:
            raise GenloomError("There are no training samples, so no molecule codec can be fitted.")
        contents = train["content"].tolist()
        classes = classes_in(train)
        computed = "target" not in train and all(
            name.startswith(f"{property} {number}") for number, name in enumerate(classes, start=1)
        )
        with bond_limits():
            written = [symbols(text) for text in map(selfies_of, contents) if text is not None]
        longest = {
            "smiles": length,
            "selfies": max(map(len, written), default=0),
            "characters": max(map(len, contents)),
        }
        return cls(
            lengths={
                form: min(max(length, needed), 2 * length) + 1 for form, needed in longest.items()
            },
            classes=classes,
            form="smiles",
            vocabularies={
                "smiles": vocabulary(contents),
                "selfies": sorted({symbol for text in written for symbol in text}),
            },
            atoms=min(max(map(heavy_atoms, contents)), length),
            views=views,
            left_out=property if computed else "",
            edges=edges_between(train, classes),
        )

    def of(self, form: str) -> MoleculeCodec:
        """The same codec in another form.

        Raises:
            GenloomError: There is no such form.
        """
        if form not in FORMS:
            raise GenloomError(
                f"There is no molecule codec {form!r}: use one of {', '.join(FORMS)}."
            )
        return replace(self, form=form)

    @property
    def grows(self) -> bool:
        """Whether a row's text stays as it is while tokens follow; that of SELFIES may change."""
        return self.form != "selfies"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded sample.

        ``(length, vocabulary)`` of rows, where the vocabulary counts the control tokens, too;
        ``(columns,)`` of vectors; ``(atoms, F + atoms)`` of graphs.
        """
        if self.form in self.lengths:
            return self._rows.length, self._rows.first + len(self._rows.words)
        if self.form == "graphs":
            return shape_for(self.atoms)
        described = 0 if self.form == "fingerprints" else len(descriptors.names(self.left_out))
        return (described + self.fingerprint_columns,)

    @property
    def fingerprint_columns(self) -> int:
        """How many of a vector's columns, the last ones, are a fingerprint."""
        return arrays.FINGERPRINT if self.form in ("fingerprints", "both") else 0

    def encode(self, samples: pd.DataFrame) -> Tensor:
        """Turn molecules into tensors.

        Args:
            samples: Column ``content``, in any spelling: it is taken as it stands.

        Returns:
            Rows ``[n, length]`` int64: content, ``END``, ``PAD``; what is too long is cut and has
            no ``END``; a molecule without SELFIES is all ``?``. Vectors ``[n, columns]`` float32,
            or graphs ``[n, atoms, F + atoms]`` uint8; what is no molecule is all zeros.

        Raises:
            GenloomError: A content is not text.
        """
        contents = samples["content"].tolist()
        for row, content in enumerate(contents):
            if not isinstance(content, str):
                raise GenloomError(
                    f"The content in row {row} is not text: ingest the source again."
                )
        if self.form in self.lengths:
            return self._rows.encode(contents)
        if self.form == "graphs":
            return arrays.graphs(contents, self.atoms)
        if self.form == "fingerprints":
            return arrays.fingerprints(contents)
        described = descriptors.descriptors(contents, self.left_out)
        if self.form == "descriptors":
            return described
        import torch

        return torch.cat([described, arrays.fingerprints(contents)], dim=1)

    def decode(self, x: Tensor) -> list[str]:
        """Turn rows of tokens into SMILES texts.

        Args:
            x: ``[n, any length]`` whole numbers. A row is read up to its first ``END`` or ``PAD``;
                label tokens say nothing.

        Returns:
            ``n`` texts as they are written, not canonical, and not always molecules.

        Raises:
            GenloomError: The form has no way back, or a number is outside the vocabulary.
        """
        return self._rows.decode(x)

    def encode_text(self, text: str) -> Tensor:
        """The tokens of a SMILES text of any length, without ``END``: ``[t]`` int64.

        Raises:
            GenloomError: The form has no tokens, or the text has some that the training split has
                not, or it has no SELFIES where these are the form.
        """
        import torch

        if unknown := self._rows.unknown(text):
            raise GenloomError(
                f"{text!r} cannot be encoded as {self.form}: "
                + (
                    "it has no such notation, so begin with a whole molecule."
                    if set(unknown) == {UNKNOWN}
                    else f"the training split has no {', '.join(sorted(set(unknown)))}."
                )
            )
        return torch.tensor(self._rows.numbers(text), dtype=torch.int64)

    def decode_text(self, tokens: Tensor | list[int]) -> str:
        """The SMILES text of tokens in a row, ``[t]`` whole numbers; control tokens say nothing.

        Raises:
            GenloomError: The form has no tokens, or a number is outside the vocabulary.
        """
        import torch

        return self._rows.text(torch.as_tensor(tokens))

    def augmented(self, samples: pd.DataFrame, *, seed: int) -> pd.DataFrame:
        """What a member learns from.

        Of ``smiles``, each sample in ``views`` spellings, the canonical one among them; another
        one that does not fit its row or has an unknown token gives way to the canonical one. Of
        ``selfies``, the samples that have any. Of other forms, the samples as they are.

        Args:
            samples: Training samples.
            seed: Other seeds draw other spellings.

        Returns:
            A table with the same columns. All samples come in one spelling, then all in the next:
            the spellings of one molecule do not follow one another, so a language model cannot
            look one up in the last.
        """
        import pandas as pd

        if self.form == "selfies":
            with bond_limits():
                written = [selfies_of(content) is not None for content in samples["content"]]
            return samples[written].reset_index(drop=True)
        if self.form != "smiles" or self.views == 1:
            return samples
        contents = samples["content"].tolist()
        views = [contents]
        for drawn in zip(*spellings(contents, self.views - 1, seed=seed), strict=True):
            pairs = zip(drawn, contents, strict=True)
            views.append([new if self.holds(new) else old for new, old in pairs])
        return pd.concat([samples.assign(content=view) for view in views], ignore_index=True)

    def holds(self, content: str) -> bool:
        """Whether a SMILES text fits its row and has no unknown token, so that it comes back.

        Raises:
            GenloomError: The form has no tokens.
        """
        return self._rows.holds(content)

    def to_dict(self) -> dict[str, Any]:
        """All there is to the codec, ready for JSON."""
        return {name: copy.copy(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> MoleculeCodec:
        """Build the codec again from what ``to_dict`` returned."""
        return cls(**d)

    @cached_property
    def _rows(self) -> Rows:
        """Raises a ``GenloomError`` where the form has none."""
        if self.form not in self.lengths:
            raise GenloomError(
                f"A molecule cannot be written from or as text in the form {self.form}: "
                f"use the codec {', '.join(self.lengths)}."
            )
        words = self.vocabularies.get(self.form)
        return Rows(
            self.form,
            self.lengths[self.form],
            first_content(len(self.classes)),
            CHARACTERS if words is None else [UNKNOWN, *words],
        )


def fit_codec(
    samples: pd.DataFrame, *, length: int = 80, views: int = 8, property: str = "logp"
) -> MoleculeCodec:
    """Fit the molecule codec on the training samples (node function)."""
    return MoleculeCodec.fit(samples, length=length, views=views, property=property)
