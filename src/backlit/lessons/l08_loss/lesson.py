"""Lesson 8, loss: squared error and cross-entropy of a row, a batch and an epoch by hand; why the wrong one stalls.

One neuron with a sigmoid judges tumours by two measurements. It is started so that it is sure and wrong, and trained
twice, by cross-entropy and by squared error. The same epochs are then done again in plain NumPy, batch by batch, so
that every number the engine reports can be added up by hand.

Source:
    legendre-1805 (squared error), good-1952 and gneiting-raftery-2007 (the logarithm as a fair fee for probabilities),
    solla-1988 and golik-2013 (one against the other in training), street-1993 (data), efron-2004 (data).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY, EPOCH, curves, epochs_knob, rate_knob
from backlit.views.chart import Axis, Chart, Series

LOSSES = ("binary_crossentropy", "mean_squared_error")
NAMES = (Words(en="cross-entropy", zh="交叉熵"), Words(en="squared error", zh="平方误差"))
N_CLASSES = 10  # of a remark on guessing
N_SHOWN = 2  # epochs whose batches are drawn
Numbers = np.ndarray


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        class_names: Of class zero and class one.
        features: Names of the two measurements.
        start: The bias that training starts from.
        rate: Learning rate.
        batch_size: Rows of one step.
        n_train: Training rows.
        rows: Inputs of the four rows of the page, standardised, (4, 2).
        labels: Their classes.
        w: The two weights after training by cross-entropy.
        b: Its bias.
        by_hand: Loss of every training row by plain arithmetic, (loss, row): cross-entropy, squared error.
        by_keras: The same by Keras, (loss, row).
        batches: Loss of each batch by hand, during training, (loss, epoch, batch).
        epochs_by_hand: Mean loss of each epoch, from the batches, (loss, epoch).
        epochs_by_engine: What the engine reports, (loss, epoch).
        end_of_epoch: Loss of all training rows with the weights that the epoch ended with, (loss, epoch).
        accuracies: Share of the validation rows right after each epoch, (loss, epoch).
        start_slopes: Slope of the first batch's loss along the bias before the first step, for each loss.
        amounts: What is to be predicted for the diabetes patients.
        constants: Answers that are tried for all of them, rising.
        constant_losses: Mean squared and mean absolute error of each of these answers, (2, constant).
        centres: What the best answers are compared with, for squared and absolute error.
    """

    class_names: tuple[str, ...]
    features: tuple[str, ...]
    start: float
    rate: float
    batch_size: int
    n_train: int
    rows: Numbers
    labels: Numbers
    w: Numbers
    b: float
    by_hand: Numbers
    by_keras: Numbers
    batches: Numbers
    epochs_by_hand: Numbers
    epochs_by_engine: Numbers
    end_of_epoch: Numbers
    accuracies: Numbers
    start_slopes: Numbers
    amounts: Numbers
    constants: Numbers
    constant_losses: Numbers
    centres: Numbers
    n_classes: int = field(default=N_CLASSES)

    @property
    def z(self) -> Numbers:
        """Weighted sums of the four rows."""
        return self.rows @ self.w + self.b

    @property
    def p(self) -> Numbers:
        """Answers for the four rows: probability of class one."""
        return sigmoid(self.z)

    @property
    def p_true(self) -> Numbers:
        """Probability that was given to the class that is true, for the four rows."""
        return np.where(self.labels == 1, self.p, 1.0 - self.p)

    @property
    def squared(self) -> Numbers:
        """Squared errors of the four rows."""
        return row_loss("mean_squared_error", self.p, self.labels)

    @property
    def crossed(self) -> Numbers:
        """Cross-entropies of the four rows, in nats."""
        return row_loss("binary_crossentropy", self.p, self.labels)

    @property
    def squared_mean(self) -> float:
        """Mean squared error of the four rows."""
        return float(self.squared.mean())

    @property
    def slope_crossed(self) -> Numbers:
        """Slope of each row's cross-entropy along its weighted sum."""
        return row_slope("binary_crossentropy", self.p, self.labels)

    @property
    def slope_squared(self) -> Numbers:
        """Slope of each row's squared error along its weighted sum."""
        return row_slope("mean_squared_error", self.p, self.labels)

    @property
    def row_error(self) -> float:
        """Largest difference between hand and Keras over all rows, relative to losses larger than 1."""
        return float((np.abs(self.by_hand - self.by_keras) / np.maximum(1.0, self.by_keras)).max())

    @property
    def epoch_error(self) -> float:
        """Largest difference between an epoch's loss by hand and by the engine, relative to losses larger than 1."""
        apart = np.abs(self.epochs_by_hand - self.epochs_by_engine)
        return float((apart / np.maximum(1.0, self.epochs_by_engine)).max())

    @property
    def n_epochs(self) -> int:
        """Passes over the training rows."""
        return self.accuracies.shape[1]

    @property
    def n_batches(self) -> int:
        """Batches of an epoch."""
        return self.batches.shape[2]

    @property
    def last_batch(self) -> int:
        """Rows of the last batch of an epoch."""
        return self.n_train - (self.n_batches - 1) * self.batch_size

    @property
    def first_batches(self) -> Numbers:
        """Cross-entropies of the batches of the first epoch."""
        return self.batches[0, 0]

    @property
    def first_epoch(self) -> float:
        """The engine's cross-entropy of the first epoch."""
        return float(self.epochs_by_engine[0, 0])

    @property
    def first_end(self) -> float:
        """Cross-entropy of all training rows at the end of the first epoch."""
        return float(self.end_of_epoch[0, 0])

    @property
    def accuracy(self) -> Numbers:
        """Share of the validation rows right after the last epoch, for each loss."""
        return self.accuracies[:, -1]

    @property
    def lead(self) -> float:
        """Accuracy by cross-entropy minus accuracy by squared error."""
        return float(self.accuracy[0] - self.accuracy[1])

    @property
    def start_p(self) -> float:
        """What the network answers at the start to a row whose measurements are average."""
        return float(sigmoid(np.array([self.start]))[0])

    @property
    def slope_share(self) -> float:
        """Slope of the squared error at the start, as a share of the slope of the cross-entropy."""
        return float(abs(self.start_slopes[1]) / abs(self.start_slopes[0]))

    @property
    def best_constants(self) -> Numbers:
        """The answer with the lowest squared error, and that with the lowest absolute error."""
        return self.constants[self.constant_losses.argmin(1)]

    @property
    def centre_error(self) -> float:
        """How far they are from their centres, in standard deviations of the amounts; the larger of both."""
        return float(np.abs(self.best_constants - self.centres).max() / self.amounts.std())

    @property
    def mean(self) -> float:
        """Mean of the amounts."""
        return float(self.amounts.mean())

    @property
    def median(self) -> float:
        """Median of the amounts."""
        return float(np.median(self.amounts))

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of the answer that gives every one of ten classes the same probability, in nats."""
        return float(np.log(N_CLASSES))


def sigmoid(z: Numbers) -> Numbers:
    """1 / (1 + e^−z), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def row_loss(name: str, p: Numbers, y: Numbers, *, logarithm: Callable[[Numbers], Numbers] = np.log) -> Numbers:
    """Loss of each row.

    Args:
        name: binary_crossentropy or mean_squared_error.
        p: Answers, probability of class one.
        y: Classes, 0 or 1.
        logarithm: The natural one, unless a learner wants to see another.

    Returns:
        One loss for each row.

    Example:
        >>> row_loss("mean_squared_error", np.array([0.75]), np.array([1])).tolist()    # (0.75 − 1)²
        [0.0625]
    """
    if name == "mean_squared_error":
        return (p - y) ** 2
    return -logarithm(np.where(y == 1, p, 1.0 - p))


def row_slope(name: str, p: Numbers, y: Numbers) -> Numbers:
    """Slope of each row's loss along its weighted sum, behind a sigmoid.

    Args:
        name: binary_crossentropy or mean_squared_error.
        p: Answers, probability of class one.
        y: Classes, 0 or 1.

    Returns:
        One slope for each row.

    Example:
        >>> half, one = np.array([0.5]), np.array([1])
        >>> row_slope("binary_crossentropy", half, one).tolist(), row_slope("mean_squared_error", half, one).tolist()
        ([-0.5], [-0.25])
    """
    return p - y if name == "binary_crossentropy" else 2.0 * (p - y) * p * (1.0 - p)


def measure(
    *,
    seed: int,
    start: float,
    rate: float,
    batch_size: int,
    epochs: int,
    logarithm: str,
    average: str,
    centre: str,
) -> Result:
    """Trains one neuron by two losses, and does the same epochs again by hand.

    Args:
        seed: Of the first weights.
        start: The bias that training starts from; far below zero the network is sure of class zero.
        rate: Learning rate.
        batch_size: Rows of one step.
        epochs: Passes over the training rows.
        logarithm: Whether the arithmetic by hand uses the `natural` one or the one to base `ten`.
        average: Whether an epoch's loss by hand is the mean over its `rows` or over its `batches`.
        centre: Whether the best answer of a loss is compared with its `own` centre, or the two are `swapped`.

    Returns:
        The result.
    """
    import keras

    import backlit as bl
    from backlit.explain import backprop

    data = bl.load("breast-cancer")
    data = replace(
        data,
        inputs=np.ascontiguousarray(data.inputs[:, :2]),
        feature_names=tuple(data.feature_names[:2]),
        preparation=None,
        recipe=None,
    )
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid", name="answer")])
    first = np.random.default_rng(seed).normal(0.0, 0.5, (2, 1)).astype(np.float32)
    model.set_weights([first, np.array([start], np.float32)])
    rows, labels = np.asarray(data.train[0], np.float64), np.asarray(data.train[1]).ravel().astype(float)
    batch_size = min(batch_size, len(rows))
    batch = rows[:batch_size], labels[:batch_size, None]
    passes = [backprop(model, *batch, loss=name, check=False) for name in LOSSES]
    start_slopes = [one.gradients[model.layers[-1].bias.path] for one in passes]
    run = bl.fit(
        model,
        data,
        loss=list(LOSSES),
        metrics=["accuracy"],
        epochs=epochs,
        batch_size=batch_size,
        optimizer="sgd",
        learning_rate=rate,
        shuffle=False,
        save=False,
        verbose=False,
    )
    again = [by_hand(name, rows, labels, first[:, 0].astype(float), start, rate, batch_size, epochs) for name in LOSSES]
    batches = np.array([one[0] for one in again])
    sizes = np.array([len(labels[i : i + batch_size]) for i in range(0, len(labels), batch_size)])
    w, b = (np.asarray(part, np.float64) for part in run.weights(0))
    p = sigmoid(rows @ w[:, 0] + b[0])
    log = np.log if logarithm == "natural" else np.log10
    hand = np.array([row_loss(name, p, labels, logarithm=log) for name in LOSSES])
    shown = [*_spread(hand[0], 3), int(hand[0].argmax())]
    patients = bl.load("diabetes")
    amounts = np.asarray(patients.targets, np.float64).ravel()
    constants = np.linspace(amounts.min(), amounts.max(), 401)
    apart = constants[:, None] - amounts[None, :]
    centres = np.array([amounts.mean(), np.median(amounts)])
    return Result(
        class_names=tuple(data.class_names),
        features=tuple(data.feature_names),
        start=start,
        rate=rate,
        batch_size=batch_size,
        n_train=len(rows),
        rows=rows[shown],
        labels=labels[shown],
        w=w[:, 0],
        b=float(b[0]),
        by_hand=hand,
        by_keras=_by_keras(p, labels),
        batches=batches,
        epochs_by_hand=(batches * sizes).sum(2) / sizes.sum() if average == "rows" else batches.mean(2),
        epochs_by_engine=curves(run, "loss", split="train"),
        end_of_epoch=np.array([one[1] for one in again]),
        accuracies=curves(run, "accuracy"),
        start_slopes=np.ravel(start_slopes),
        amounts=amounts,
        constants=constants,
        constant_losses=np.array([(apart**2).mean(1), np.abs(apart).mean(1)]),
        centres=centres if centre == "own" else centres[::-1],
    )


def by_hand(
    name: str,
    rows: Numbers,
    labels: Numbers,
    w: Numbers,
    b: float,
    rate: float,
    batch_size: int,
    epochs: int,
) -> tuple[Numbers, Numbers]:
    """Trains one neuron by plain arithmetic, rows in the order of the data.

    Args:
        name: Of the loss.
        rows: Inputs, (row, feature).
        labels: Classes, 0 or 1.
        w: First weights.
        b: First bias.
        rate: Learning rate.
        batch_size: Rows of one step.
        epochs: Passes over the rows.

    Returns:
        Loss of each batch before its step, (epoch, batch); loss of all rows at the end of each epoch, (epoch,).

    Example:
        >>> x, y = np.array([[0.0], [0.0]]), np.array([1.0, 1.0])
        >>> batches, ends = by_hand("mean_squared_error", x, y, np.zeros(1), 0.0, 1.0, 1, 1)
        >>> batches.round(3).tolist()    # (0.5 − 1)²; then the bias is 0.25 and σ(0.25) = 0.562
        [[0.25, 0.192]]
    """
    losses, ends = [], []
    for _ in range(epochs):
        for i in range(0, len(rows), batch_size):
            x, y = rows[i : i + batch_size], labels[i : i + batch_size]
            p = sigmoid(x @ w + b)
            losses.append(row_loss(name, p, y).mean())
            slope = row_slope(name, p, y) / len(y)
            w, b = w - rate * (slope @ x), b - rate * slope.sum()
        ends.append(row_loss(name, sigmoid(rows @ w + b), labels).mean())
    return np.array(losses).reshape(epochs, -1), np.array(ends)


def _spread(losses: Numbers, n: int) -> list[int]:
    """Row numbers from small to middling loss, so that a table shows different cases."""
    order = losses.argsort()
    return [int(order[int(share * (len(order) - 1))]) for share in np.linspace(0.4, 0.9, n)]


def _by_keras(p: Numbers, labels: Numbers) -> Numbers:
    import keras

    y, answers = (np.asarray(part, np.float32)[:, None] for part in (labels, p))
    found = [getattr(keras.losses, name)(y, answers) for name in LOSSES]
    return np.array([np.asarray(one, np.float64) for one in found])


def charts(result: Result) -> tuple[Chart, ...]:
    """Loss and slope against the answer, both trainings, batches within epochs, the best constant answer."""
    z = np.linspace(-8.0, 8.0, 81)
    p = sigmoid(z)
    one = np.ones_like(z)
    n_shown = min(N_SHOWN, result.n_epochs)
    places = np.arange(1, n_shown * result.n_batches + 1)
    means = np.repeat(result.epochs_by_engine[0, :n_shown], result.n_batches)
    shares = np.linspace(0.01, 0.99, 99)
    amount = Axis(Words(en="the same answer for all", zh="对所有人给同一个回答"))
    return (
        Chart(
            "penalty",
            title=Words(en="What an answer costs when class one is true", zh="真实类别为一时，一个回答的代价"),
            x=Axis(Words(en="probability given to the true class", zh="给真实类别的概率")),
            y=Axis(Words(en="loss of the row", zh="这条样本的损失")),
            series=tuple(Series(NAMES[i], shares, row_loss(LOSSES[i], shares, shares > 0)) for i in range(2)),
        ),
        Chart(
            "slopes",
            title=Words(
                en="How hard each loss pulls at the weighted sum when class one is true",
                zh="真实类别为一时，两种损失对加权和的拉力",
            ),
            x=Axis(Words(en="weighted sum (far left: sure and wrong)", zh="加权和（最左边：十分肯定，而且错了）")),
            y=Axis(Words(en="slope of the loss", zh="损失的斜率")),
            series=tuple(Series(NAMES[i], z, row_slope(LOSSES[i], p, one)) for i in range(2)),
        ),
        Chart(
            "stall",
            title=Words(en="From the same sure and wrong start", zh="从同样肯定而错误的起点出发"),
            x=EPOCH,
            y=ACCURACY,
            series=tuple(Series(NAMES[i], range(1, result.n_epochs + 1), result.accuracies[i]) for i in range(2)),
        ),
        Chart(
            "batches",
            title=Words(en="Cross-entropy of each batch, and of the epoch", zh="每个批次的交叉熵，以及整个轮次的"),
            x=Axis(Words(en="step", zh="步")),
            y=Axis(Words(en="loss", zh="损失"), unit="nat"),
            series=(
                Series(Words(en="batch", zh="批次"), places, result.batches[0, :n_shown].ravel(), kind="points"),
                Series(Words(en="epoch, by the engine", zh="轮次，由引擎给出"), places, means),
            ),
        ),
        Chart(
            "constants",
            title=Words(en="One answer for all patients, by its loss", zh="对所有病人给同一个回答，损失是多少"),
            x=amount,
            y=Axis(Words(en="loss, as a multiple of the lowest", zh="损失，以最小值为单位")),
            series=tuple(
                Series(words, result.constants, losses / losses.min())
                for words, losses in zip(
                    (Words(en="squared error", zh="平方误差"), Words(en="absolute error", zh="绝对误差")),
                    result.constant_losses,
                    strict=True,
                )
            ),
        ),
    )


def _answer(result: Result) -> str:
    if abs(result.lead) < 0.05:
        return "A"
    return "B" if result.lead > 0 else "C"


LESSON = Lesson(
    number=8,
    title=Words(en="Loss", zh="损失"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("start", Words(en="bias at the start", zh="偏置的起点"), -8.0, low=-12.0, high=12.0),
        rate_knob(0.1),
        Knob("batch_size", Words(en="rows of one step", zh="一步用多少条样本"), 32, low=1, high=399),
        epochs_knob(20, high=300),
        Knob(
            "logarithm",
            Words(en="logarithm of the arithmetic by hand", zh="手算用哪种对数"),
            "natural",
            choices=("natural", "ten"),
        ),
        Knob(
            "average",
            Words(en="what the loss of an epoch is the mean of", zh="轮次的损失是对什么取平均"),
            "rows",
            choices=("rows", "batches"),
        ),
        Knob(
            "centre",
            Words(en="which centre a loss is compared with", zh="把损失的答案与哪个中心比较"),
            "own",
            choices=("own", "swapped"),
        ),
    ),
    claims=(
        Claim(
            "rows-equal",
            words=Words(en="Each row's loss by hand is Keras's.", zh="每条样本的损失，手算与 Keras 相等。"),
            quantity=Words(en="largest relative difference, both losses", zh="两种损失中最大的相对差"),
            value=lambda r: r.row_error,
            below=1e-5,
            null={"logarithm": "ten"},
        ),
        Claim(
            "epochs-equal",
            words=Words(
                en="The engine's loss of an epoch is the mean over its rows, each counted when its batch came.",
                zh="引擎报告的轮次损失，是对所有样本取平均，每条样本按轮到它的那一刻计算。",
            ),
            quantity=Words(en="largest relative difference, all epochs", zh="所有轮次中最大的相对差"),
            value=lambda r: r.epoch_error,
            below=1e-4,
            null={"average": "batches"},
        ),
        Claim(
            "wrong-one-stalls",
            words=Words(
                en="From a sure and wrong start, cross-entropy learns and squared error stands still.",
                zh="从肯定而错误的起点出发，交叉熵学得会，平方误差停在原地。",
            ),
            quantity=Words(en="accuracy, cross-entropy − squared error", zh="准确率，交叉熵 − 平方误差"),
            value=lambda r: r.lead,
            above=0.25,
            null={"start": 0.0},
        ),
        Claim(
            "slope-lost",
            words=Words(
                en="There the squared error has nearly no slope.",
                zh="在那里，平方误差几乎没有斜率。",
            ),
            quantity=Words(
                en="slope along the bias, squared error / cross-entropy", zh="沿偏置的斜率，平方误差 / 交叉熵"
            ),
            value=lambda r: r.slope_share,
            below=0.05,
            null={"start": 0.0},
        ),
        Claim(
            "asks-for",
            words=Words(
                en="Squared error asks for the mean, absolute error for the median.",
                zh="平方误差要的是均值，绝对误差要的是中位数。",
            ),
            quantity=Words(
                en="best answer and its centre apart, in standard deviations", zh="最佳回答与其中心的距离，以标准差计"
            ),
            value=lambda r: r.centre_error,
            below=0.05,
            null={"centre": "swapped"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.crossed[3])),
        Exercise(answer=lambda r: float(r.crossed.mean())),
        Exercise(answer=lambda r: float(r.slope_squared[3]), tolerance=0.03),
    ),
    lessons=(5, 6, 7, 11, 33),
    sources=(
        "legendre-1805",
        "good-1952",
        "gneiting-raftery-2007",
        "solla-1988",
        "golik-2013",
        "bridle-1990",
        "street-1993",
        "efron-2004",
    ),
    quick={"epochs": 12},
)
