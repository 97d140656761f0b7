"""Lesson 28, vanishing and exploding gradients: one factor a layer, multiplied twenty times; and what cures it.

The gradient at every layer is computed by hand (the chain rule in float64) for each activation, start and depth, and is
foretold by one factor a layer. The engine's probe measures it on one of the networks. Then four networks train: one
whose gradient vanishes, one with the right start, and one whose gradient explodes, with and without clipping.

Source:
    hochreiter-1991 and bengio-1994 (the problem), glorot-bengio-2010 (layer by layer), pascanu-2013 (clipping),
    he-2016 (skip connections).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import (
    ACTIVATIONS,
    UNITS,
    Weights,
    backward,
    deep_network,
    draw_weights,
    flat,
    forward,
    mean_length,
    root_mean_square,
    standard_digits,
    weight_spread,
)
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.views.chart import Axis, Chart, Series

GRID = tuple((activation, init) for activation in ("sigmoid", "tanh", "relu") for init in ("normal", "xavier", "he"))
N_SEEDS = 2
N_DRAWS = 3  # of weights, for what is computed by hand
N_ROWS = 128  # that the gradients are computed for
BATCH_SIZE = 32
GROWING_SPREAD = 0.2  # of the weights of the network that explodes; He takes 0.177 for this width
NO_CLIP = 1e30  # a length that no gradient reaches: with and without clipping share one program
SHRINKAGE = 1000  # of an exercise
ARMS = (
    Words(en="vanishing", zh="梯度消失"),
    Words(en="ReLU and He", zh="ReLU 加 He"),
    Words(en="exploding", zh="梯度爆炸"),
    Words(en="exploding, clipped", zh="梯度爆炸，裁剪"),
)


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        activation: Of the network whose gradient is followed.
        init: Its start.
        depth: Hidden layers.
        lengths: Length of its gradient at each hidden layer's output, first to last, by hand.
        probed: The same by the engine's probe, before the first step.
        slopes: Root mean square of the activation's slope in each hidden layer.
        spread: Standard deviation of its weights.
        skipped: Length of the gradient at each layer of the same network with skip connections.
        he_lengths: Length at each layer of the network with ReLU and He.
        normal_lengths: Length at each layer with ReLU and weights of spread one.
        depths: Depths of the grid.
        grid: Length at the first layer / at the last, in powers of ten, (activation and start, depth).
        foretold: The same by one factor a layer.
        curves: Validation accuracy after each epoch, (network, seed, epoch): vanishing, ReLU and He, exploding,
            exploding but clipped.
        losses: Training loss of the last epoch, (network, seed), in nats.
        first_length: Length of the exploding network's whole gradient before its first step.
        n_epochs: Passes over the training rows.
        rate: Learning rate.
        clip: Length above which a gradient is shortened.
    """

    activation: str
    init: str
    depth: int
    lengths: np.ndarray
    probed: np.ndarray
    slopes: np.ndarray
    spread: float
    skipped: np.ndarray
    he_lengths: np.ndarray
    normal_lengths: np.ndarray
    depths: tuple[int, ...]
    grid: np.ndarray
    foretold: np.ndarray
    curves: np.ndarray
    losses: np.ndarray
    first_length: float
    n_epochs: int
    rate: float
    clip: float
    n_units: int = field(default=UNITS)
    growing_spread: float = field(default=GROWING_SPREAD)
    shrinkage: int = field(default=SHRINKAGE)

    @property
    def n_seeds(self) -> int:
        """Networks trained in each of the four ways."""
        return self.losses.shape[1]

    @property
    def ratio(self) -> float:
        """Length of the gradient at the first layer, as a share of that at the last."""
        return float(self.lengths[0] / self.lengths[-1])

    @property
    def factors(self) -> np.ndarray:
        """What each layer but the first multiplied the gradient by on its way back, from the last layer on."""
        return (self.lengths[:-1] / self.lengths[1:])[::-1]

    @property
    def foretold_factors(self) -> np.ndarray:
        """The same by the formula."""
        return (UNITS**0.5 * self.spread * self.slopes[1:])[::-1]

    @property
    def slopes_back(self) -> np.ndarray:
        """Root mean square of the slope, from the last layer on."""
        return self.slopes[::-1]

    @property
    def mean_factor(self) -> float:
        """Geometric mean of the factors; 1 if there is only one layer."""
        return float(self.ratio ** (1 / max(self.depth - 1, 1)))

    @property
    def skip_ratio(self) -> float:
        """The ratio with skip connections."""
        return float(self.skipped[0] / self.skipped[-1])

    @property
    def he_ratio(self) -> float:
        """The ratio with ReLU and He."""
        return float(self.he_lengths[0] / self.he_lengths[-1])

    @property
    def powers(self) -> np.ndarray:
        """Powers of ten by which the gradient changes on its way to the first layer, full depth, as in `GRID`."""
        return self.grid[:, -1]

    @property
    def foretold_error(self) -> float:
        """Powers of ten between formula and measurement, the worst of the grid at full depth."""
        return float(np.abs(self.foretold[:, -1] - self.grid[:, -1]).max())

    @property
    def probe_error(self) -> float:
        """Powers of ten between probe and hand, the worst layer."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.abs(np.log10(self.probed / self.lengths)).max())

    @property
    def accuracy(self) -> np.ndarray:
        """Validation accuracy after training, mean over seeds, for each of the four networks."""
        return self.curves[:, :, -1].mean(1)

    @property
    def loss(self) -> np.ndarray:
        """Training loss of the last epoch, mean over seeds, for each of the four networks."""
        return self.losses.mean(1)


def measure(
    *, seed: int, activation: str, init: str, depth: int, epochs: int, rate: float, clip: float, slope: str
) -> Result:
    """Follows gradients by hand, by the formula and by the probe, then trains.

    Args:
        seed: Of the weights.
        activation: Of the network whose gradient is followed.
        init: Its start: `xavier`, `he` or `normal`.
        depth: Hidden layers.
        epochs: Passes over the training rows.
        rate: Learning rate.
        clip: Length above which a gradient is shortened.
        slope: Whether the chain rule by hand counts the slope of the activation (`with`) or forgets it (`without`).

    Returns:
        The result.
    """
    data = standard_digits()
    rows = flat(*data.train)
    some = (rows[0][:N_ROWS], rows[1][:N_ROWS])
    has_slope = slope == "with"
    depths = tuple(sorted({max(depth // 4, 1), max(depth // 2, 1), depth}))
    grid, foretold = np.zeros((2, len(GRID), len(depths)))
    for i, (function, given) in enumerate(GRID):
        for j, layers in enumerate(depths):
            for draw in range(N_DRAWS):
                weights = draw_weights(np.random.default_rng([seed, draw]), depth=layers, init=given)
                lengths = _lengths(weights, some, function)
                slopes = _slopes(weights, some[0], function) if has_slope else np.ones(layers)
                steps = UNITS**0.5 * weight_spread(given, n_in=UNITS, n_out=UNITS) * slopes[1:]
                grid[i, j] += np.log10(lengths[0] / lengths[-1]) / N_DRAWS
                foretold[i, j] += np.log10(steps).sum() / N_DRAWS

    def start(kind: str, number: int) -> Weights:
        spread = GROWING_SPREAD if kind == "growing" else 1.0
        rng = np.random.default_rng([seed, number])
        return draw_weights(rng, depth=depth, init="normal" if kind == "growing" else kind, scale=spread)

    sick, relu = (deep_network(depth=depth, activation=each) for each in (activation, "relu"))
    settings = {"epochs": epochs, "rate": rate}
    arms = (
        [_train(sick, start(init, i), data, clip=clip, probes=i == 0, **settings) for i in range(N_SEEDS)],
        [_train(relu, start("he", i), data, clip=clip, **settings) for i in range(N_SEEDS)],
        [_train(relu, start("growing", i), data, clip=NO_CLIP, **settings) for i in range(N_SEEDS)],
        [_train(relu, start("growing", i), data, clip=clip, **settings) for i in range(N_SEEDS)],
    )
    followed = start(init, 0)
    return Result(
        activation=activation,
        init=init,
        depth=depth,
        lengths=_lengths(followed, rows, activation, has_slope=has_slope),
        probed=_probed(arms[0][0][2], depth),
        slopes=_slopes(followed, some[0], activation),
        spread=weight_spread(init, n_in=UNITS, n_out=UNITS),
        skipped=_lengths(followed, some, activation, has_skips=True),
        he_lengths=_lengths(start("he", 0), some, "relu"),
        normal_lengths=_lengths(start("normal", 0), some, "relu"),
        depths=depths,
        grid=grid,
        foretold=foretold,
        curves=np.array([[curve for curve, _, _ in arm] for arm in arms]),
        losses=np.array([[loss for _, loss, _ in arm] for arm in arms]),
        first_length=_gradient_length(start("growing", 0), some),
        n_epochs=epochs,
        rate=rate,
        clip=clip,
    )


def _lengths(weights: Weights, rows: tuple[np.ndarray, np.ndarray], activation: str, **how: bool) -> np.ndarray:
    """Length of the gradient at each hidden layer's output."""
    return np.array([mean_length(each) for each in backward(weights, *rows, activation=activation, **how)])


def _slopes(weights: Weights, rows: np.ndarray, activation: str) -> np.ndarray:
    """Root mean square of the activation's slope in each hidden layer."""
    sums, _ = forward(weights, rows, activation=activation)
    return np.array([root_mean_square(ACTIVATIONS[activation][1](each)) for each in sums[:-1]])


def _gradient_length(weights: Weights, rows: tuple[np.ndarray, np.ndarray]) -> float:
    """Length of the whole gradient by the kernels of a network with ReLU, for the mean loss of the rows."""
    sums, outputs = forward(weights, rows[0], activation="relu")
    at_outputs = backward(weights, *rows, activation="relu")
    total = 0.0
    for inputs, own, gradient in zip(outputs, sums, at_outputs, strict=False):  # the last layer's sums are the logits
        total += float(((inputs.T @ (gradient * (own > 0)) / len(rows[1])) ** 2).sum())
    return total**0.5


def _probed(probes: Any, depth: int) -> np.ndarray:
    """The probe's lengths at the hidden layers before the first step, first to last."""
    first = probes.filter((probes["step"] == 0) & (probes["probe"] == "output_gradient_norm"))
    return first["value"].to_numpy()[:depth].astype(float)


def _train(
    model: Any, weights: Weights, data: Any, *, epochs: int, rate: float, clip: float, probes: bool = False
) -> tuple[np.ndarray, float, Any]:
    """Trains from given weights: validation accuracy by epoch, last training loss, and what the probe measured."""
    import backlit as bl

    model.set_weights(weights)
    run = bl.fit(
        model,
        data,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer="sgd",
        learning_rate=rate,
        global_clipnorm=clip,
        metrics=["accuracy"],
        probes=["output_gradient_norm"] if probes else False,
        save=False,
        verbose=False,
    )
    history = run.history
    curves = {}
    for split, metric in (("validation", "accuracy"), ("train", "loss")):
        chosen = history.filter((history["split"] == split) & (history["metric"] == metric))
        curves[metric] = np.full(epochs, np.nan)
        curves[metric][chosen["epoch"].to_numpy() - 1] = chosen["value"].to_numpy()
    return np.nan_to_num(curves["accuracy"], nan=0.1), float(curves["loss"][-1]), run.probes if probes else None


def charts(result: Result) -> tuple[Chart, ...]:
    """Gradients by layer, the grid, factors, accuracy."""
    layers = range(1, result.depth + 1)
    layer = Axis(Words(en="hidden layer, from the input", zh="隐藏层，从输入数起"))
    length = Axis(Words(en="length of the gradient at its output", zh="输出处梯度的长度"), is_log=True)
    name = f"{result.activation}, {result.init}"
    return (
        Chart(
            "layers",
            title=Words(en="The gradient on its way back, before training", zh="训练之前，梯度返回途中"),
            x=layer,
            y=length,
            series=(
                Series(Words(en=name, zh=name), layers, result.lengths),
                Series(Words(en="ReLU, He", zh="ReLU, He"), layers, result.he_lengths),
                Series(Words(en="ReLU, spread one", zh="ReLU，标准差一"), layers, result.normal_lengths),
                Series(Words(en=f"{name}, skips", zh=f"{name}，跳跃连接"), layers, result.skipped),
            ),
        ),
        Chart(
            "probe",
            title=Words(en="The same gradient, by the probe and by hand", zh="同一个梯度：探针与手算"),
            x=layer,
            y=length,
            series=(
                Series(Words(en="by hand", zh="手算"), layers, result.lengths),
                Series(Words(en="by the probe", zh="探针"), layers, result.probed, kind="points"),
            ),
        ),
        Chart(
            "depths",
            title=Words(en="First layer / last layer, by depth", zh="第一层 / 最后一层，随深度变化"),
            x=Axis(Words(en="hidden layers", zh="隐藏层数")),
            y=Axis(Words(en="ratio of the gradients", zh="梯度之比"), unit="log10"),
            series=tuple(
                Series(Words(en=f"{function}, {start}", zh=f"{function}, {start}"), result.depths, result.grid[i])
                for i, (function, start) in enumerate(GRID)
            ),
        ),
        Chart(
            "accuracy",
            title=Words(en="Validation accuracy, epoch by epoch", zh="逐轮次的验证准确率"),
            x=Axis(Words(en="epoch", zh="轮次")),
            y=Axis(Words(en="accuracy", zh="准确率")),
            series=tuple(
                Series(words, range(1, result.n_epochs + 1), curves.mean(0))
                for words, curves in zip(ARMS, result.curves, strict=True)
            ),
        ),
    )


def _answer(result: Result) -> str:
    if result.ratio > 3:
        return "D"
    return "A" if result.ratio > 1 / 3 else "B" if result.ratio > 1e-3 else "C"


LESSON = Lesson(
    number=28,
    title=Words(en="Vanishing and exploding gradients", zh="梯度消失与爆炸"),
    measure=measure,
    charts=charts,
    guess=Guess("ABCD", answer=_answer),
    knobs=(
        Knob(
            "activation",
            Words(en="activation of the network that is followed", zh="所跟踪网络的激活函数"),
            "sigmoid",
            choices=("sigmoid", "tanh", "relu"),
        ),
        Knob("init", Words(en="its start", zh="它的起点"), "xavier", choices=("xavier", "he", "normal")),
        Knob("depth", Words(en="hidden layers", zh="隐藏层数"), 20, low=4, high=40),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 8, low=1, high=40),
        Knob("rate", Words(en="learning rate", zh="学习率"), 0.1, low=1e-6, high=10.0),
        Knob("clip", Words(en="length that clipping allows", zh="裁剪所允许的长度"), 1.0, low=1e-6, high=1e30),
        Knob(
            "slope",
            Words(en="the chain rule with or without the slope", zh="链式法则带不带斜率"),
            "with",
            choices=("with", "without"),
        ),
    ),
    claims=(
        Claim(
            "vanishes",
            words=Words(
                en="Through twenty sigmoids, next to nothing of the gradient arrives.",
                zh="穿过二十层 sigmoid，梯度几乎一点不剩。",
            ),
            quantity=Words(en="first layer / last layer, powers of ten", zh="第一层 / 最后一层，数量级"),
            value=lambda r: float(np.log10(r.ratio)),
            below=-6.0,
            null={"activation": "relu", "init": "he"},
        ),
        Claim(
            "explodes",
            words=Words(
                en="With ReLU and weights of spread one, it grows beyond measure.",
                zh="ReLU 加标准差为一的权重，梯度大得失去控制。",
            ),
            quantity=Words(en="first layer / last layer, powers of ten", zh="第一层 / 最后一层，数量级"),
            value=lambda r: float(r.powers[GRID.index(("relu", "normal"))]),
            above=6.0,
            null={"depth": 4},
        ),
        Claim(
            "product",
            words=Words(en="One factor a layer foretells how much arrives.", zh="每层一个因子，就能预言还剩多少。"),
            quantity=Words(en="powers of ten off, worst of nine networks", zh="相差几个数量级，九个网络中最差的"),
            value=lambda r: r.foretold_error,
            below=0.6,
            null={"slope": "without"},
        ),
        Claim(
            "probe",
            words=Words(
                en="The engine's probe measures the gradient that the chain rule gives.",
                zh="引擎的探针量到的，正是链式法则给出的梯度。",
            ),
            quantity=Words(en="powers of ten off, worst layer", zh="相差几个数量级，最差的一层"),
            value=lambda r: r.probe_error,
            below=0.2,
            null={"slope": "without"},
        ),
        Claim(
            "start-cures",
            words=Words(
                en="Another activation and the start that suits it make the network learn.",
                zh="换一个激活函数和与它相配的起点，网络就学得起来。",
            ),
            quantity=Words(en="validation accuracy, cured − vanishing", zh="验证准确率，治好的 − 消失的"),
            value=lambda r: float(r.accuracy[1] - r.accuracy[0]),
            above=0.4,
            null={"activation": "relu", "init": "he"},
        ),
        Claim(
            "clipping-cures",
            words=Words(en="Clipping lets an exploding network learn.", zh="梯度裁剪让梯度爆炸的网络学起来。"),
            quantity=Words(en="validation accuracy, clipped − not", zh="验证准确率，裁剪 − 不裁剪"),
            value=lambda r: float(r.accuracy[3] - r.accuracy[2]),
            above=0.3,
            null={"clip": 1e9},
        ),
    ),
    exercises=(
        Exercise(
            answer=lambda r: float(np.log(SHRINKAGE) / abs(np.log(r.mean_factor))),
            tolerance=0.05,
        ),
        Exercise(answer=lambda r: min(1.0, r.clip / r.first_length)),
        Exercise(answer=lambda r: (r.depth - 1) * float(np.log10(2))),
    ),
    lessons=(5, 23, 25, 29, 36),
    findings=("G301",),
    sources=("hochreiter-1991", "bengio-1994", "glorot-bengio-2010", "pascanu-2013", "he-2015", "he-2016"),
    quick={"epochs": 5},
)
