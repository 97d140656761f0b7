"""Lesson 1, what machine learning is: a rule that a person writes against one that a machine finds in the same table.

The table is real: cells of 569 tumours, measured under the microscope. The rule by hand is one comparison. The learned
one is the smallest network there is, a weighted sum for each class, so it has the same form: numbers compared with a
limit; only the numbers come from rows. Five times the table is cut in half, one half to learn from, the other unseen.
The same few lines of code then learn two other tables.

Source:
    samuel-1959 (a machine that learns need not be told), mitchell-1997 (what learning means), street-1993 (the table).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY, UNSEEN, epochs_knob, rate_knob, spread_line
from backlit.views.chart import Axis, Chart, Numbers, Series

if TYPE_CHECKING:  # importing these imports Keras
    from backlit.data import Dataset

TABLE = "breast-cancer"
OTHER_TABLES = ("wine", "iris")
N_CUTS = 5  # of the table in halves
N_ROWS = 284  # half of the table
FEW, SOME = 8, 40
BATCH_SIZE = 16
N_SHOWN = 3  # products of a score that the page writes out
N_TUMOURS = 5  # of an exercise


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        feature: What the rule by hand looks at.
        threshold: Above this it says malignant, in the feature's own unit.
        rule_accuracies: Share of the unseen rows that the rule gets right, for each cut of the table.
        found_thresholds: The threshold that is right most often on the training rows, for each cut.
        found_accuracies: Share of the unseen rows that it gets right, for each cut.
        thresholds: Thresholds from the lowest value to the highest.
        by_threshold: Share of all rows that each of them gets right.
        sizes: Numbers of training rows.
        accuracies: Share of the unseen rows that the learned rule gets right, (size, cut).
        columns: Names of the features.
        weights: Weight of each feature for malignant, minus that for benign, from all training rows of the first cut.
        bias: The same of the bias.
        standardised: The first unseen row, as the network reads it.
        is_malignant: Whether that tumour was malignant.
        rule_mistakes: Malignant rows called benign by the rule, benign ones called malignant, in the first cut.
        learned_mistakes: The same of the learned rule.
        n_unseen: Unseen rows of a cut.
        tumours: The feature's value for the first unseen rows of the first cut.
        truths: Whether each of these is malignant.
        other_accuracies: Share of the unseen rows right on the other tables, mean over the cuts.
        other_shapes: Rows, columns and classes of the other tables.
    """

    feature: str
    threshold: float
    rule_accuracies: np.ndarray
    found_thresholds: np.ndarray
    found_accuracies: np.ndarray
    thresholds: np.ndarray
    by_threshold: np.ndarray
    sizes: np.ndarray
    accuracies: np.ndarray
    columns: tuple[str, ...]
    weights: np.ndarray
    bias: float
    standardised: np.ndarray
    is_malignant: bool
    rule_mistakes: tuple[int, int]
    learned_mistakes: tuple[int, int]
    n_unseen: int
    tumours: np.ndarray
    truths: np.ndarray
    other_accuracies: np.ndarray
    other_shapes: tuple[tuple[int, int, int], ...]
    n_cuts: int = field(default=N_CUTS)

    @property
    def n_rows(self) -> int:
        """Training rows of the learned rule that is compared with the one by hand."""
        return int(self.sizes[-1])

    @property
    def n_columns(self) -> int:
        """Features of the table."""
        return len(self.columns)

    @property
    def rule(self) -> float:
        """Share of the unseen rows that the rule by hand gets right, mean over the cuts."""
        return float(self.rule_accuracies.mean())

    @property
    def found(self) -> float:
        """The same of the threshold that was looked for in the training rows."""
        return float(self.found_accuracies.mean())

    @property
    def found_threshold(self) -> float:
        """That threshold, in the first cut."""
        return float(self.found_thresholds[0])

    @property
    def learned(self) -> np.ndarray:
        """Share of the unseen rows that the learned rule gets right, mean over the cuts, for each size."""
        return self.accuracies.mean(1)

    @property
    def best(self) -> float:
        """The same for all training rows."""
        return float(self.learned[-1])

    @property
    def lead(self) -> float:
        """Learned minus by hand."""
        return self.best - self.rule

    @property
    def parts(self) -> np.ndarray:
        """Products of weight and value for the tumour that is followed."""
        return self.weights * self.standardised

    @property
    def largest(self) -> np.ndarray:
        """Which products are the largest, whatever their sign."""
        return np.argsort(-np.abs(self.parts))[:N_SHOWN]

    @property
    def shown_names(self) -> list[str]:
        """Names of the largest products."""
        return [self.columns[i] for i in self.largest]

    @property
    def shown_values(self) -> np.ndarray:
        """Standardised values behind them."""
        return self.standardised[self.largest]

    @property
    def shown_weights(self) -> np.ndarray:
        """Weights behind them."""
        return self.weights[self.largest]

    @property
    def shown_parts(self) -> np.ndarray:
        """The largest products themselves."""
        return self.parts[self.largest]

    @property
    def other_parts(self) -> float:
        """Sum of all other products."""
        return float(self.parts.sum() - self.shown_parts.sum())

    @property
    def score(self) -> float:
        """Above 0 the learned rule says malignant."""
        return float(self.parts.sum() + self.bias)

    @property
    def probability(self) -> float:
        """How probable the network holds it that this tumour is malignant."""
        return float(1 / (1 + np.exp(-self.score)))

    @property
    def truth(self) -> int:
        """1 if the tumour was malignant, else 0."""
        return int(self.is_malignant)

    @property
    def midway(self) -> float:
        """Threshold of an exercise: in the middle of the five tumours."""
        return float(np.sort(self.tumours)[N_TUMOURS // 2 - 1 : N_TUMOURS // 2 + 1].mean())

    @property
    def n_right_midway(self) -> int:
        """How many of the five it gets right."""
        return int(((self.tumours > self.midway) == (self.truths > 0)).sum())


def measure(*, seed: int, feature: str, threshold: float, rows: int, labels: str, epochs: int, rate: float) -> Result:
    """Judges the rule by hand and the learned one on rows that neither has seen.

    Args:
        seed: Of the cuts.
        feature: What the rule by hand looks at.
        threshold: Above this it says malignant.
        rows: Training rows of the learned rule.
        labels: `true`, or `shuffled`: each training row is given another's label.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    from backlit.data import entries

    table = entries()[TABLE].draw(seed=0)
    values = table.inputs[:, table.feature_names.index(feature)].astype(float)
    malignant = table.class_names.index("malignant")
    truth = table.targets == malignant
    cuts = [np.random.default_rng([seed, i]).permutation(len(table)) for i in range(N_CUTS)]
    sizes = np.unique(np.minimum([FEW, SOME, rows], rows))
    settings = {"labels": labels, "epochs": epochs, "rate": rate, "seed": seed}
    learned = [[_learn(table, cut[:size], cut[N_ROWS:], **settings) for cut in cuts] for size in sizes]
    found = np.array([best_threshold(values[cut[:N_ROWS]], truth[cut[:N_ROWS]]) for cut in cuts])
    unseen = cuts[0][N_ROWS:]
    (kernel, biases), inputs = learned[-1][0][1], learned[-1][0][2]
    others = [entries()[name].draw(seed=0) for name in OTHER_TABLES]
    thresholds = np.linspace(values.min(), values.max(), 60)
    return Result(
        feature=feature,
        threshold=threshold,
        rule_accuracies=np.array([((values > threshold) == truth)[cut[N_ROWS:]].mean() for cut in cuts]),
        found_thresholds=found,
        found_accuracies=np.array(
            [((values > own) == truth)[cut[N_ROWS:]].mean() for own, cut in zip(found, cuts, strict=True)]
        ),
        thresholds=thresholds,
        by_threshold=((values > thresholds[:, None]) == truth).mean(1),
        sizes=sizes,
        accuracies=np.array(
            [
                [(each[0] == table.targets[cut[N_ROWS:]]).mean() for each, cut in zip(row, cuts, strict=True)]
                for row in learned
            ]
        ),
        columns=table.feature_names,
        weights=kernel[:, malignant] - kernel[:, 1 - malignant],
        bias=float(biases[malignant] - biases[1 - malignant]),
        standardised=inputs[0],
        is_malignant=bool(truth[unseen[0]]),
        rule_mistakes=_mistakes(values[unseen] > threshold, truth[unseen]),
        learned_mistakes=_mistakes(learned[-1][0][0] == malignant, truth[unseen]),
        n_unseen=len(unseen),
        tumours=values[unseen[:N_TUMOURS]],
        truths=truth[unseen[:N_TUMOURS]].astype(int),
        other_accuracies=np.array([_learn_other(other, **settings) for other in others]),
        other_shapes=tuple((len(other), other.inputs.shape[1], other.n_classes) for other in others),
    )


def best_threshold(values: np.ndarray, is_above: np.ndarray) -> float:
    """The threshold that parts two kinds of rows with the fewest mistakes, by trying every one.

    Args:
        values: One number a row.
        is_above: Which rows should lie above it.

    Returns:
        The middle between two neighbouring values; the lowest of those that are equally good.

    Example:
        >>> best_threshold(np.array([1.0, 2.0, 4.0, 5.0]), np.array([False, False, True, True]))
        3.0
    """
    ordered = np.unique(values)
    middles = (ordered[1:] + ordered[:-1]) / 2
    return float(middles[((values > middles[:, None]) == is_above).sum(1).argmax()])


def _learn(
    table: "Dataset", train: np.ndarray, unseen: np.ndarray, *, labels: str, epochs: int, rate: float, seed: int
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """The same few lines for every table: the classes given to unseen rows, the weights, the unseen rows' inputs."""
    import backlit as bl
    from backlit.data import Preparation, from_arrays

    inputs = Preparation.of_rows(table.inputs[train]).apply(table.inputs)
    targets = table.targets[train]
    if labels == "shuffled":
        targets = np.random.default_rng([seed, len(train)]).permutation(targets)
    run = bl.fit(
        _sums(inputs.shape[1], table.n_classes),
        from_arrays(inputs[train], targets, n_classes=table.n_classes),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer="sgd",
        learning_rate=rate,
        save=False,
        verbose=False,
    )
    kernel, bias = (np.asarray(part, np.float64) for part in run.weights(0))
    rows = inputs[unseen].astype(np.float64)
    return (rows @ kernel + bias).argmax(1), [kernel, bias], rows


def _learn_other(table: "Dataset", *, seed: int, **settings: Any) -> float:
    """Share of the unseen half right, mean over the cuts of another table."""
    half = len(table) // 2
    shares = []
    for i in range(N_CUTS):
        cut = np.random.default_rng([seed, i]).permutation(len(table))
        answers = _learn(table, cut[:half], cut[half:], seed=seed, **settings)[0]
        shares.append((answers == table.targets[cut[half:]]).mean())
    return float(np.mean(shares))


def _sums(n_columns: int, n_classes: int) -> Any:
    import keras

    # Without hidden layers there is one lowest point, wherever one starts.
    layer = keras.layers.Dense(n_classes, activation="softmax", kernel_initializer="zeros")
    return keras.Sequential([keras.Input((n_columns,)), layer])


def _mistakes(is_called: np.ndarray, truth: np.ndarray) -> tuple[int, int]:
    """Malignant rows that were not called so, and benign ones that were."""
    return int((~is_called & truth).sum()), int((is_called & ~truth).sum())


def charts(result: Result) -> tuple[Chart, ...]:
    """Accuracy by training rows, and by the threshold of the rule."""
    ends = [int(result.sizes[0]), int(result.sizes[-1])]
    return (
        Chart(
            "rows",
            title=Words(en="Unseen rows, by the number of training rows", zh="未见样本上的准确率与训练样本的条数"),
            x=Axis(Words(en="training rows", zh="训练样本条数"), is_log=True),
            y=UNSEEN,
            series=(
                spread_line(Words(en="learned", zh="学来的"), result.sizes, result.accuracies.T),
                Series(Words(en="rule by hand", zh="手写的规则"), ends, [result.rule] * 2),
                Series(Words(en="threshold looked for", zh="找出来的阈值"), ends, [result.found] * 2),
            ),
        ),
        Chart(
            "threshold",
            title=Words(en="Every threshold of the rule, on all rows", zh="规则取各种阈值时，在全部样本上的准确率"),
            x=Axis(Words(en="threshold", zh="阈值")),
            y=ACCURACY,
            series=(
                Series(Words(en="rule", zh="规则"), result.thresholds, result.by_threshold),
                _mark(Words(en="by hand", zh="手写的"), result, [result.threshold]),
                _mark(Words(en="looked for", zh="找出来的"), result, result.found_thresholds),
            ),
        ),
    )


def _mark(words: Words, result: Result, thresholds: Numbers) -> Series:
    """Thresholds as points on the curve of all thresholds."""
    heights = np.interp(np.asarray(thresholds), result.thresholds, result.by_threshold)
    return Series(words, thresholds, np.asarray(heights), kind="points")


def _answer(result: Result) -> str:
    if abs(result.lead) < 0.01:
        return "C"
    return "B" if result.lead > 0 else "A"


LESSON = Lesson(
    number=1,
    title=Words(en="What machine learning is", zh="机器学习是什么"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob(
            "feature",
            Words(en="what the rule by hand looks at", zh="手写的规则看什么"),
            "mean radius",
            choices=("mean radius", "mean texture", "mean concavity", "worst perimeter"),
        ),
        Knob(
            "threshold",
            Words(en="above this the rule says malignant", zh="超过多少，规则就判为恶性"),
            15.0,
            low=0.0,
            high=1000.0,
        ),
        Knob("rows", Words(en="training rows", zh="训练样本条数"), N_ROWS, low=FEW, high=N_ROWS),
        Knob("labels", Words(en="whose labels", zh="用谁的标签"), "true", choices=("true", "shuffled")),
        epochs_knob(60, high=300),
        rate_knob(0.1),
    ),
    claims=(
        Claim(
            "learned-wins",
            words=Words(
                en="On unseen rows, the learned rule beats the one by hand.",
                zh="在未见样本上，学来的规则胜过手写的规则。",
            ),
            quantity=Words(en="accuracy, learned − by hand", zh="准确率，学来的 − 手写的"),
            value=lambda r: r.lead,
            above=0.03,
            null={"labels": "shuffled"},
        ),
        Claim(
            "rows-teach",
            words=Words(
                en="What it learns comes from the rows: more of them, fewer mistakes.",
                zh="它学到的来自样本：样本越多，错得越少。",
            ),
            quantity=Words(en="accuracy, all training rows − eight", zh="准确率，全部训练样本 − 八条样本"),
            value=lambda r: float(r.learned[-1] - r.learned[0]),
            above=0.02,
            null={"rows": FEW},
        ),
        Claim(
            "same-code",
            words=Words(
                en="The same code learns tables of quite another kind.", zh="同样的代码，也能学会完全不同的表格。"
            ),
            quantity=Words(en="accuracy on the worse of two other tables", zh="另外两张表格中较差的准确率"),
            value=lambda r: float(r.other_accuracies.min()),
            above=0.85,
            null={"labels": "shuffled"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.score + float(r.shown_weights[0])),
        Exercise(answer=lambda r: r.n_right_midway, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: sum(r.rule_mistakes) - sum(r.learned_mistakes), tolerance=0.0, spec=".0f"),
    ),
    lessons=(2, 3, 6, 10, 11, 14),
    sources=("samuel-1959", "mitchell-1997", "street-1993"),
)
