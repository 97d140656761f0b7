r"""The loss over a plane through the weights: a picture of the landscape that training walks in.

A network has thousands of weights, and a picture two axes. So two *directions* are chosen, and the loss is computed at

    w = w_end + α d₁ + β d₂        for a grid of α and β

    random   each filter of a direction is drawn, then scaled to the length of that filter of w_end, so that networks
             with large weights do not look flat for that alone; biases and factors of normalisation stay as they are
    path     the first two principal directions of the weights that training passed; then the path can be drawn, too,
             and `share` says how much of its variance the plane shows

The picture is a slice. What looks like a bowl in it may be a ridge in a third direction, and a path that leaves the
plane is drawn where it falls onto it: away from its end the loss of the grid is not the loss that the path had.

Source:
    li-2018, section 4 (filter-wise scaling) and section 7 (principal directions of the path); goodfellow-2015, section
    3 (loss along a line).
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from backlit.data import Dataset, load
from backlit.errors import DataError, ModelError, SettingError
from backlit.explain.directions import Plane, Weights, choose_plane, project, read_path
from backlit.language import Language, language, text

MARGIN = 0.25  # of the path's extent, left free around it; ours: so that its ends are not on the frame
CHUNK_BYTES = 256 * 2**20  # of the largest layer's output, over the points that are computed side by side
MOST_POINTS = 201


@dataclass(frozen=True, eq=False)
class Surface:
    """The loss over a plane through the weights.

    Attributes:
        plane: Its directions.
        alphas: Places on the first axis; 0 is the network itself.
        betas: On the second.
        losses: (beta, alpha): the loss at each point.
        loss: Of the network itself, at α = β = 0.
        path: (snapshot, 2): where the path falls onto the plane; None without a path.
        share: How much of the path's variance the plane shows, from 0 to 1; None without a path.
        n_rows: On how many rows the loss was computed.
    """

    plane: Plane
    alphas: np.ndarray
    betas: np.ndarray
    losses: np.ndarray
    loss: float
    path: np.ndarray | None
    share: float | None
    n_rows: int

    @property
    def lowest(self) -> tuple[float, float]:
        """Where on the grid the loss is lowest: α and β."""
        beta, alpha = np.unravel_index(np.nanargmin(self.losses), self.losses.shape)
        return float(self.alphas[alpha]), float(self.betas[beta])

    def say(self, spoken: Language) -> str:
        """What the surface shows, in a few sentences.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        alpha, beta = self.lowest
        lines = [
            text(
                "{n_alpha} × {n_beta} points, on {rows:,} rows: the loss is {here:.4g} at the network itself, "
                "{low:.4g} to {high:.4g} on the plane, lowest at α = {alpha:.3g}, β = {beta:.3g}.",
                n_alpha=len(self.alphas),
                n_beta=len(self.betas),
                rows=self.n_rows,
                here=self.loss,
                low=float(np.nanmin(self.losses)),
                high=float(np.nanmax(self.losses)),
                alpha=alpha,
                beta=beta,
            )
        ]
        if self.share is not None:
            lines.append(text("The plane shows {share:.1%} of the path's variance.", share=self.share))
        return "\n".join(line.say(spoken) for line in lines)

    def __str__(self) -> str:
        return self.say(language())


def loss_surface(
    run_or_model: Any,
    data: Any = None,
    *,
    path: Any = None,
    directions: Any = None,
    size: Any = 41,
    reach: Any = None,
    seed: int = 0,
    loss: Any = None,
) -> Surface:
    """The loss over a plane through the weights of a network.

    Args:
        run_or_model: A Run, whose best member is taken, or a built Keras model.
        data: Whose training rows give the loss: a Dataset, or what `load` takes; None for the run's own.
        path: Weights that training passed, in order: lists of arrays, those that learn first, as
            `[snapshot.weights() for snapshot in stream.snapshots]` gives them.
        directions: `"path"`, `"random"`, or two lists of arrays, one array for each weight that learns; None for the
            path's where there is one, else random ones.
        size: Points on each axis.
        reach: How far the grid goes to both sides; None for 1 (as far as the weights are long) or, with a path, as far
            as the path and a quarter more.
        seed: Of random directions.
        loss: As `model.compile` takes it; None for the loss that the model was compiled with.

    Returns:
        The surface. Penalties on weights are not in it.

    Raises:
        DataError: If no data are given, or they do not fit the model.
        ModelError: If the model is not built, or has no loss.
        SettingError: If path, directions, size or reach are not as they should be.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
        >>> model.set_weights([np.array([[1.0], [2.0]])])
        >>> rows = np.eye(2, dtype="float32"), np.array([1.0, 2.0], "float32")  # so C = ((w₁ − 1)² + (w₂ − 2)²) / 2
        >>> axes = [np.array([[1.0], [0.0]])], [np.array([[0.0], [1.0]])]
        >>> surface = loss_surface(model, rows, directions=axes, size=3, loss="mean_squared_error")
        >>> surface.losses.tolist()  # α, β = −1, 0, 1
        [[1.0, 0.5, 1.0], [0.5, 0.0, 0.5], [1.0, 0.5, 1.0]]
    """
    model, dataset = _model_and_data(run_or_model, data)
    _require_size(size, reach)
    end = [np.asarray(variable.value, np.float64) for variable in model.trainable_variables]
    passed = None if path is None else read_path(path, end)
    plane = choose_plane(directions, end, passed, seed=seed)
    places = share = None
    if passed is not None:
        places, share = project(passed, end, plane)
    alphas, betas = (_axis(places if places is None else places[:, i], size, reach) for i in range(2))
    grid = np.stack(np.meshgrid(alphas, betas), -1).reshape(-1, 2)
    inputs, targets = dataset.train
    values = _losses(model, end, plane, np.vstack([grid, np.zeros((1, 2))]), inputs, targets, loss)
    losses = values[:-1].reshape(size, size)
    return Surface(plane, alphas, betas, losses, float(values[-1]), places, share, len(inputs))


def _model_and_data(given: Any, data: Any) -> tuple[keras.Model, Dataset]:
    """The network, and the rows; a Run stands above this package, so it is known by what it has."""
    is_model = isinstance(given, keras.Model)
    model = given if is_model else getattr(given, "model", given)
    own = None if is_model else getattr(given, "best_data", None)
    if not isinstance(model, keras.Model) or not model.built:
        raise ModelError(
            "surface-model",
            what=text("Drawing a loss surface"),
            expected=text("a run, or a built Keras model"),
            received=text("`{kind}`", kind=type(model).__name__),
            fix=text("Pass what `backlit.fit` returned, or a model that begins with `keras.Input(shape)`."),
        )
    found = own if data is None else data
    if found is None:
        raise DataError(
            "surface-data",
            what=text("Drawing a loss surface"),
            expected=text("data to compute the loss on"),
            received=text("none"),
            fix=text("Pass them as the second argument; only a run brings its own."),
        )
    dataset = found if isinstance(found, Dataset) else load(found)
    wanted = tuple(model.input_shape[1:])
    if len(wanted) != len(dataset.input_shape) or any(
        size not in (None, own) for size, own in zip(wanted, dataset.input_shape, strict=True)
    ):
        raise DataError(
            "surface-shape",
            what=text("Drawing a loss surface"),
            expected=text("rows of shape {shape}", shape=wanted),
            received=text("an array of shape {shape}", shape=dataset.input_shape),
            fix=text("Pass the data that the model was trained on."),
        )
    return model, dataset


def _require_size(size: Any, reach: Any) -> None:
    if isinstance(size, bool) or not isinstance(size, int) or not 2 <= size <= MOST_POINTS:
        raise SettingError(
            "surface-size",
            what=text("Drawing a loss surface"),
            expected=text("`size` a whole number from 2 to {most}", most=MOST_POINTS),
            received=text("`{value}`", value=repr(size)),
            fix=text("Write for example `size=41`."),
        )
    if reach is not None and not (isinstance(reach, int | float) and reach > 0):
        raise SettingError(
            "surface-reach",
            what=text("Drawing a loss surface"),
            expected=text("`reach` a number above 0"),
            received=text("`{value}`", value=repr(reach)),
            fix=text("Write for example `reach=1.0`, or leave it out."),
        )


def _axis(places: np.ndarray | None, size: int, reach: Any) -> np.ndarray:
    """Points on one axis: to both sides alike, or around the path and the network itself."""
    if reach is not None or places is None:
        half = 1.0 if reach is None else float(reach)
        return np.linspace(-half, half, size)
    low, high = min(0.0, float(places.min())), max(0.0, float(places.max()))
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, size)


def _losses(
    model: keras.Model,
    end: Weights,
    plane: Plane,
    points: np.ndarray,
    inputs: np.ndarray,
    targets: np.ndarray,
    loss: Any,
) -> np.ndarray:
    """The loss at each point, in one compiled program that computes several side by side."""
    loss_of = _keras_loss(model, loss)
    dtypes = [variable.value.dtype for variable in model.trainable_variables]
    centre, first, second = (
        [jnp.asarray(array, dtype) for array, dtype in zip(arrays, dtypes, strict=True)]
        for arrays in (end, plane.first, plane.second)
    )
    fixed = [variable.value for variable in model.non_trainable_variables]
    x, y = jnp.asarray(inputs), jnp.asarray(targets)

    def at(point: jax.Array) -> jax.Array:
        weights = [
            w + point[0].astype(w.dtype) * one + point[1].astype(w.dtype) * other
            for w, one, other in zip(centre, first, second, strict=True)
        ]
        outputs = model.stateless_call(weights, fixed, x, training=False)[0]
        return loss_of(y, outputs)

    side_by_side = max(1, min(len(points), CHUNK_BYTES // _bytes_of_largest_layer(model, len(inputs))))
    program = jax.jit(lambda places: jax.lax.map(at, places, batch_size=side_by_side))
    return np.asarray(program(jnp.asarray(points, jnp.float32)), np.float64)


def _keras_loss(model: keras.Model, loss: Any) -> Any:
    """Targets and outputs to the mean loss."""
    given = loss if loss is not None else getattr(model, "loss", None)
    if given is None:
        raise ModelError(
            "surface-no-loss",
            what=text("Drawing a loss surface"),
            expected=text("a loss"),
            received=text("a model that is not compiled"),
            fix=text('Pass for example `loss="sparse_categorical_crossentropy"`.'),
        )
    known: Any = keras.losses.get(given)

    def value(targets: jax.Array, outputs: jax.Array) -> jax.Array:
        is_column = targets.ndim == outputs.ndim - 1 and outputs.shape[-1] == 1
        wanted = targets[..., None] if is_column else targets
        if wanted.shape == outputs.shape:
            wanted = wanted.astype(outputs.dtype)
        return jnp.mean(known(wanted, outputs))

    return value


def _bytes_of_largest_layer(model: keras.Model, n_rows: int) -> int:
    largest = 1
    for layer in model._flatten_layers(include_self=False):
        for output in keras.tree.flatten(getattr(layer, "output", [])):
            largest = max(largest, int(np.prod([size or 1 for size in output.shape[1:]])))
    return 4 * n_rows * largest
