"""Lesson 3, artificial neural networks: the 2-3-2 net on one sample, every weighted sum by hand and by Keras.

Two measurements of a tumour go in, three hidden neurons (ReLU) and two outputs (softmax) follow. The network is
trained by backlit on real data, so that its weights mean something; then one unseen row is followed through it.

Source:
    street-1993 (data), rumelhart-1986 (the network), nair-hinton-2010 (ReLU), bridle-1990 (softmax).
"""

from dataclasses import dataclass, replace

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.views.chart import Axis, Chart, Series, Surface

COLUMNS = (0, 1)  # mean radius, mean texture
N_HIDDEN = 3
RATE = 0.1


@dataclass(frozen=True)
class Pass:
    """Every number on the way from the inputs to the probabilities; one row for each sample.

    Attributes:
        hidden_sums: Weighted sums of the hidden neurons, (sample, 3).
        hidden: What the hidden neurons hand on, (sample, 3).
        output_sums: Weighted sums of the outputs, (sample, 2).
        probabilities: After softmax, (sample, 2).
    """

    hidden_sums: np.ndarray
    hidden: np.ndarray
    output_sums: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        features: Names of the two measurements.
        classes: Names of the two classes.
        rows: Inputs of the test rows, standardised, (sample, 2).
        labels: Their classes.
        row: Which of them is followed.
        w1: Weights from input i to hidden neuron j, (2, 3).
        b1: Biases of the hidden neurons.
        w2: Weights from hidden neuron j to output k, (3, 2).
        b2: Biases of the outputs.
        by_hand: The numbers by plain arithmetic in float64, with what the knob leaves out.
        by_keras: The numbers by Keras in float32.
        n_parameters: Keras's count of what the network learns.
        accuracy: Share of the test rows that Keras's network classifies rightly.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    rows: np.ndarray
    labels: np.ndarray
    row: int
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    by_hand: Pass
    by_keras: Pass
    n_parameters: int
    accuracy: float

    @property
    def x(self) -> np.ndarray:
        """The two inputs that are followed."""
        return self.rows[self.row]

    @property
    def z(self) -> np.ndarray:
        """Weighted sums of the hidden neurons, by hand."""
        return self.by_hand.hidden_sums[self.row]

    @property
    def h(self) -> np.ndarray:
        """What the hidden neurons hand on, by hand."""
        return self.by_hand.hidden[self.row]

    @property
    def s(self) -> np.ndarray:
        """Weighted sums of the outputs, by hand."""
        return self.by_hand.output_sums[self.row]

    @property
    def p(self) -> np.ndarray:
        """Probabilities, by hand."""
        return self.by_hand.probabilities[self.row]

    @property
    def keras_z(self) -> np.ndarray:
        """Weighted sums of the hidden neurons, by Keras."""
        return self.by_keras.hidden_sums[self.row]

    @property
    def keras_p(self) -> np.ndarray:
        """Probabilities, by Keras."""
        return self.by_keras.probabilities[self.row]

    @property
    def n_rows(self) -> int:
        """How many rows were computed both ways."""
        return len(self.rows)

    @property
    def n_connections(self) -> int:
        """How many weights, biases apart."""
        return self.w1.size + self.w2.size

    @property
    def n_biases(self) -> int:
        """How many biases."""
        return self.b1.size + self.b2.size

    @property
    def predicted(self) -> str:
        """The class with the larger probability, by Keras."""
        return self.classes[int(self.keras_p.argmax())]

    @property
    def label(self) -> str:
        """The true class."""
        return self.classes[int(self.labels[self.row])]

    @property
    def off_frac(self) -> float:
        """Share of the hidden neurons' sums, over all rows, that are negative: there the neuron is silent."""
        return float((self.by_keras.hidden_sums < 0).mean())

    def difference(self, name: str) -> float:
        """Largest difference between hand and Keras over all rows, relative to numbers larger than 1."""
        hand, keras = getattr(self.by_hand, name), getattr(self.by_keras, name)
        return float((np.abs(hand - keras) / np.maximum(1.0, np.abs(keras))).max())


def measure(*, seed: int, row: int, epochs: int, leave_out: str) -> Result:
    """Trains the network and follows the test rows through it twice.

    Args:
        seed: Of the first weights.
        row: Which test row is followed in detail.
        epochs: Passes over the training rows.
        leave_out: What the arithmetic by hand forgets: nothing, bias, relu or softmax.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.lessons.networks import two_three_two

    data = bl.load("breast-cancer")
    data = replace(
        data,
        inputs=np.ascontiguousarray(data.inputs[:, COLUMNS]),
        feature_names=tuple(data.feature_names[i] for i in COLUMNS),
        preparation=None,
        recipe=None,
    )
    run = bl.fit(
        two_three_two(),
        data,
        epochs=epochs,
        optimizer="sgd",
        learning_rate=RATE,
        seeds=[seed],
        save=False,
        verbose=False,
    )
    model = run.model
    rows, labels = data.test
    w1, b1, w2, b2 = (np.asarray(weight, np.float64) for weight in model.get_weights())
    return Result(
        features=data.feature_names,
        classes=data.class_names,
        rows=rows.astype(np.float64),
        labels=labels,
        row=min(row, len(rows) - 1),
        w1=w1,
        b1=b1,
        w2=w2,
        b2=b2,
        by_hand=by_hand(rows.astype(np.float64), w1, b1, w2, b2, leave_out=leave_out),
        by_keras=_by_keras(rows, model),
        n_parameters=model.count_params(),
        accuracy=float((np.asarray(model(rows)).argmax(1) == labels).mean()),
    )


def by_hand(
    x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray, *, leave_out: str = "nothing"
) -> Pass:
    """The forward pass by multiplication and addition, one neuron after another.

    Args:
        x: Inputs, (sample, 2).
        w1: Weights into the hidden layer, (2, 3).
        b1: Its biases.
        w2: Weights into the output layer, (3, 2).
        b2: Its biases.
        leave_out: nothing, bias, relu or softmax.

    Returns:
        Every number.

    Example:
        >>> one = np.ones((2, 2))
        >>> by_hand(np.array([[1.0, 2.0]]), one, np.array([-5.0, 1.0]), one, np.zeros(2)).hidden
        array([[0., 4.]])
    """
    bias = 0.0 if leave_out == "bias" else 1.0
    hidden_sums = np.empty((len(x), w1.shape[1]))
    for j in range(w1.shape[1]):
        hidden_sums[:, j] = bias * b1[j]
        for i in range(w1.shape[0]):
            hidden_sums[:, j] += w1[i, j] * x[:, i]
    hidden = hidden_sums if leave_out == "relu" else np.maximum(0.0, hidden_sums)
    output_sums = np.empty((len(x), w2.shape[1]))
    for k in range(w2.shape[1]):
        output_sums[:, k] = bias * b2[k]
        for j in range(w2.shape[0]):
            output_sums[:, k] += w2[j, k] * hidden[:, j]
    exponentials = np.exp(output_sums - output_sums.max(1, keepdims=True))
    shares = exponentials / exponentials.sum(1, keepdims=True)
    return Pass(hidden_sums, hidden, output_sums, output_sums if leave_out == "softmax" else shares)


def _by_keras(rows: np.ndarray, model: object) -> Pass:
    """Keras's own numbers: the same weights in a network whose sums and activations are layers of their own."""
    import keras

    sums1, hidden = keras.layers.Dense(N_HIDDEN), keras.layers.Activation("relu")
    sums2, shares = keras.layers.Dense(2), keras.layers.Activation("softmax")
    inputs = keras.Input((2,))
    a = sums1(inputs)
    b = hidden(a)
    c = sums2(b)
    opened = keras.Model(inputs, [a, b, c, shares(c)])
    opened.set_weights(model.get_weights())  # pyright: ignore[reportAttributeAccessIssue]  a keras.Model
    numbers = [np.asarray(part, np.float64) for part in opened(rows)]
    numbers[3] = np.asarray(model(rows), np.float64)  # pyright: ignore[reportCallIssue]  the network itself
    return Pass(*numbers)


def charts(result: Result) -> tuple[Chart, ...]:
    """What each input adds to each hidden sum; hand beside Keras; the network's answer over the plane."""
    neurons = tuple(Words(en=f"hidden {j + 1}", zh=f"隐藏神经元 {j + 1}") for j in range(N_HIDDEN))
    places = range(N_HIDDEN)
    parts = [
        Series(Words(en=f"w × {name}", zh=f"w × {name}"), places, result.w1[i] * result.x[i], kind="bars")
        for i, name in enumerate(result.features)
    ]
    parts.append(Series(Words(en="bias", zh="偏置"), places, result.b1, kind="bars"))
    sums = Axis(Words(en="part of the weighted sum", zh="加权和的组成部分"))
    stages = (*neurons, *(Words(en=f"P({name})", zh=f"P({name})") for name in result.classes))
    hand = np.concatenate([result.z, result.p])
    keras = np.concatenate([result.keras_z, result.keras_p])
    both = (
        Series(Words(en="by hand", zh="手算"), range(len(stages)), hand, kind="bars"),
        Series(Words(en="Keras", zh="Keras"), range(len(stages)), keras, kind="bars"),
    )
    return (
        Chart(
            "parts",
            title=Words(en="What each connection adds to a hidden neuron", zh="每条连接给隐藏神经元贡献了多少"),
            x=Axis(Words(en="neuron", zh="神经元"), labels=neurons),
            y=sums,
            series=tuple(parts),
        ),
        Chart(
            "agreement",
            title=Words(en="By hand and by Keras", zh="手算与 Keras 对照"),
            x=Axis(Words(en="number", zh="数值"), labels=stages),
            y=Axis(Words(en="weighted sum, then probability", zh="加权和，最后是概率")),
            series=both,
        ),
        _plane(result),
    )


def _plane(result: Result) -> Chart:
    low, high = result.rows.min(0) - 0.3, result.rows.max(0) + 0.3
    xs, ys = np.linspace(low[0], high[0], 60), np.linspace(low[1], high[1], 40)
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    height = by_hand(grid, result.w1, result.b1, result.w2, result.b2).probabilities[:, 1].reshape(40, 60)
    points = tuple(
        Series(Words(en=name, zh=name), *result.rows[result.labels == k].T, kind="points")
        for k, name in enumerate(result.classes)
    )
    name = result.classes[1]
    return Chart(
        "plane",
        title=Words(en="The answer of the whole network", zh="整个网络的回答"),
        x=Axis(Words(en=result.features[0], zh=result.features[0]), unit="σ"),
        y=Axis(Words(en=result.features[1], zh=result.features[1]), unit="σ"),
        series=points,
        surface=Surface(Words(en=f"P({name})", zh=f"P({name})"), xs, ys, height),
    )


LESSON = Lesson(
    number=3,
    title=Words(en="Artificial neural networks", zh="人工神经网络"),
    measure=measure,
    charts=charts,
    guess=Guess(
        "ABC",
        answer=lambda r: {2 + N_HIDDEN + 2: "A", r.n_connections: "B"}.get(r.n_parameters, "C"),
    ),
    knobs=(
        Knob("row", Words(en="which unseen row is followed", zh="跟踪哪一条未见过的样本"), 1, low=0, high=84),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 20, low=0, high=300),
        Knob(
            "leave_out",
            Words(en="what the arithmetic by hand forgets", zh="手算时漏掉什么"),
            "nothing",
            choices=("nothing", "bias", "relu", "softmax"),
        ),
    ),
    claims=(
        Claim(
            "sums-equal",
            words=Words(en="Every weighted sum by hand is Keras's.", zh="每个加权和，手算与 Keras 相等。"),
            quantity=Words(en="largest relative difference, all rows", zh="所有样本中最大的相对差"),
            value=lambda r: max(r.difference("hidden_sums"), r.difference("output_sums")),
            below=1e-6,
            null={"leave_out": "bias"},
        ),
        Claim(
            "activations-equal",
            words=Words(en="What each neuron hands on is Keras's.", zh="每个神经元的输出，手算与 Keras 相等。"),
            quantity=Words(en="largest relative difference, all rows", zh="所有样本中最大的相对差"),
            value=lambda r: r.difference("hidden"),
            below=1e-6,
            null={"leave_out": "relu"},
        ),
        Claim(
            "shares-of-one",
            words=Words(en="The two outputs are shares of one whole.", zh="两个输出之和为一，是概率。"),
            quantity=Words(en="largest distance of their sum from 1", zh="两者之和与 1 的最大距离"),
            value=lambda r: float(np.abs(r.by_hand.probabilities.sum(1) - 1).max()),
            below=1e-6,
            null={"leave_out": "softmax"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.z[1]), tolerance=0.01),
        Exercise(answer=lambda r: float(r.w1[0, 2]), tolerance=0.01),
        Exercise(answer=lambda r: (r.w1.shape[0] + 1) * 6 + (6 + 1) * r.w2.shape[1], tolerance=0.0),
    ),
    lessons=(4, 5, 6, 7, 30, 31),
    sources=("mcculloch-pitts-1943", "rosenblatt-1958", "rumelhart-1986", "nair-hinton-2010", "bridle-1990"),
    quick={"epochs": 5},
)
