"""Autoencoders: a network that has to give back what it reads, through a layer too narrow to hold it.

    inputs (8, 8, 1) → encoder → code (16) → decoder → reconstruction (8, 8, 1)       loss: mean squared difference

Nobody tells it a class: inputs are the targets. What the code keeps is what rebuilds the inputs best, which may or may
not be what one wants to know about them. A linear autoencoder can do no better than principal components
(baldi-hornik-1989), so these are computed too, with as many numbers a row: only below *their* error has the network
found something that straight lines cannot.

Not for drawing new rows, and not for token ids.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.data import Dataset
from backlit.data.options import require_choice, require_count
from backlit.errors import DataError, SettingError
from backlit.fitting import fit
from backlit.language import Text, language, say, text, verbatim
from backlit.measure.intervals import seed_interval
from backlit.modes.reading import read_data, watched

if TYPE_CHECKING:
    import keras

    from backlit.run import Run

CODE = "code"
KINDS = ("dense", "conv")
CONV_SIDE = 16
"""Images from this side on get convolutions unless something else is asked for. Source: ours, a convention."""


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """A trained autoencoder, or several.

    Attributes:
        run: The training; its data have the inputs as targets.
        source: The data as they were given, with their classes.
    """

    run: "Run"
    source: Dataset

    @cached_property
    def encoder(self) -> "keras.Model":
        """The first half of the best member: inputs to code."""
        from backlit.measure.activations import part_until

        return part_until(self.run.model, CODE)

    @cached_property
    def decoder(self) -> "keras.Model":
        """The second half of the best member: code to reconstruction."""
        import keras

        names = [layer.name for layer in self.run.model.layers]
        after = self.run.model.layers[names.index(CODE) + 1 :]
        return keras.Sequential([keras.Input((self._code_size,)), *after], name="decoder")

    def encode(self, inputs: Any) -> Float[np.ndarray, "sample code"]:
        """The codes of rows, by the best member.

        Args:
            inputs: Rows as the network reads them.

        Returns:
            One code a row.
        """
        from backlit.measure.activations import outputs_of

        return outputs_of(self.run.model, CODE, np.asarray(inputs))

    def decode(self, codes: Any) -> Float[np.ndarray, "sample ..."]:
        """What the best member makes of codes, which no row needs to have.

        Args:
            codes: One code a row.

        Returns:
            One reconstruction a row.
        """
        return np.asarray(self.decoder(np.asarray(codes, np.float32), training=False))

    def reconstruct(self, inputs: Any, *, member: int | None = None) -> Float[np.ndarray, "sample ..."]:
        """What comes out when rows go in.

        Args:
            inputs: Rows as the network reads them.
            member: Number of the member; None takes the best.

        Returns:
            As many rows of the same shape.
        """
        return self.run.predict(inputs, member=member)

    def errors(self, inputs: Any, *, member: int | None = None) -> Float[np.ndarray, " sample"]:
        """Mean squared difference of each row to its reconstruction: large where a row is unlike those it learned from.

        Args:
            inputs: Rows as the network reads them.
            member: Number of the member; None takes the best.

        Returns:
            One number a row, in squared units of the inputs.
        """
        inputs = np.asarray(inputs)
        difference = self.reconstruct(inputs, member=member).astype(np.float64) - inputs
        return (difference.reshape(len(inputs), -1) ** 2).mean(1)

    def summary(self, split: str | None = None) -> pl.DataFrame:
        """How well rows are rebuilt, against principal components with as many numbers a row.

        Args:
            split: `train`, `validation` or `test`; None takes the test rows, or else those that there are.

        Returns:
            One row for each combination of the axes other than the seed: axes, `split`, `n`, `n_diverged`, `mean`, `lo`
            and `hi` of the mean squared error over seeds, and `components`: that of as many principal components.
        """
        split = split or next(
            name for name in ("test", "validation", "train") if len(getattr(self.source.splits, name))
        )
        by = [name for name in self.run.axes if name != "seed"]
        groups = self.run.members.group_by(by, maintain_order=True) if by else [((), self.run.members)]
        rows = []
        for key, frame in groups:
            own = frame.filter(pl.col("status") != "diverged")["member"].to_list()
            found = seed_interval(self._squares(own, split)) if own else None
            axes = dict(zip(by, key, strict=True))
            rows.append(
                {
                    **axes,
                    "split": split,
                    "n": len(own),
                    "n_diverged": len(frame) - len(own),
                    "mean": None if found is None else found.mean,
                    "lo": None if found is None else found.lo,
                    "hi": None if found is None else found.hi,
                    "components": self.component_error(int(axes.get(CODE, self._code_size)), split),
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    def component_error(self, n: int, split: str = "test") -> float:
        """Mean squared error of rows rebuilt from principal components of the training rows.

        Args:
            n: How many components; more than there are count as all.
            split: Which rows are rebuilt.

        Returns:
            In squared units of the inputs.
        """
        from sklearn.decomposition import PCA

        train, rows = (np.asarray(getattr(self.source, name)[0], np.float64) for name in ("train", split))
        train, rows = train.reshape(len(train), -1), rows.reshape(len(rows), -1)
        found = PCA(n_components=min(n, *train.shape), random_state=0).fit(train)
        return float(((found.inverse_transform(found.transform(rows)) - rows) ** 2).mean())

    def lines(self) -> list[Text]:
        """How well it rebuilds rows, a line for each combination of the axes."""
        lines = []
        for row in self.summary().to_dicts():
            n_numbers = math.prod(self.source.input_shape)
            size = int(row.get(CODE, self._code_size))
            if row["mean"] is None:
                lines.append(text("Code of {size} numbers for {n}: every member diverged.", size=size, n=n_numbers))
                continue
            lines.append(
                text(
                    "Code of {size} numbers for {n}: mean squared error {error:.4g}; {size} principal components: "
                    "{components:.4g}.",
                    size=size,
                    n=n_numbers,
                    error=row["mean"],
                    components=row["components"],
                )
            )
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def save(self, path: str | Path) -> Path:
        """Writes the best member, encoder and decoder in one, as a `.keras` file.

        Args:
            path: Where to; must end in `.keras`.

        Returns:
            The path.
        """
        return self.run.save(path)

    def __repr__(self) -> str:
        return f"<Autoencoder: {len(self.run)} members on {self.source.name}>"

    @cached_property
    def _code_size(self) -> int:
        return int(self.run.model.get_layer(CODE).output.shape[-1])

    def _squares(self, members: list[int], split: str) -> list[float]:
        rows = getattr(self.source, split)[0]
        return [float(self.errors(rows, member=member).mean()) for member in members]


def autoencoder(
    data: Any,
    *,
    code: int | Sequence[int] = 16,
    kind: str | None = None,
    hidden: Sequence[int] | None = None,
    activation: str = "relu",
    verbose: bool = True,
    **fitting: Any,
) -> Autoencoder:
    """Trains a network to give back what it reads.

    Args:
        data: What `fit` takes; targets are not looked at. An array of inputs alone will do.
        code: Numbers in the code; a list is an axis.
        kind: `dense` or `conv`; None takes `conv` for images of 16 pixels and more.
        hidden: Neurons (or filters) of the encoder's layers, which the decoder has in reverse. None takes 128 neurons;
            16 and 32 filters.
        activation: Of the hidden layers; `linear` makes dense layers no better than principal components.
        verbose: Whether to say how far it is, and how well rows are rebuilt.
        **fitting: As for `fit`: `epochs`, `seeds`, `learning_rate`, `augment` (noise makes it a denoising one), …

    Returns:
        The autoencoder.

    Raises:
        DataError: If the inputs are token ids.
        SettingError: If an argument does not suit the data.

    Source:
        hinton-salakhutdinov-2006 (deep autoencoders); baldi-hornik-1989 (what linear ones can do).
    """
    source, left = _read_data(data, fitting)
    is_axis = isinstance(code, list | tuple | range)
    sizes = [require_count("code", one) for one in (code if is_axis else [code])]
    kind = _read_kind(kind, source)
    is_between = bool(source.inputs.min() >= 0 and source.inputs.max() <= 1)
    build = _builder(source.input_shape, kind, hidden, activation, "sigmoid" if is_between else None)
    # Functions, not a finished model: weights are drawn by the seed, not by Keras's own randomness.
    model = build if is_axis else lambda: build(sizes[0])
    if is_axis:
        varied = left.pop("vary", None)
        left["vary"] = [*(varied if isinstance(varied, list | tuple) else [varied] if varied else []), {CODE: sizes}]
    found = Autoencoder(fit(model, as_targets(source), **watched(left, verbose=verbose)), source)
    if verbose:
        print(found.say())
        if found.run.id:
            print(say(text("Kept as run {id}.", id=found.run.id)))
    return found


def as_targets(data: Dataset) -> Dataset:
    """The same rows, to be given back: the inputs are the targets.

    Args:
        data: Any data of numbers.

    Returns:
        Data of a regression.
    """
    return replace(data, targets=data.inputs, task="regression", class_names=(), recipe=None, places=())


def _read_data(data: Any, fitting: dict[str, Any]) -> tuple[Dataset, dict[str, Any]]:
    if isinstance(data, np.ndarray):
        data = (data, np.zeros(len(data), np.float32))
    source, left = read_data(data, fitting)
    if np.issubdtype(source.inputs.dtype, np.integer):
        raise DataError(
            "autoencoder-inputs",
            what=text("Training an autoencoder on `{name}`", name=source.name),
            expected=text("numbers that can be a little off"),
            received=text("whole numbers of type {dtype}, as token ids are", dtype=source.inputs.dtype.name),
            fix=text("Give amounts as floats; token ids cannot be rebuilt by numbers."),
        )
    return source, left


def _read_kind(kind: str | None, data: Dataset) -> str:
    is_image = len(data.input_shape) == 3
    if kind is None:
        side = min(data.input_shape[:2]) if is_image else 0
        return "conv" if side >= CONV_SIDE and all(size % 4 == 0 for size in data.input_shape[:2]) else "dense"
    require_choice("kind", kind, KINDS)
    if kind == "conv" and (not is_image or any(size % 4 for size in data.input_shape[:2])):
        raise SettingError(
            "autoencoder-conv",
            what=text("Building an autoencoder of convolutions"),
            expected=text("images whose height and width are multiples of 4, because they are halved twice"),
            received=verbatim(data.input_shape),
            fix=text('Use `kind="dense"`, or resize the images.'),
        )
    return kind


def _builder(
    shape: tuple[int, ...], kind: str, hidden: Sequence[int] | None, activation: str, last: str | None
) -> "Callable[..., keras.Model]":
    """A function that builds the network for a size of the code."""
    import keras
    from keras import layers

    usual = (128,) if kind == "dense" else (16, 32)
    sizes = [require_count("hidden", size) for size in (usual if hidden is None else hidden)]
    if kind == "conv" and len(sizes) != 2:
        raise SettingError(
            "autoencoder-hidden",
            what=text("Building an autoencoder of convolutions"),
            expected=text("two numbers of filters in `hidden`"),
            received=verbatim(list(hidden or ())),
            fix=text("Write for example `hidden=[16, 32]`."),
        )

    def dense_layers(code: int) -> list[Any]:
        down = [layers.Dense(size, activation, name=f"encode_{i}") for i, size in enumerate(sizes, 1)]
        up = [layers.Dense(size, activation, name=f"decode_{i}") for i, size in enumerate(reversed(sizes), 1)]
        out = [layers.Dense(math.prod(shape), last, name="rebuild")]
        ends: tuple[list[Any], list[Any]] = (
            ([], []) if len(shape) == 1 else ([layers.Flatten()], [layers.Reshape(shape)])
        )
        return [*ends[0], *down, layers.Dense(code, name=CODE), *up, *out, *ends[1]]

    def conv_layers(code: int) -> list[Any]:
        small = (shape[0] // 4, shape[1] // 4, sizes[-1])
        found: list[Any] = []
        for i, filters in enumerate(sizes, 1):
            found += [
                layers.Conv2D(filters, 3, padding="same", activation=activation, name=f"encode_{i}"),
                layers.MaxPooling2D(name=f"halve_{i}"),
            ]
        found += [layers.Flatten(), layers.Dense(code, name=CODE)]
        found += [layers.Dense(math.prod(small), activation, name="widen"), layers.Reshape(small)]
        for i, filters in enumerate(reversed(sizes), 1):
            found += [
                layers.UpSampling2D(name=f"double_{i}"),
                layers.Conv2D(filters, 3, padding="same", activation=activation, name=f"decode_{i}"),
            ]
        return [*found, layers.Conv2D(shape[-1], 3, padding="same", activation=last, name="rebuild")]

    def build(code: int) -> keras.Model:
        body = dense_layers(code) if kind == "dense" else conv_layers(code)
        return keras.Sequential([keras.Input(shape), *body], name="autoencoder")

    return build
