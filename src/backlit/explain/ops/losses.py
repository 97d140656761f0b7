r"""Losses: what a prediction costs, averaged over the batch.

Each loss has a value and a slope for every number of a prediction; `Loss` takes the mean, as Keras's
`sum_over_batch_size` does: over the examples, and over the steps or pixels of an example if there are several.

    >>> value, back = Loss("mean_squared_error").forward(np.array([[1.0, 3.0]]), targets=np.array([[1.0, 1.0]]))
    >>> value.item(), back(np.array(1.0)).inputs[0].tolist()  # (0² + 2²) / 2, 2 (3 − 1) / 2
    (2.0, [[0.0, 2.0]])

Where Keras guards against ln 0, so does this file: probabilities are kept ε = 1e-7 away from 0 and 1, and have no slope
beyond. Keras divides the probabilities of a row by their sum first; after softmax this is a division by 1.

A new loss is one more entry of `PENALTIES`. Not for weight penalties, which are no function of the prediction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backlit.explain.ops.activations import sigmoid, softplus
from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words

EPSILON = 1e-7  # `keras.config.epsilon()`, which nobody changes


@dataclass(frozen=True)
class Penalty:
    """One loss.

    Attributes:
        words: Its name.
        of: Predictions and targets to one value for each row: (…, outputs) to (…).
        slope: The same to the derivative of each row's value by each prediction: (…, outputs).
        formula: Of one row, in LaTeX.
        slope_formula: Of the derivative by one prediction.
        pieces: On which smooth piece each number lies, where there are kinks.
    """

    words: Words
    of: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    formula: str
    slope_formula: str
    pieces: Callable[[Array, Array], Array] | None = None


def _shares(p: Array) -> Array:
    return p / p.sum(-1, keepdims=True)


def _inside(p: Array) -> Array:
    return np.clip(p, EPSILON, 1.0 - EPSILON)


def _is_inside(p: Array) -> Array:
    return ((p > EPSILON) & (p < 1.0 - EPSILON)) * 1.0


def _cross_entropy_slope(p: Array, y: Array) -> Array:
    """Of −Σ y ln clip(p / Σp) by each p: the shares' slopes, carried through the division by their sum."""
    total = p.sum(-1, keepdims=True)
    by_share = -y / _inside(p / total) * _is_inside(p / total)
    return (by_share - (by_share * p / total).sum(-1, keepdims=True)) / total


def _log_softmax(z: Array) -> Array:
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def _hinge_margin(p: Array, y: Array) -> Array:
    signs = 2.0 * y - 1.0 if np.isin(y, (0.0, 1.0)).all() else y  # Keras turns 0 into −1
    return 1.0 - signs * p


def _hinge_sign(p: Array, y: Array) -> Array:
    return 2.0 * y - 1.0 if np.isin(y, (0.0, 1.0)).all() else y


def _unit(p: Array) -> Array:
    return p / np.sqrt(np.maximum((p**2).sum(-1, keepdims=True), EPSILON))


DELTA = 1.0  # of Huber's loss, Keras's default

PENALTIES: dict[str, Penalty] = {
    "mean_squared_error": Penalty(
        Words(en="mean squared error", zh="均方误差"),
        lambda p, y: ((p - y) ** 2).mean(-1),
        lambda p, y: 2.0 * (p - y) / p.shape[-1],
        r"\frac{1}{n} \sum_j (\IN_j - y_j)^2",
        r"\frac{2}{n} (\IN_j - y_j)",
    ),
    "mean_absolute_error": Penalty(
        Words(en="mean absolute error", zh="平均绝对误差"),
        lambda p, y: np.abs(p - y).mean(-1),
        lambda p, y: np.sign(p - y) / p.shape[-1],
        r"\frac{1}{n} \sum_j \lvert \IN_j - y_j \rvert",
        r"\frac{1}{n} \operatorname{sign}(\IN_j - y_j)",
        pieces=lambda p, y: np.sign(p - y),
    ),
    "huber": Penalty(
        Words(en="Huber loss", zh="Huber 损失"),
        lambda p, y: np.where(np.abs(p - y) <= DELTA, 0.5 * (p - y) ** 2, DELTA * np.abs(p - y) - 0.5 * DELTA**2).mean(
            -1
        ),
        lambda p, y: np.clip(p - y, -DELTA, DELTA) / p.shape[-1],
        r"\frac{1}{n} \sum_j \frac{1}{2} e_j^2 \text{ if } \lvert e_j \rvert \le 1"
        r" \text{ else } \lvert e_j \rvert - \frac{1}{2}, \; e_j = \IN_j - y_j",
        r"\frac{1}{n} \max(-1, \min(1, \IN_j - y_j))",
    ),
    "log_cosh": Penalty(
        Words(en="log cosh", zh="对数双曲余弦损失"),
        lambda p, y: (np.abs(p - y) + np.log1p(np.exp(-2.0 * np.abs(p - y))) - np.log(2.0)).mean(-1),
        lambda p, y: np.tanh(p - y) / p.shape[-1],
        r"\frac{1}{n} \sum_j \ln \cosh(\IN_j - y_j)",
        r"\frac{1}{n} \tanh(\IN_j - y_j)",
    ),
    "mean_squared_logarithmic_error": Penalty(
        Words(en="mean squared logarithmic error", zh="均方对数误差"),
        lambda p, y: ((np.log1p(np.maximum(p, EPSILON)) - np.log1p(np.maximum(y, EPSILON))) ** 2).mean(-1),
        lambda p, y: (
            2.0
            * (np.log1p(np.maximum(p, EPSILON)) - np.log1p(np.maximum(y, EPSILON)))
            / (1.0 + p)
            * (p > EPSILON)
            / p.shape[-1]
        ),
        r"\frac{1}{n} \sum_j (\ln(1 + \IN_j) - \ln(1 + y_j))^2",
        r"\frac{2}{n} \frac{\ln(1 + \IN_j) - \ln(1 + y_j)}{1 + \IN_j}",
        pieces=lambda p, y: p > EPSILON,
    ),
    "poisson": Penalty(
        Words(en="Poisson loss", zh="泊松损失"),
        lambda p, y: (p - y * np.log(p + EPSILON)).mean(-1),
        lambda p, y: (1.0 - y / (p + EPSILON)) / p.shape[-1],
        r"\frac{1}{n} \sum_j \IN_j - y_j \ln \IN_j",
        r"\frac{1}{n} (1 - \frac{y_j}{\IN_j})",
    ),
    "kl_divergence": Penalty(
        Words(en="Kullback-Leibler divergence", zh="KL 散度"),
        lambda p, y: (np.clip(y, EPSILON, 1.0) * np.log(np.clip(y, EPSILON, 1.0) / np.clip(p, EPSILON, 1.0))).sum(-1),
        lambda p, y: -np.clip(y, EPSILON, 1.0) / np.clip(p, EPSILON, 1.0) * ((p > EPSILON) & (p < 1.0)),
        r"\sum_j y_j \ln \frac{y_j}{\IN_j}",
        r"-\frac{y_j}{\IN_j}",
        pieces=lambda p, y: np.searchsorted([EPSILON, 1.0], p),
    ),
    "hinge": Penalty(
        Words(en="hinge loss", zh="合页损失"),
        lambda p, y: np.maximum(_hinge_margin(p, y), 0.0).mean(-1),
        lambda p, y: -_hinge_sign(p, y) * (_hinge_margin(p, y) > 0) / p.shape[-1],
        r"\frac{1}{n} \sum_j \max(0, 1 - y_j \IN_j)",
        r"-\frac{y_j}{n} \text{ if } y_j \IN_j < 1 \text{ else } 0",
        pieces=lambda p, y: _hinge_margin(p, y) > 0,
    ),
    "squared_hinge": Penalty(
        Words(en="squared hinge loss", zh="平方合页损失"),
        lambda p, y: (np.maximum(_hinge_margin(p, y), 0.0) ** 2).mean(-1),
        lambda p, y: -2.0 * _hinge_sign(p, y) * np.maximum(_hinge_margin(p, y), 0.0) / p.shape[-1],
        r"\frac{1}{n} \sum_j \max(0, 1 - y_j \IN_j)^2",
        r"-\frac{2}{n} y_j \max(0, 1 - y_j \IN_j)",
    ),
    "cosine_similarity": Penalty(
        Words(en="cosine similarity", zh="余弦相似度损失"),
        lambda p, y: -(_unit(p) * _unit(y)).sum(-1),
        lambda p, y: (
            (_unit(p) * (_unit(p) * _unit(y)).sum(-1, keepdims=True) - _unit(y))
            / np.sqrt(np.maximum((p**2).sum(-1, keepdims=True), EPSILON))
        ),
        r"-\frac{\sum_j \IN_j y_j}{\lVert \IN \rVert \lVert y \rVert}",
        r"\frac{1}{\lVert \IN \rVert} (\cos \frac{\IN_j}{\lVert \IN \rVert} - \frac{y_j}{\lVert y \rVert})",
    ),
    "binary_crossentropy": Penalty(
        Words(en="binary cross-entropy", zh="二元交叉熵"),
        lambda p, y: -(y * np.log(_inside(p)) + (1.0 - y) * np.log(1.0 - _inside(p))).mean(-1),
        lambda p, y: ((1.0 - y) / (1.0 - _inside(p)) - y / _inside(p)) * _is_inside(p) / p.shape[-1],
        r"-\frac{1}{n} \sum_j y_j \ln \IN_j + (1 - y_j) \ln(1 - \IN_j)",
        r"\frac{1}{n} (\frac{1 - y_j}{1 - \IN_j} - \frac{y_j}{\IN_j})",
        pieces=lambda p, y: _is_inside(p),
    ),
    "binary_crossentropy_from_logits": Penalty(
        Words(en="binary cross-entropy of logits", zh="二元交叉熵（由 logits 计算）"),
        lambda p, y: (softplus(p) - y * p).mean(-1),
        lambda p, y: (sigmoid(p) - y) / p.shape[-1],
        r"\frac{1}{n} \sum_j \ln(1 + e^{\IN_j}) - y_j \IN_j",
        r"\frac{1}{n} (\sigma(\IN_j) - y_j)",
    ),
    "categorical_crossentropy": Penalty(
        Words(en="cross-entropy", zh="交叉熵"),
        lambda p, y: -(y * np.log(_inside(_shares(p)))).sum(-1),
        _cross_entropy_slope,
        r"-\sum_j y_j \ln \frac{\IN_j}{\sum_k \IN_k}",
        r"\frac{\sum_k y_k}{\sum_k \IN_k} - \frac{y_j}{\IN_j}",
        pieces=lambda p, y: _is_inside(_shares(p)),
    ),
    "categorical_crossentropy_from_logits": Penalty(
        Words(en="cross-entropy of logits", zh="交叉熵（由 logits 计算）"),
        lambda p, y: -(y * _log_softmax(p)).sum(-1),
        lambda p, y: np.exp(_log_softmax(p)) * y.sum(-1, keepdims=True) - y,
        r"-\sum_j y_j (\IN_j - \ln \sum_k e^{\IN_k})",
        r"\frac{e^{\IN_j}}{\sum_k e^{\IN_k}} - y_j",
    ),
}


@dataclass(frozen=True)
class Loss(Operation):
    """The mean of a penalty over all rows of a prediction.

    Attributes:
        name: Of `PENALTIES`.
    """

    name: str

    @property
    def penalty(self) -> Penalty:
        """The loss of one row."""
        return PENALTIES[self.name]

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  each loss has its own name
        """The loss's name."""
        return self.penalty.words

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  and formula
        """The value of one row; of several rows it is the mean."""
        return rf"C = {self.penalty.formula}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  and slope
        """The slope of one row's loss; the mean over N rows divides it by N."""
        return {"input": rf"\frac{{\partial C}}{{\partial \IN_j}} = {self.penalty.slope_formula}"}

    def forward(self, p: Array, *, targets: Array) -> tuple[Array, Backward]:
        """The mean loss, and the way back: each row's slope, divided by the number of rows."""
        rows = self.penalty.of(p, targets)

        def back(dc: np.ndarray) -> Gradients:
            return Gradients((dc * self.penalty.slope(p, targets) / rows.size,))

        return np.asarray(rows.mean()), back

    def arithmetic(self, place, value, p, *, targets) -> str:
        """The losses of the rows, and their mean."""
        rows = self.penalty.of(p, targets).ravel()
        if rows.size == 1:
            return self._of_one_row(p.reshape(-1), np.asarray(targets).reshape(-1)) or number(rows[0])
        return rf"\frac{{1}}{{{rows.size}}} ({sum_of_products([(row,) for row in rows])})"

    def pieces(self, p: Array, *, targets: Array) -> Array | None:
        """On which side of its kinks each prediction lies."""
        return None if self.penalty.pieces is None else np.asarray(self.penalty.pieces(p, targets), float)

    def gradient_arithmetic(self, by, place, slope, p, *, targets) -> str:
        """The slope with its numbers in, for the losses that a learner meets first."""
        n_rows, n_outputs = p[..., 0].size, p.shape[-1]
        a, y = number(p[place], in_product=True), number(np.asarray(targets)[place], in_product=True)
        over = n_rows * (1 if self.name.startswith("categorical") else n_outputs)
        share = rf"\frac{{1}}{{{over}}} " if over > 1 else ""
        if self.name == "mean_squared_error":
            return rf"\frac{{2}}{{{over}}} ({number(p[place])} - {y})"
        if self.name == "mean_absolute_error":
            return rf"{share}\operatorname{{sign}}({number(p[place])} - {y})"
        if self.name == "categorical_crossentropy":
            row = (*place[:-1], slice(None))
            total, weight = p[row].sum(), np.asarray(targets)[row].sum()
            return rf"{share}(\frac{{{number(weight)}}}{{{number(total)}}} - \frac{{{y}}}{{{a}}})"
        if self.name == "binary_crossentropy":
            other = number(1 - np.asarray(targets)[place])
            return rf"{share}(\frac{{{other}}}{{{number(1 - p[place])}}} - \frac{{{y}}}{{{a}}})"
        return number(slope * self.penalty.slope(p, targets)[place] / n_rows)

    def _of_one_row(self, p: Array, y: Array) -> str:
        """The numbers of the losses that a learner meets first; other losses show their value alone."""
        if self.name == "mean_squared_error":
            parts = [rf"({number(a)} - {number(b, in_product=True)})^2" for a, b in zip(p, y, strict=True)]
            return rf"\frac{{1}}{{{len(p)}}} ({' + '.join(parts)})"
        if self.name == "mean_absolute_error":
            parts = [rf"\lvert {number(a)} - {number(b, in_product=True)} \rvert" for a, b in zip(p, y, strict=True)]
            return rf"\frac{{1}}{{{len(p)}}} ({' + '.join(parts)})"
        if self.name == "categorical_crossentropy":
            true = [(share, weight) for share, weight in zip(_shares(p), y, strict=True) if weight]
            if [weight for _, weight in true] == [1.0]:
                return rf"-\ln {number(true[0][0])}"
            parts = [rf"{number(weight)} \times \ln {number(share)}" for share, weight in true]
            return f"-({' + '.join(parts)})"
        if self.name == "binary_crossentropy":
            parts = [
                rf"{number(b)} \times \ln {number(a)} + {number(1 - b)} \times \ln {number(1 - a)}"
                for a, b in zip(p, y, strict=True)
            ]
            return rf"-\frac{{1}}{{{len(p)}}} ({' + '.join(parts)})"
        return ""
