"""Lesson 29, weight initialisation: zeros, unit normal, Xavier and He, through twenty layers and through training.

How the size of a signal changes from layer to layer is computed twice: by sending real digits through drawn weights in
plain NumPy, and by one multiplication a layer from the papers. Then the engine trains the same network from all of
these starts; as they differ in weights alone, they share one compiled program.

Source:
    glorot-bengio-2010 (Xavier), he-2015 (He), lecun-1998 (why the spread must suit the number of inputs).
"""

from dataclasses import dataclass, field

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import (
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

INITS = ("zeros", "normal", "xavier", "he")
NAMES = (
    Words(en="zeros", zh="全零"),
    Words(en="normal, spread 1", zh="正态，标准差 1"),
    Words(en="Xavier", zh="Xavier"),
    Words(en="He", zh="He"),
)
N_SEEDS = 3
N_DRAWS = 8  # of weights, for the signals; training costs more than arithmetic
BATCH_SIZE = 32
N_ROWS = 256  # that the signals are made of
MORE_LAYERS = 10  # of an exercise


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        activation: Of the hidden layers.
        depth: Hidden layers.
        signals: Size of a signal (root mean square) behind each layer, the inputs first, (init, draw, depth + 1).
        predicted: The same by the formula of the papers for ReLU, (init, depth + 1).
        gradients: Length of the gradient at each hidden layer's output, first to last, (init, draw, depth).
        curves: Share of the validation rows that are right after each epoch, (init, seed, epoch).
        losses: Training loss of the last epoch, (init, seed), in nats.
        n_moved: Numbers that training from zeros changed.
        n_parameters: Learnable parameters of the network.
        n_epochs: Passes over the training rows.
        rate: Learning rate.
        row: Inputs of one real row.
        kernel: Weights into the first hidden neuron, from the first He draw; empty without hidden layers.
    """

    activation: str
    depth: int
    signals: np.ndarray
    predicted: np.ndarray
    gradients: np.ndarray
    curves: np.ndarray
    losses: np.ndarray
    n_moved: int
    n_parameters: int
    n_epochs: int
    rate: float
    row: np.ndarray
    kernel: np.ndarray
    n_units: int = field(default=UNITS)
    more_layers: int = field(default=MORE_LAYERS)

    @property
    def n_seeds(self) -> int:
        """Networks trained from each start."""
        return self.losses.shape[1]

    @property
    def spreads(self) -> list[float]:
        """Standard deviation of the hidden layers' weights, for each start."""
        return [weight_spread(init, n_in=UNITS, n_out=UNITS) for init in INITS]

    @property
    def factors(self) -> np.ndarray:
        """What the formula multiplies a signal by in one layer, for each start."""
        return np.array([relu_factor(spread) for spread in self.spreads])

    @property
    def signal(self) -> np.ndarray:
        """Size of a signal behind each layer, (init, depth + 1), geometric mean over the draws."""
        return _geometric_mean(self.signals)

    @property
    def gradient(self) -> np.ndarray:
        """Length of the gradient at each hidden layer, (init, depth), geometric mean over the draws."""
        return _geometric_mean(self.gradients)

    @property
    def last(self) -> np.ndarray:
        """Size of a signal behind the last hidden layer, as a multiple of the inputs', for each start."""
        return self.signal[:, -1] / self.signal[:, 0]

    @property
    def last_predicted(self) -> np.ndarray:
        """The same by the formula."""
        return self.predicted[:, -1] / self.predicted[:, 0]

    @property
    def formula_error(self) -> float:
        """Powers of ten between formula and measurement behind the last layer, the worst of the drawn starts."""
        with np.errstate(divide="ignore"):
            return float(np.abs(np.log10(self.last[1:] / self.last_predicted[1:])).max())

    @property
    def accuracy(self) -> np.ndarray:
        """Share of the validation rows that are right after training, mean over seeds, for each start."""
        return self.curves[:, :, -1].mean(1)

    @property
    def loss(self) -> np.ndarray:
        """Training loss of the last epoch, mean over seeds, for each start."""
        return self.losses.mean(1)

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of equal probabilities for ten classes, in nats."""
        return float(np.log(10))

    @property
    def moved_frac(self) -> float:
        """Share of the numbers that training from zeros changed."""
        return self.n_moved / self.n_parameters

    @property
    def he_spread(self) -> float:
        """Standard deviation of He's weights for layers of this width."""
        return self.spreads[3]

    @property
    def row_square(self) -> float:
        """Sum of the squares of one row's inputs."""
        return float((self.row**2).sum())

    @property
    def expected_sum(self) -> float:
        """Standard deviation of a weighted sum of this row over He's weights."""
        return self.he_spread * self.row_square**0.5

    @property
    def one_sum(self) -> float:
        """The weighted sum of this row in the first hidden neuron."""
        return float(self.row @ self.kernel) if len(self.kernel) else 0.0


def relu_factor(spread: float) -> float:
    """What a layer with ReLU multiplies the size of a signal by, on average over weights.

    Args:
        spread: Standard deviation of its weights.

    Returns:
        Root of (inputs × variance / 2).

    Source:
        he-2015, equations 7 to 9.
    """
    return (UNITS * spread**2 / 2) ** 0.5


def measure(*, seed: int, activation: str, depth: int, epochs: int, rate: float) -> Result:
    """Sends digits through drawn weights, then trains from all starts.

    Args:
        seed: Of the weights.
        activation: Of the hidden layers.
        depth: Hidden layers.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    data = standard_digits()
    rows, labels = (part[:N_ROWS] for part in flat(*data.train))
    draws = [
        [draw_weights(np.random.default_rng([seed, draw]), depth=depth, init=init) for draw in range(N_DRAWS)]
        for init in INITS
    ]
    signals = np.array(
        [
            [
                [root_mean_square(each) for each in forward(weights, rows, activation=activation)[1]]
                for weights in of_init
            ]
            for of_init in draws
        ]
    )
    gradients = np.array(
        [
            [
                [mean_length(each) for each in backward(weights, rows, labels, activation=activation)[:depth]]
                for weights in of_init
            ]
            for of_init in draws
        ]
    ).reshape(len(INITS), N_DRAWS, depth)

    model = deep_network(depth=depth, activation=activation)
    trained = [
        [_train(model, weights, data, epochs=epochs, rate=rate) for weights in of_init[: N_SEEDS if i else 1]]
        for i, of_init in enumerate(draws)
    ]
    trained[0] *= N_SEEDS  # zeros are zeros, whatever the seed
    after = trained[0][0][2]
    return Result(
        activation=activation,
        depth=depth,
        signals=signals,
        predicted=root_mean_square(rows)
        * np.array(
            [
                [relu_factor(weight_spread(init, n_in=UNITS, n_out=UNITS)) ** i for i in range(depth + 1)]
                for init in INITS
            ]
        ),
        gradients=gradients,
        curves=np.array([[curve for curve, _, _ in of_init] for of_init in trained]),
        losses=np.array([[loss for _, loss, _ in of_init] for of_init in trained]),
        n_moved=sum(int((part != 0).sum()) for part in after),
        n_parameters=sum(part.size for part in after),
        n_epochs=epochs,
        rate=rate,
        row=rows[0],
        kernel=draws[3][0][0][:, 0] if depth else np.zeros(0),
    )


def _train(
    model: object, weights: Weights, data: object, *, epochs: int, rate: float
) -> tuple[np.ndarray, float, Weights]:
    """Trains from given weights: the curve of validation accuracy, the last training loss, the weights at the end.

    A diverged network keeps its last numbers: the loss is then NaN, and the rows are as good as guessed.
    """
    import backlit as bl

    model.set_weights(weights)  # pyright: ignore[reportAttributeAccessIssue]  a Keras model
    run = bl.fit(
        model,
        data,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer="sgd",
        learning_rate=rate,
        metrics=["accuracy"],
        save=False,
        verbose=False,
    )
    history = run.history
    curves = {}
    for split, metric in (("validation", "accuracy"), ("train", "loss")):
        chosen = history.filter((history["split"] == split) & (history["metric"] == metric))
        curves[metric] = np.full(epochs, np.nan)
        curves[metric][chosen["epoch"].to_numpy() - 1] = chosen["value"].to_numpy()
    end = run.weights(0) if run.finished else weights
    return np.nan_to_num(curves["accuracy"], nan=0.1), float(curves["loss"][-1]), end


def _geometric_mean(values: np.ndarray) -> np.ndarray:
    """Over the draws, the second axis; zero where a value is zero."""
    with np.errstate(divide="ignore"):
        return np.exp(np.log(values).mean(1))


def charts(result: Result) -> tuple[Chart, ...]:
    """Signals forward, gradients backward, accuracy by epoch, and where training ends."""
    layer = Axis(Words(en="layer (0: inputs)", zh="层（0 为输入）"))
    drawn = range(1, len(INITS))  # zeros have no logarithm
    return (
        Chart(
            "signals",
            title=Words(
                en="Size of the signal behind each layer, before training", zh="训练之前，每一层之后信号的大小"
            ),
            x=layer,
            y=Axis(Words(en="root mean square", zh="均方根"), is_log=True),
            series=tuple(
                Series(
                    NAMES[i],
                    range(result.depth + 1),
                    result.signal[i],
                    lo=result.signals[i].min(0),
                    hi=result.signals[i].max(0),
                )
                for i in drawn
            ),
        ),
        Chart(
            "gradients",
            title=Words(en="Length of the gradient at each layer, before training", zh="训练之前，每一层梯度的长度"),
            x=Axis(Words(en="hidden layer", zh="隐藏层")),
            y=Axis(Words(en="length of the gradient", zh="梯度的长度"), is_log=True),
            series=tuple(Series(NAMES[i], range(1, result.depth + 1), result.gradient[i]) for i in drawn),
        ),
        Chart(
            "accuracy",
            title=Words(en="Validation accuracy, epoch by epoch", zh="逐轮次的验证准确率"),
            x=Axis(Words(en="epoch", zh="轮次")),
            y=Axis(Words(en="accuracy", zh="准确率")),
            series=tuple(
                Series(NAMES[i], range(1, result.n_epochs + 1), result.curves[i].mean(0)) for i in range(len(INITS))
            ),
        ),
        Chart(
            "ends",
            title=Words(en="Validation accuracy after training", zh="训练之后的验证准确率"),
            x=Axis(Words(en="start", zh="起点"), labels=NAMES),
            y=Axis(Words(en="accuracy", zh="准确率")),
            series=(
                Series(Words(en="mean of the seeds", zh="各随机种子的均值"), range(4), result.accuracy, kind="bars"),
            ),
        ),
    )


def _log_ratio(value: float) -> float:
    """Powers of ten; minus infinity is a number that no claim accepts."""
    with np.errstate(divide="ignore"):
        return float(np.log10(value))


LESSON = Lesson(
    number=29,
    title=Words(en="Weight initialisation", zh="权重初始化"),
    measure=measure,
    charts=charts,
    guess=Guess("ABCD", answer=lambda r: "ABCD"[int(r.accuracy.argmax())]),
    knobs=(
        Knob(
            "activation",
            Words(en="activation of the hidden layers", zh="隐藏层的激活函数"),
            "relu",
            choices=("relu", "tanh", "sigmoid", "linear"),
        ),
        Knob("depth", Words(en="hidden layers", zh="隐藏层数"), 20, low=0, high=40),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 10, low=1, high=40),
        Knob("rate", Words(en="learning rate", zh="学习率"), 0.01, low=1e-6, high=10.0),
    ),
    claims=(
        Claim(
            "formula",
            words=Words(
                en="One multiplication a layer predicts the signal behind the last layer.",
                zh="每层一次乘法，就能预言最后一层之后信号的大小。",
            ),
            quantity=Words(en="powers of ten off, worst of the drawn starts", zh="相差几个数量级，取最差的一种起点"),
            value=lambda r: r.formula_error,
            below=0.5,
            null={"activation": "tanh"},
        ),
        Claim(
            "normal-explodes",
            words=Words(en="Weights of spread one blow the signal up.", zh="标准差为一的权重使信号爆炸。"),
            quantity=Words(en="signal behind the last layer / inputs, powers of ten", zh="最后一层之后 / 输入，数量级"),
            value=lambda r: _log_ratio(r.last[1]),
            above=6.0,
            null={"activation": "tanh"},
        ),
        Claim(
            "xavier-shrinks",
            words=Words(en="Behind ReLU, Xavier lets the signal die away.", zh="在 ReLU 之后，Xavier 让信号渐渐消失。"),
            quantity=Words(en="signal behind the last layer / inputs", zh="最后一层之后的信号 / 输入"),
            value=lambda r: float(r.last[2]),
            below=0.02,
            null={"activation": "linear"},
        ),
        Claim(
            "he-keeps",
            words=Words(en="Behind ReLU, He keeps the signal's size.", zh="在 ReLU 之后，He 保持信号的大小。"),
            quantity=Words(en="powers of ten gained or lost by the last layer", zh="到最后一层增减了几个数量级"),
            value=lambda r: abs(_log_ratio(r.last[3])),
            below=0.5,
            null={"activation": "linear"},
        ),
        Claim(
            "zeros-stay",
            words=Words(
                en="From zeros, training moves next to nothing in a network with hidden layers.",
                zh="从零出发，有隐藏层的网络几乎什么也动不了。",
            ),
            quantity=Words(en="share of the numbers that training changed", zh="训练改变的数所占比例"),
            value=lambda r: r.moved_frac,
            below=0.01,
            null={"depth": 0},
        ),
        Claim(
            "he-learns",
            words=Words(
                en="Of the four starts, He learns and Xavier hardly begins.",
                zh="四种起点之中，He 学会了，Xavier 几乎没有开始。",
            ),
            quantity=Words(en="validation accuracy, He − Xavier", zh="验证准确率，He − Xavier"),
            value=lambda r: float(r.accuracy[3] - r.accuracy[2]),
            above=0.25,
            null={"activation": "tanh"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.spreads[2] * r.row_square**0.5),
        Exercise(answer=lambda r: r.factors[2] ** (r.depth + MORE_LAYERS), tolerance=0.03),
        Exercise(answer=lambda r: r.n_parameters - r.n_moved, tolerance=0.0, spec=".0f"),
    ),
    lessons=(5, 9, 28, 31, 36),
    sources=("glorot-bengio-2010", "he-2015", "lecun-1998"),
    quick={"epochs": 6},
)
