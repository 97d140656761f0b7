"""Which numbers of an input a decision hangs on: the gradient of a class's score by the input, and three of its kin.

    gradient                  ∂s/∂x: how much the score changes if this pixel does
    gradient_times_input      x · ∂s/∂x: what the pixel gives to a linear score
    smooth                    the mean gradient of n noisy copies: less speckled
    integrated                (x − b) · mean of ∂s/∂x on the way from a baseline b to x: the entries add up to
                              s(x) − s(b), so nothing of the score is left out or made up

The score s is what the network puts out before a softmax or sigmoid at its end, because a probability also rises when
the other classes fall, and its gradient dies where the network is sure. All rows of a batch go through one program.

A bright place says that the score hangs on it, not that the network is right to look there.

Not for what a single filter looks for: see `filters.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jaxtyping import Float, Int

from backlit.errors import DataError, ModelError, SettingError, did_you_mean
from backlit.explain._keras_private import Noted
from backlit.explain.watched import held_weights, kept_program, read_rows, reads_numbers, watch
from backlit.language import text

KINDS = ("gradient", "gradient_times_input", "smooth", "integrated")
N_COPIES = {"smooth": 50, "integrated": 64}
NOISE = 0.15  # of a row's range; source: smilkov-2017, section 3 (10 to 20 %)
_layers: Any = keras.layers
ENDS = (_layers.Dense, _layers.EinsumDense, _layers.Activation, _layers.Softmax)
SQUASHING = (keras.activations.softmax, keras.activations.sigmoid, keras.activations.log_softmax)


@dataclass(frozen=True, eq=False)
class Saliency:
    """How much each number of each row matters for a class's score.

    Attributes:
        kind: One of `gradient`, `gradient_times_input`, `smooth`, `integrated`.
        values: One for each number of the input, the batch first.
        of: Which output, for each row.
        scores: Its score for each row: before a softmax or sigmoid at the end.
        baseline_scores: The score of the baseline, for `integrated`; else None.
    """

    kind: str
    values: Float[np.ndarray, "sample ..."]
    of: Int[np.ndarray, " sample"]
    scores: Float[np.ndarray, " sample"]
    baseline_scores: Float[np.ndarray, " sample"] | None

    def __len__(self) -> int:
        """How many rows."""
        return len(self.values)

    @property
    def maps(self) -> Float[np.ndarray, "sample ..."]:
        """One number for each place: the largest size over its channels.

        Source:
            simonyan-2014, section 3.1.
        """
        return np.abs(self.values).max(-1) if self.values.ndim > 2 else np.abs(self.values)

    @property
    def gaps(self) -> Float[np.ndarray, " sample"] | None:
        """For `integrated`: sum of the values less the difference of the scores; 0 for infinitely many steps."""
        if self.baseline_scores is None:
            return None
        return self.values.reshape(len(self), -1).sum(1) - (self.scores - self.baseline_scores)


def saliency(
    model: keras.Model,
    x: Any,
    *,
    of: Any = None,
    kind: str = "gradient",
    n: int | None = None,
    noise: float | int = NOISE,
    baseline: Any = 0.0,
    seed: int = 0,
) -> Saliency:
    """How a class's score hangs on each number of the input.

    Args:
        model: Built; Sequential or functional, with one input and one vector of outputs.
        x: One sample without the batch axis, or several.
        of: Number of the output: one for all rows, or one for each; None for the largest of each row.
        kind: `gradient`, `gradient_times_input`, `smooth` or `integrated`.
        n: Noisy copies of `smooth` (None for 50), or steps of `integrated` (None for 64); at least 1.
        noise: Of `smooth`: standard deviation, as a share of the row's range.
        baseline: Of `integrated`: a number, or an input that shows nothing.
        seed: Of the noise.

    Returns:
        One number for each of the input's, the batch first, and the scores.

    Raises:
        DataError: If the sample or `of` does not fit the model.
        ModelError: If the model puts out anything but one vector a row, or reads words.
        SettingError: If there is no such kind, or `n` is below 1.

    Example:
        >>> dense = keras.layers.Dense(2, "softmax")
        >>> model = keras.Sequential([keras.Input((2,)), dense])
        >>> dense.set_weights([np.array([[1.0, 2.0], [3.0, 5.0]], "float32"), np.zeros(2, "float32")])
        >>> saliency(model, [1.0, 1.0], of=1).values.tolist()  # of the score before the softmax: its weights
        [[2.0, 5.0]]

    Source:
        simonyan-2014, section 3 (gradient); shrikumar-2016 (times the input); smilkov-2017, section 2 (smooth);
        sundararajan-2017, section 3 (integrated), by the midpoints of the steps.
    """
    _require_kind(kind, n)
    _require_scores(model)
    rows = read_rows(model, x).astype(np.float32)
    chosen = _read_of(model, of, len(rows))
    copies = N_COPIES.get(kind, 1) if n is None else n
    program = kept_program(model, ("saliency", kind, copies), lambda model_now: _program(model_now, kind, copies))
    spread = noise * (rows.max(axis=tuple(range(1, rows.ndim))) - rows.min(axis=tuple(range(1, rows.ndim))))
    start = np.broadcast_to(np.asarray(baseline, np.float32), rows.shape)
    found = program(held_weights(model), rows, chosen, spread.astype(np.float32), start, jax.random.key(seed))
    values, classes, scores, base = (np.asarray(each) for each in found)
    return Saliency(kind, values, classes, scores, base if kind == "integrated" else None)


def score_before_squashing(output: Any, calls: list[Noted]) -> Any:
    """The score behind a probability: what the last layer put out before its softmax or sigmoid.

    Args:
        output: What the model put out.
        calls: Of its layers that could be the last.

    Returns:
        The scores; the output itself where it is not squashed.
    """
    last = next((call for call in reversed(calls) if call.outputs is output), None)
    if last is None:
        return output
    if isinstance(last.layer, keras.layers.Softmax):
        return last.inputs
    return last.before if getattr(last.layer, "activation", None) in SQUASHING else output


def _program(model_now: Callable[[], keras.Model], kind: str, copies: int) -> Callable[..., Any]:
    """Weights, rows, outputs (−1: the largest), spread of noise, baseline and key to values, outputs and scores."""

    def program(weights: Any, rows: Any, of: Any, spread: Any, start: Any, key: Any) -> Any:
        model = model_now()
        ends = [layer for layer in model._flatten_layers() if isinstance(layer, ENDS)]

        def scores_of(inputs: Any) -> Any:
            seen = watch(model, weights, inputs, ends)
            return score_before_squashing(seen.output, seen.calls).astype(rows.dtype)

        every = scores_of(rows)
        chosen = jnp.where(of < 0, jnp.argmax(every, -1).astype(of.dtype), of)

        def score(inputs: Any) -> Any:
            return jnp.take_along_axis(scores_of(inputs), chosen[:, None], axis=1)[:, 0]

        slope = jax.grad(lambda inputs: score(inputs).sum())  # rows do not mix, so each gets its own gradient
        shape = (-1, *(1,) * (rows.ndim - 1))

        def mean_slope(copy_of: Callable[[Any], Any]) -> Any:
            total, _ = jax.lax.scan(
                lambda sum_, number: (sum_ + slope(copy_of(number)), None), jnp.zeros_like(rows), jnp.arange(copies)
            )
            return total / copies

        def noisy(number: Any) -> Any:
            drawn = jax.random.normal(jax.random.fold_in(key, number), rows.shape, rows.dtype)
            return rows + spread.reshape(shape) * drawn

        def between(number: Any) -> Any:
            return start + (number.astype(rows.dtype) + 0.5) / copies * (rows - start)

        values = {
            "gradient": lambda: slope(rows),
            "gradient_times_input": lambda: rows * slope(rows),
            "smooth": lambda: mean_slope(noisy),
            "integrated": lambda: (rows - start) * mean_slope(between),
        }[kind]()
        base = score(start) if kind == "integrated" else jnp.zeros(len(rows), rows.dtype)
        return values, chosen, jnp.take_along_axis(every, chosen[:, None], axis=1)[:, 0], base

    return program


def _require_kind(kind: str, n: int | None) -> None:
    if kind not in KINDS:
        raise SettingError(
            "saliency-kind",
            what=text("Asking what a decision hangs on"),
            expected=text("a kind of saliency"),
            received=text("`{name}`", name=kind),
            fix=did_you_mean(kind, KINDS),
        )
    if n is not None and n < 1:
        raise SettingError(
            "saliency-n",
            what=text("Asking what a decision hangs on"),
            expected=text("`{name}` of at least {least}", name="n", least=1),
            received=text("{value}", value=n),
            fix=text("Leave it out for the usual value."),
        )


def _require_scores(model: keras.Model) -> None:
    inputs, outputs = (getattr(model, name, None) or [] for name in ("inputs", "outputs"))
    if len(inputs) == 1 and len(outputs) == 1 and len(outputs[0].shape) == 2 and not reads_numbers(model):
        return
    if inputs and reads_numbers(model):
        received = text("a model with an `Embedding`, which reads whole numbers")
    elif len(inputs) == 1 and len(outputs) == 1:
        received = text("outputs of shape {shape}", shape=tuple(outputs[0].shape[1:]))
    else:
        received = text("{n_in} inputs and {n_out} outputs", n_in=len(inputs), n_out=len(outputs))
    raise ModelError(
        "saliency-model",
        what=text("Asking what `{name}` decides by", name=model.name),
        expected=text("a built Sequential or functional model with one input of numbers and one vector of outputs"),
        received=received,
        fix=text("Begin the model with `keras.Input(shape)`, or take the trained `run.model`."),
    )


def _read_of(model: keras.Model, of: Any, n_rows: int) -> Int[np.ndarray, " sample"]:
    """Numbers of outputs, one for each row; −1 for the largest."""
    n_outputs = int(model.outputs[0].shape[-1])
    given = np.asarray(-1 if of is None else of)
    is_number = given.dtype.kind in "iu" and given.shape in ((), (n_rows,))
    if is_number and (of is None or (given.min() >= 0 and given.max() < n_outputs)):
        return np.broadcast_to(given, (n_rows,)).astype(np.int32)
    raise DataError(
        "saliency-of",
        what=text("Asking what `{name}` decides by", name=model.name),
        expected=text("`of` from 0 to {last}, one for all or one for each of {n} rows", last=n_outputs - 1, n=n_rows),
        received=text("{value}", value=of),
        fix=text("Leave it out for the largest output of each row."),
    )
