"""How raw rows become what a network reads, in two steps that travel with the model.

    raw (a CSV, a folder)  --encode-->  coded (numbers)  --apply / as_layers-->  inputs (what the network reads)
    "red", 41 years                     2.0, 41.0                                0 1 0, -0.3

The first step needs names and files, so it is done here, by what stands in the `backlit.json` of a saved model. The
second is arithmetic, so it is also written as Keras layers in front of the network: plain Keras takes coded numbers.

Whatever is fitted is fitted to the *training rows alone*. Taking means over all rows lets the test rows whisper to the
training ones, and the score comes out too good.

`Preparation` below is the smallest: (value − mean) / spread, column by column.

    >>> import numpy as np
    >>> raw = np.array([[1.0, 5.0], [3.0, 5.0], [100.0, 5.0]])
    >>> preparation = Preparation.of_rows(raw[:2])           # mean 2, spread 1; the third row is unseen
    >>> preparation.apply(raw).tolist()
    [[-1.0, 0.0], [1.0, 0.0], [98.0, 0.0]]

Not for arrays, which are trained as they are.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Shaped

from backlit.errors import DataError
from backlit.language import Text, text, verbatim

HOMES = {
    "columns": "preparation.Preparation",
    "pictures": "picture_preparation.PicturePreparation",
    "table": "table_preparation.TablePreparation",
    "words": "words.WordsPreparation",
}
"""Where the preparation of each kind lives, below `backlit.data`."""


@dataclass(frozen=True)
class Rejected:
    """A row that could not be read.

    Attributes:
        place: Its line (of a file, from 1), its row (of a frame, from 1) or its path.
        reason: What is wrong with it.
    """

    place: int | str
    reason: Text


@dataclass(frozen=True, eq=False)
class Coded:
    """Raw rows as numbers, before they are prepared.

    Attributes:
        rows: One entry a row that could be read.
        places: Where each of them came from, as `Rejected.place`.
        place_name: What a place is: "line", "row" or "file".
        rejected: Rows that could not be read.
        notes: What is to be said aloud, such as categories that nobody has seen before.
    """

    rows: Shaped[np.ndarray, "sample ..."]
    places: Sequence[int | str]
    place_name: str = "row"
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Text, ...] = ()


class AbstractPreparation(ABC):
    """What was fitted to the training rows, and turns raw rows into a network's inputs.

    Attributes:
        kind: Its key in `HOMES`.
    """

    kind: ClassVar[str]

    @abstractmethod
    def encode(self, source: Any) -> Coded:
        """Raw rows as numbers.

        Args:
            source: A path or what else the kind can read.

        Returns:
            The rows that can be read, and the others with their reasons.
        """

    @abstractmethod
    def apply(self, coded: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "sample ..."]:
        """Coded rows, as the network reads them.

        Args:
            coded: `Coded.rows`.

        Returns:
            One entry a row.
        """

    @abstractmethod
    def as_layers(self, coded: Any) -> Any:
        """The same arithmetic as `apply`, as a part of a Keras model.

        Args:
            coded: A symbolic tensor of `coded_shape`.

        Returns:
            A symbolic tensor of the network's inputs; made of Keras's own operations, so that plain Keras reads it.
        """

    @abstractmethod
    def on(self, coded: Shaped[np.ndarray, "sample ..."]) -> "AbstractPreparation":
        """The same preparation with its statistics taken from other rows: those that a fold trains on.

        Args:
            coded: Coded training rows.

        Returns:
            A preparation whose inputs have the same shape and meaning.
        """

    @property
    @abstractmethod
    def coded_shape(self) -> tuple[int, ...]:
        """Shape of one coded row."""

    @property
    @abstractmethod
    def coded_dtype(self) -> str:
        """Number type of coded rows, as Keras names it."""

    @abstractmethod
    def describe(self) -> Text:
        """What is done to the rows, in a sentence."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All of it as plain lists, numbers and strings, without its kind."""

    @classmethod
    @abstractmethod
    def from_json(cls, plain: dict[str, Any]) -> "AbstractPreparation":
        """The preparation that `to_json` wrote.

        Args:
            plain: What it gave.

        Returns:
            The preparation.
        """


def preparation_to_json(preparation: AbstractPreparation | None) -> dict[str, Any] | None:
    """A preparation with its kind, as plain values.

    Args:
        preparation: Any, or None.

    Returns:
        What `json.dumps` takes; None for None.
    """
    return None if preparation is None else {"kind": preparation.kind, **preparation.to_json()}


def preparation_from_json(plain: dict[str, Any] | None) -> AbstractPreparation | None:
    """The preparation that `preparation_to_json` wrote.

    Args:
        plain: What it gave.

    Returns:
        The preparation, or None.

    Raises:
        DataError: If its kind is not known here.
    """
    if plain is None:
        return None
    kind = str(plain.get("kind"))
    if kind not in HOMES:
        raise DataError(
            "preparation-kind",
            what=text("Reading how the rows were prepared"),
            expected=verbatim(", ".join(f"`{name}`" for name in HOMES)),
            received=text("`{name}`", name=kind),
            fix=text("It was written by a newer backlit: `pip install --upgrade backlit`."),
        )
    module, name = HOMES[kind].split(".")
    home: type[AbstractPreparation] = getattr(import_module(f"backlit.data.{module}"), name)
    return home.from_json({key: value for key, value in plain.items() if key != "kind"})


@dataclass(frozen=True, eq=False)
class Preparation(AbstractPreparation):
    """Mean and spread of each column of the training rows; the coded numbers are the columns as they came.

    Attributes:
        means: Taken away from each column, in the column's own unit.
        scales: What the rest is divided by (standard deviation, n in the denominator);
            1 for a column that never changes, so that it becomes 0 and not NaN.
        names: Of the columns, where they have some.

    Source:
        cs231n-nn2, section "Data preprocessing".
    """

    means: Float[np.ndarray, " feature"]
    scales: Float[np.ndarray, " feature"]
    names: tuple[str, ...] = ()

    kind: ClassVar[str] = "columns"

    @classmethod
    def of_rows(cls, rows: Shaped[np.ndarray, "sample feature"], names: tuple[str, ...] = ()) -> "Preparation":
        """Means and spreads of these rows: give the training rows, and no others.

        Args:
            rows: Raw values, at least one row.
            names: Of the columns, or none.

        Returns:
            The preparation, in float64.
        """
        columns = rows.astype(np.float64)
        scales = columns.std(0)
        # A constant column of 0.1 has a spread of 1e-17 by rounding; it is still constant.
        is_constant = (columns == columns[:1]).all(0)
        return cls(columns.mean(0), np.where(is_constant | (scales == 0), 1.0, scales), names)

    def encode(self, source: Any) -> Coded:
        """The columns of a table, by name if it has a header, else in order.

        Args:
            source: A CSV, a Parquet file or a frame.

        Returns:
            Numbers as they stand there.
        """
        from backlit.data.columns import Column
        from backlit.data.encode import encode_source

        columns = self.names or tuple(f"column_{i + 1}" for i in range(len(self.means)))
        return encode_source(source, tuple(Column(name, "numeric") for name in columns), is_complete=True)

    def apply(self, coded: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "sample feature"]:
        """Raw rows, standardised as the training rows were.

        Args:
            coded: Values in the columns' own units.

        Returns:
            Rows in units of the training rows' spread, float32.
        """
        rows = np.asarray(coded)
        require_coded_shape(rows, (len(self.means),))
        return ((rows - self.means) / self.scales).astype(np.float32)

    def undo(self, prepared: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample feature"]:
        """Standardised rows, back in the columns' own units.

        Args:
            prepared: What `apply` gave.

        Returns:
            Raw values, float64.
        """
        return prepared.astype(np.float64) * self.scales + self.means

    def as_layers(self, coded: Any) -> Any:
        """`apply` by Keras's own operations.

        Args:
            coded: A symbolic tensor of raw columns.

        Returns:
            The standardised columns.
        """
        import keras

        # Not the layer Normalization, which takes 1e-7 for any spread that is smaller.
        centred = keras.ops.subtract(coded, self.means.astype(np.float32))
        return keras.ops.divide(centred, self.scales.astype(np.float32))

    def on(self, coded: Shaped[np.ndarray, "sample ..."]) -> "Preparation":
        """Means and spreads of other rows.

        Args:
            coded: Raw training rows.

        Returns:
            The preparation.
        """
        return Preparation.of_rows(coded, self.names)

    @property
    def coded_shape(self) -> tuple[int, ...]:
        """As many numbers as there are columns."""
        return (len(self.means),)

    @property
    def coded_dtype(self) -> str:
        """Columns are amounts."""
        return "float32"

    def describe(self) -> Text:
        """What is done to the rows."""
        return text("Inputs: standardised by mean and spread of the training rows")

    def to_json(self) -> dict[str, Any]:
        """Means, scales and names."""
        return {"means": self.means.tolist(), "scales": self.scales.tolist(), "names": list(self.names)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Preparation":
        """What `to_json` wrote.

        Args:
            plain: Means, scales and names.

        Returns:
            The preparation.
        """
        return cls(np.asarray(plain["means"], float), np.asarray(plain["scales"], float), tuple(plain["names"]))


def require_coded_shape(rows: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise unless each row has the shape that the training rows had.

    Args:
        rows: Coded rows.
        shape: Of one row.

    Raises:
        DataError: If it is another.
    """
    if rows.ndim != 1 + len(shape) or rows.shape[1:] != shape:
        raise DataError(
            "columns-differ",
            what=text("Preparing rows as the training rows were"),
            expected=verbatim(f"(rows, {', '.join(map(str, shape))})"),
            received=verbatim(rows.shape),
            fix=text("Give the same columns in the same order, without the target."),
        )
