"""Lesson 36, batch normalisation: normalise, scale and shift by hand; deep networks with and without; two modes.

One batch of real sums goes through the formula in float64 and through Keras's layer, in both of its modes. Then a deep
network of sigmoids trains with and without normalisation from the same kernels, at three rates. The trained network is
run by hand with either kind of statistics, which shows what the two modes do to a prediction.

Source:
    ioffe-szegedy-2015 (algorithms 1 and 2), santurkar-2018 (what does not explain it).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import ACTIVATIONS, UNITS, Weights, deep_network, draw_weights, flat, forward, standard_digits
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.views.chart import Axis, Chart, Series

RATES = (0.01, 0.1, 1.0)
MAIN = 1  # which of the rates is looked at closely
N_SEEDS = 2
COMPANY_SIZES = (2, 8, 32, 128)
N_COMPANIES = 100
OTHER_NEURON = 1  # of an exercise
FORGOTTEN = 0.01  # of an exercise
PLAIN, NORMALISED = Words(en="without", zh="没有"), Words(en="with normalisation", zh="有归一化")


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        sums: Weighted sums of one batch in the first hidden layer of the trained network, (row, unit).
        scale: Its learnt scale, gamma, for each neuron.
        shift: Its learnt shift, beta, for each neuron.
        epsilon: What is added to a variance before the root is taken.
        momentum: Share of a moving mean that a step keeps.
        by_hand: The batch after the layer by hand, in training mode, (row, unit).
        by_keras: The same by Keras's layer.
        inference_gap: Largest difference between hand and layer in inference mode, after one batch in training mode.
        depth: Hidden layers.
        plain_signal: How much images differ in the sums of each layer, without normalisation, before training.
        signal: The same with normalisation.
        rates: Learning rates.
        accuracies: Validation accuracy after training, (without and with, rate, seed).
        curves: Validation accuracy after each epoch at the middle rate, (without and with, seed, epoch).
        early_batch: Validation accuracy after one epoch by the statistics of the rows themselves, for each seed.
        early_moving: The same by moving statistics, as in inference.
        late_batch: After training by the statistics of the rows themselves, for each seed.
        late_moving: After training by moving statistics, for each seed.
        company_sizes: Batch sizes in which one image was placed among others.
        company: How much its logits vary with the others, root mean square over classes and draws.
        probabilities: Probability of its right class in each of the smallest batches.
        n_epochs: Passes over the training rows.
        steps_per_epoch: Steps of one epoch.
        last_batch: Rows of the last of them.
    """

    sums: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    epsilon: float
    momentum: float
    by_hand: np.ndarray
    by_keras: np.ndarray
    inference_gap: float
    depth: int
    plain_signal: np.ndarray
    signal: np.ndarray
    rates: np.ndarray
    accuracies: np.ndarray
    curves: np.ndarray
    early_batch: np.ndarray
    early_moving: np.ndarray
    late_batch: np.ndarray
    late_moving: np.ndarray
    company_sizes: np.ndarray
    company: np.ndarray
    probabilities: np.ndarray
    n_epochs: int
    steps_per_epoch: int
    last_batch: int
    n_units: int = field(default=UNITS)
    forgotten: float = field(default=FORGOTTEN)

    @property
    def batch_size(self) -> int:
        """Rows of the batch that is followed by hand."""
        return len(self.sums)

    @property
    def n_seeds(self) -> int:
        """Networks of each kind and rate."""
        return self.accuracies.shape[2]

    @property
    def mean(self) -> np.ndarray:
        """Mean of the batch, for each neuron."""
        return self.sums.mean(0)

    @property
    def variance(self) -> np.ndarray:
        """Variance of the batch, for each neuron."""
        return self.sums.var(0)

    @property
    def normalised(self) -> np.ndarray:
        """The batch with mean 0 and variance 1, before scale and shift."""
        return (self.sums - self.mean) / np.sqrt(self.variance + self.epsilon)

    @property
    def training_gap(self) -> float:
        """Largest difference between hand and layer in training mode."""
        return float(np.abs(self.by_hand - self.by_keras).max())

    @property
    def other_output(self) -> float:
        """The first row's output in the neuron of the exercise."""
        return float(self.normalised[0, OTHER_NEURON] * self.scale[OTHER_NEURON] + self.shift[OTHER_NEURON])

    @property
    def plain_ratio(self) -> float:
        """How much images differ in the last layer, as a share of the first, without normalisation."""
        return float(self.plain_signal[-1] / self.plain_signal[0])

    @property
    def ratio(self) -> float:
        """The same with normalisation."""
        return float(self.signal[-1] / self.signal[0])

    @property
    def accuracy(self) -> np.ndarray:
        """Validation accuracy after training, mean over seeds, (without and with, rate)."""
        return self.accuracies.mean(2)

    @property
    def early_by_batch(self) -> float:
        """Accuracy after one epoch by the rows' own statistics, mean over seeds."""
        return float(self.early_batch.mean())

    @property
    def early_by_moving(self) -> float:
        """Accuracy after one epoch by moving statistics, mean over seeds."""
        return float(self.early_moving.mean())

    @property
    def late_by_batch(self) -> float:
        """Accuracy after training by the rows' own statistics, mean over seeds."""
        return float(self.late_batch.mean())

    @property
    def late_by_moving(self) -> float:
        """Accuracy after training by moving statistics, mean over seeds."""
        return float(self.late_moving.mean())

    @property
    def left_over(self) -> float:
        """Share of the moving statistics that is still where they started after the first epoch."""
        return self.momentum**self.steps_per_epoch

    @property
    def lowest_probability(self) -> float:
        """Lowest probability of the image's class among the smallest batches."""
        return float(self.probabilities.min())

    @property
    def highest_probability(self) -> float:
        """Highest of them."""
        return float(self.probabilities.max())


def measure(
    *, seed: int, activation: str, depth: int, epochs: int, batch_size: int, momentum: float, mode: str, divisor: str
) -> Result:
    """Normalises by hand, trains with and without, and compares the two modes.

    Args:
        seed: Of the kernels and of the companies.
        activation: Of the hidden layers.
        depth: Hidden layers.
        epochs: Passes over the training rows.
        batch_size: Rows of one step; the last of an epoch takes what is left.
        momentum: Share of the moving statistics that a step keeps.
        mode: By which statistics one image is predicted among others: `training` or `inference`.
        divisor: Whether the variance by hand divides by the number of rows, `n`, or by one less, `n-1`.

    Returns:
        The result.
    """
    rng = np.random.default_rng(seed)
    data = standard_digits()
    train_rows, _ = flat(*data.train)
    rows, labels = flat(*data.validation)
    plain = deep_network(depth=depth, activation=activation)
    normalised = normalised_network(depth=depth, activation=activation, momentum=momentum)
    fresh = normalised.get_weights()
    starts = [
        draw_weights(np.random.default_rng([seed, number]), depth=depth, init="xavier") for number in range(N_SEEDS)
    ]
    curves = np.empty((2, len(RATES), N_SEEDS, epochs))
    states: list[Weights] = []
    early: list[Weights] = []
    for number, start in enumerate(starts):
        given = _into(fresh, start)
        for i, rate in enumerate(RATES):
            settings = {"epochs": epochs, "rate": rate, "batch_size": batch_size}
            curves[0, i, number], _ = _train(plain, start, data, **settings)
            curves[1, i, number], state = _train(normalised, given, data, **settings)
            if i == MAIN:
                states.append(state)
        early.append(_train(normalised, given, data, epochs=1, rate=RATES[MAIN], batch_size=batch_size)[1])

    epsilon = float(normalised.layers[2].epsilon)

    def accuracy(state: Weights, statistics: str) -> float:
        logits, _ = normalised_forward(state, rows, activation=activation, statistics=statistics, epsilon=epsilon)
        return float((logits.argmax(1) == labels).mean())

    layer = _Layer(states[0][1:5], epsilon=epsilon, momentum=momentum)
    batch = train_rows[rng.choice(len(train_rows), batch_size, replace=False)]
    sums = batch @ states[0][0].astype(float)
    by_hand = layer.train(sums, ddof=0 if divisor == "n" else 1)
    by_keras, then_keras = _through_keras(states[0][1:5], sums, momentum=momentum)

    statistics = "batch" if mode == "training" else "moving"
    logits = [
        np.array(
            [
                normalised_forward(
                    states[0],
                    np.concatenate([rows[:1], train_rows[rng.choice(len(train_rows), size - 1, replace=False)]]),
                    activation=activation,
                    statistics=statistics,
                    epsilon=epsilon,
                )[0][0]
                for _ in range(N_COMPANIES)
            ]
        )
        for size in COMPANY_SIZES
    ]
    some = train_rows[:256]
    return Result(
        sums=sums,
        scale=states[0][1].astype(float),
        shift=states[0][2].astype(float),
        epsilon=epsilon,
        momentum=momentum,
        by_hand=by_hand,
        by_keras=by_keras,
        inference_gap=float(np.abs(layer.infer(sums) - then_keras).max()),
        depth=depth,
        plain_signal=_differences(forward(starts[0], some, activation=activation)[0][:depth]),
        signal=_differences(
            normalised_forward(
                _into(fresh, starts[0]), some, activation=activation, statistics="batch", epsilon=epsilon
            )[1]
        ),
        rates=np.array(RATES),
        accuracies=curves[:, :, :, -1],
        curves=curves[:, MAIN],
        early_batch=np.array([accuracy(state, "batch") for state in early]),
        early_moving=np.array([accuracy(state, "moving") for state in early]),
        late_batch=np.array([accuracy(state, "batch") for state in states]),
        late_moving=np.array([accuracy(state, "moving") for state in states]),
        company_sizes=np.array(COMPANY_SIZES),
        company=np.array([each.std(0) for each in logits]).mean(1),
        probabilities=_softmax(logits[0])[:, labels[0]],
        n_epochs=epochs,
        steps_per_epoch=-(-len(train_rows) // batch_size),
        last_batch=(len(train_rows) - 1) % batch_size + 1,
    )


def normalised_network(*, depth: int, activation: str, momentum: float) -> Any:
    """The deep network of `deep.py` with a normalisation between each weighted sum and its activation.

    Args:
        depth: Hidden layers.
        activation: Of the hidden layers.
        momentum: Share of the moving statistics that a step keeps.

    Returns:
        A built Keras model.
    """
    import keras

    hidden = [
        (
            keras.layers.Dense(UNITS, use_bias=False),  # the mean that is taken away would take a bias with it
            keras.layers.BatchNormalization(momentum=momentum),
            keras.layers.Activation(activation),
        )
        for _ in range(depth)
    ]
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            keras.layers.Flatten(),
            *(layer for three in hidden for layer in three),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def normalised_forward(
    weights: Weights, rows: np.ndarray, *, activation: str, statistics: str, epsilon: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Runs rows through the normalised network, in float64.

    Args:
        weights: For each hidden layer kernel, scale, shift, moving mean, moving variance; then kernel and bias.
        rows: Inputs, (row, feature).
        activation: Of the hidden layers.
        statistics: `batch` normalises by the rows themselves, as in training; `moving` as in inference.
        epsilon: What is added to a variance.

    Returns:
        The logits, and the normalised sums of every hidden layer.

    Source:
        ioffe-szegedy-2015, algorithms 1 and 2.
    """
    signal, seen = rows, []
    for first in range(0, len(weights) - 2, 5):
        kernel, scale, shift, mean, variance = (part.astype(float) for part in weights[first : first + 5])
        sums = signal @ kernel
        if statistics == "batch":
            mean, variance = sums.mean(0), sums.var(0)
        seen.append((sums - mean) / np.sqrt(variance + epsilon) * scale + shift)
        signal = ACTIVATIONS[activation][0](seen[-1])
    return signal @ weights[-2].astype(float) + weights[-1], seen


class _Layer:
    """A normalisation by hand, with its moving statistics."""

    def __init__(self, weights: Weights, *, epsilon: float, momentum: float) -> None:
        self._scale, self._shift, self._mean, self._variance = (part.astype(float) for part in weights)
        self._epsilon, self._momentum = epsilon, momentum

    def train(self, sums: np.ndarray, *, ddof: int) -> np.ndarray:
        """Normalises by the batch, and moves the moving statistics towards it."""
        mean, variance = sums.mean(0), sums.var(0, ddof=ddof)
        keep = self._momentum
        self._mean = keep * self._mean + (1 - keep) * mean
        self._variance = keep * self._variance + (1 - keep) * variance
        return self._normalise(sums, mean, variance)

    def infer(self, sums: np.ndarray) -> np.ndarray:
        """Normalises by the moving statistics."""
        return self._normalise(sums, self._mean, self._variance)

    def _normalise(self, sums: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        return (sums - mean) / np.sqrt(variance + self._epsilon) * self._scale + self._shift


def _through_keras(weights: Weights, sums: np.ndarray, *, momentum: float) -> tuple[np.ndarray, np.ndarray]:
    """The same batch through Keras's layer: first in training mode, then in inference mode."""
    import keras

    layer = keras.layers.BatchNormalization(momentum=momentum)
    layer.build(sums.shape)
    layer.set_weights(weights)
    inputs = sums.astype(np.float32)
    trained = np.asarray(layer(inputs, training=True), float)
    return trained, np.asarray(layer(inputs, training=False), float)


def _into(fresh: Weights, start: Weights) -> Weights:
    """Kernels of a plain start in the places of a fresh normalised network."""
    kernels = iter(start[0::2])
    return [next(kernels) if part.ndim == 2 else part for part in fresh]


def _in_keras_order(split: Weights, alike: Weights) -> Weights:
    """Weights that come with the learnt ones first, as Keras lists them: each hidden layer with its own statistics.

    A normalised layer learns three arrays (kernel, scale, shift) and keeps two (moving mean and variance).
    """
    if len(split) % 5 != 2 or [part.ndim for part in alike[:3]] != [2, 1, 1]:
        return split  # nothing but kernels and biases, which all learn
    depth = len(split) // 5
    learnt, kept = split[: 3 * depth], split[3 * depth + 2 :]
    layers = [part for i in range(depth) for part in (*learnt[3 * i : 3 * i + 3], *kept[2 * i : 2 * i + 2])]
    return [*layers, *split[3 * depth : 3 * depth + 2]]


def _differences(sums: list[np.ndarray]) -> np.ndarray:
    """How much rows differ in each layer: standard deviation over rows, mean over neurons."""
    return np.array([each.std(0).mean() for each in sums])


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _train(
    model: Any, weights: Weights, data: Any, *, epochs: int, rate: float, batch_size: int
) -> tuple[np.ndarray, Weights]:
    """Trains from given weights: validation accuracy by epoch, and the weights at the end in the model's own order."""
    import backlit as bl

    model.set_weights(weights)
    run = bl.fit(
        model,
        data,
        epochs=epochs,
        batch_size=batch_size,
        optimizer="sgd",
        learning_rate=rate,
        metrics=["accuracy"],
        save=False,
        verbose=False,
    )
    history = run.history
    chosen = history.filter((history["split"] == "validation") & (history["metric"] == "accuracy"))
    curve = np.full(epochs, np.nan)
    curve[chosen["epoch"].to_numpy() - 1] = chosen["value"].to_numpy()
    return np.nan_to_num(curve, nan=0.1), _in_keras_order(run.weights(0), weights) if run.finished else weights


def charts(result: Result) -> tuple[Chart, ...]:
    """Signals by layer, accuracy by rate and by epoch, one image in company."""
    accuracy = Axis(Words(en="validation accuracy", zh="验证准确率"))
    kinds = (PLAIN, NORMALISED)
    return (
        Chart(
            "signals",
            title=Words(
                en="How much images differ in each layer, before training", zh="训练之前，各层里图像之间的差别"
            ),
            x=Axis(Words(en="hidden layer", zh="隐藏层")),
            y=Axis(Words(en="standard deviation over images", zh="图像之间的标准差"), is_log=True),
            series=(
                Series(PLAIN, range(1, result.depth + 1), result.plain_signal),
                Series(NORMALISED, range(1, result.depth + 1), result.signal),
            ),
        ),
        Chart(
            "rates",
            title=Words(en="Validation accuracy after training, by rate", zh="训练之后的验证准确率与学习率"),
            x=Axis(Words(en="learning rate", zh="学习率"), is_log=True),
            y=accuracy,
            series=tuple(
                Series(words, result.rates, own.mean(1), lo=own.min(1), hi=own.max(1))
                for words, own in zip(kinds, result.accuracies, strict=True)
            ),
        ),
        Chart(
            "epochs",
            title=Words(en="Validation accuracy, epoch by epoch (inference mode)", zh="逐轮次的验证准确率（推断模式）"),
            x=Axis(Words(en="epoch", zh="轮次")),
            y=accuracy,
            series=tuple(
                Series(words, range(1, result.n_epochs + 1), own.mean(0))
                for words, own in zip(kinds, result.curves, strict=True)
            ),
        ),
        Chart(
            "company",
            title=Words(
                en="One image among others: how much its logits vary", zh="同一张图像，不同的同伴：输出变动多少"
            ),
            x=Axis(Words(en="batch size", zh="批量大小"), is_log=True),
            y=Axis(Words(en="standard deviation of a logit", zh="logit 的标准差")),
            series=(Series(Words(en="measured", zh="实测"), result.company_sizes, result.company),),
        ),
    )


LESSON = Lesson(
    number=36,
    title=Words(en="Batch normalisation", zh="批量归一化"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: "B" if r.company[0] > 1e-6 else "A"),
    knobs=(
        Knob(
            "activation",
            Words(en="activation of the hidden layers", zh="隐藏层的激活函数"),
            "sigmoid",
            choices=("sigmoid", "tanh", "relu"),
        ),
        Knob("depth", Words(en="hidden layers", zh="隐藏层数"), 10, low=1, high=20),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 8, low=1, high=40),
        Knob("batch_size", Words(en="rows of one step", zh="一步用多少条样本"), 64, low=2, high=1257),
        Knob(
            "momentum",
            Words(en="share of the moving mean that a step keeps", zh="每步保留移动平均的多少"),
            0.95,
            low=0.0,
            high=0.999,
        ),
        Knob(
            "mode",
            Words(en="mode in which one image meets others", zh="一张图像与同伴相遇时的模式"),
            "training",
            choices=("training", "inference"),
        ),
        Knob(
            "divisor",
            Words(en="what the variance by hand divides by", zh="手算方差时除以什么"),
            "n",
            choices=("n", "n-1"),
        ),
    ),
    claims=(
        Claim(
            "by-hand",
            words=Words(
                en="Normalise, scale, shift: by hand as in Keras's layer.",
                zh="归一化、缩放、平移：手算与 Keras 的层一致。",
            ),
            quantity=Words(en="largest difference, training mode", zh="训练模式下最大的差"),
            value=lambda r: r.training_gap,
            below=1e-4,
            null={"divisor": "n-1"},
        ),
        Claim(
            "signal-dies",
            words=Words(
                en="Without normalisation, the differences between images die away.",
                zh="没有归一化，图像之间的差别逐层消失。",
            ),
            quantity=Words(en="difference in the last layer / in the first", zh="最后一层的差别 / 第一层的差别"),
            value=lambda r: r.plain_ratio,
            below=0.001,
            null={"depth": 1},
        ),
        Claim(
            "deep-learns",
            words=Words(
                en="With normalisation a deep network of sigmoids learns; without, it does not.",
                zh="有归一化，深的 sigmoid 网络学得起来；没有就不行。",
            ),
            quantity=Words(
                en="validation accuracy, with − without, middle rate", zh="验证准确率，有 − 没有，居中的学习率"
            ),
            value=lambda r: float(r.accuracy[1, MAIN] - r.accuracy[0, MAIN]),
            above=0.4,
            null={"depth": 1},
        ),
        Claim(
            "many-rates",
            words=Words(
                en="It learns at every one of three rates that lie a factor of ten apart.",
                zh="三个相差十倍的学习率，用哪个它都学得起来。",
            ),
            quantity=Words(en="worst accuracy of the three, with − without", zh="三者中最差的准确率，有 − 没有"),
            value=lambda r: float(r.accuracy[1].min() - r.accuracy[0].min()),
            above=0.3,
            null={"depth": 1},
        ),
        Claim(
            "modes-differ",
            words=Words(
                en="Early on, the moving statistics lag behind, and inference fails where training is fine.",
                zh="起初移动统计量跟不上，训练模式没有问题，推断模式却失灵。",
            ),
            quantity=Words(
                en="accuracy after one epoch, by the batch − by moving statistics",
                zh="一个轮次后的准确率，用批次统计量 − 用移动统计量",
            ),
            value=lambda r: r.early_by_batch - r.early_by_moving,
            above=0.2,
            null={"momentum": 0.5},
        ),
        Claim(
            "company",
            words=Words(
                en="In training mode, the answer for an image depends on the others in its batch.",
                zh="在训练模式下，一张图像的答案取决于同一批里的其他图像。",
            ),
            quantity=Words(en="standard deviation of a logit, smallest batch", zh="logit 的标准差，最小的批次"),
            value=lambda r: float(r.company[0]),
            above=0.2,
            null={"mode": "inference"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.other_output),
        Exercise(answer=lambda r: float(np.log(FORGOTTEN) / np.log(max(r.momentum, 1e-9))), tolerance=0.03),
        Exercise(answer=lambda r: 2 * UNITS * r.depth, tolerance=0.0, spec=".0f"),
    ),
    lessons=(9, 28, 29, 32, 34, 35),
    sources=("ioffe-szegedy-2015", "santurkar-2018", "glorot-bengio-2010"),
    quick={"epochs": 6},
)
