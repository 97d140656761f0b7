"""Lesson 31, learnable parameters: a dense network counted by formula, by Keras and by backlit, then watched learning.

Counting is arithmetic, so the experiment asks what the count means: which of the numbers training really moves, how
many more the optimiser keeps, how the count grows with the width, and what the width is worth on real digits.

Source:
    rumelhart-1986 (weights and biases that learn), kingma-2015 (what Adam keeps), zhang-2017 (more numbers than rows),
    ioffe-szegedy-2015 (numbers that are kept but not learned), alpaydin-kaynak-1998 (data).
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import Weights, draw_weights, flat, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import UNSEEN, epochs_knob, rate_knob
from backlit.views.chart import Axis, Chart, Series

N_PIXELS, N_CLASSES = 64, 10
WIDTHS = (2, 4, 8, 16, 64)  # of the networks that are compared
COUNTED = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)  # of those that are only counted
NETWORKS = ((2, 3, 2), (8, 6, 6, 4), (784, 128, 10))
BYTES = 4  # of a number in thirty-two bits
OTHER_UNITS = 100  # of an exercise


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        units: Neurons of a hidden layer of the network for digits.
        hidden_layers: Its hidden layers.
        by_formula: Learnable parameters of the small networks and of the one for digits, by the formula.
        by_keras: The same by Keras.
        by_backlit: The same by `explain.parameters`.
        shape_formulas: What `explain.parameters` writes for the layers of the network for digits.
        first_layer: Numbers into the first hidden layer of the network for digits.
        n_dead: Pixels that are zero in every training image.
        n_unmoved: Numbers of the network for digits that training left exactly as they were.
        n_dead_moved: Weights from pixels that are always zero that training moved all the same.
        n_kept: Numbers that the optimiser keeps besides.
        accuracy: Share of the unseen digits right for each width; trained in plain NumPy.
        counts: Learnable parameters for each of these widths.
        n_train: Training rows.
        with_normalisation: Numbers of a network with batch normalisation: in all, learnable, not learnable.
        frozen: The same once its first dense layer is frozen.
    """

    units: int
    hidden_layers: int
    by_formula: tuple[int, ...]
    by_keras: tuple[int, ...]
    by_backlit: tuple[int, ...]
    shape_formulas: tuple[str, ...]
    first_layer: int
    n_dead: int
    n_unmoved: int
    n_dead_moved: int
    n_kept: int
    accuracy: np.ndarray
    counts: tuple[int, ...]
    n_train: int
    with_normalisation: tuple[int, int, int]
    frozen: tuple[int, int, int]
    other_units: int = field(default=OTHER_UNITS)
    n_bytes: int = field(default=BYTES)

    @property
    def n_parameters(self) -> int:
        """Learnable parameters of the network for digits, by Keras."""
        return self.by_keras[-1]

    @property
    def between_layers(self) -> int:
        """Numbers between two of its hidden layers."""
        return (self.units + 1) * self.units

    @property
    def last_layer(self) -> int:
        """Numbers into its output layer."""
        return (self.units + 1) * N_CLASSES

    @property
    def hidden_steps(self) -> int:
        """How often one hidden layer follows another."""
        return self.hidden_layers - 1

    @property
    def n_neurons(self) -> int:
        """Neurons that compute something."""
        return self.hidden_layers * self.units + N_CLASSES

    @property
    def count_error(self) -> int:
        """Largest difference between formula, Keras and backlit over all networks."""
        rows = zip(self.by_formula, self.by_keras, self.by_backlit, strict=True)
        return max(max(row) - min(row) for row in rows)

    @property
    def growth(self) -> float:
        """How many times more numbers the network has with twice as many neurons in each hidden layer."""
        return count(digit_sizes(2 * self.units, self.hidden_layers)) / count(
            digit_sizes(self.units, self.hidden_layers)
        )

    @property
    def n_dead_weights(self) -> int:
        """Weights from pixels that are always zero."""
        return self.n_dead * self.units

    @property
    def unmoved_frac(self) -> float:
        """Share of the numbers that training did not move."""
        return self.n_unmoved / self.n_parameters

    @property
    def dead_moved_frac(self) -> float:
        """Share of the weights from dead pixels that training moved."""
        return self.n_dead_moved / max(1, self.n_dead_weights)

    @property
    def kept_ratio(self) -> float:
        """Numbers that the optimiser keeps for each learnable parameter."""
        return self.n_kept / self.n_parameters

    @property
    def weight_bytes(self) -> int:
        """Bytes of the network's numbers in thirty-two bits."""
        return BYTES * self.n_parameters

    @property
    def training_bytes(self) -> int:
        """Bytes of numbers, gradients and what the optimiser keeps."""
        return BYTES * (2 * self.n_parameters + self.n_kept)

    @property
    def gain(self) -> float:
        """Accuracy of the widest network minus that of the narrowest."""
        return float(self.accuracy[-1] - self.accuracy[0])

    @property
    def last_gain(self) -> float:
        """Accuracy of the widest network minus that of the next one."""
        return float(self.accuracy[-1] - self.accuracy[-2])

    @property
    def per_row(self) -> float:
        """Learnable parameters of the widest network for each training row."""
        return self.counts[-1] / self.n_train

    @property
    def one_more(self) -> int:
        """Learnable parameters with one more hidden layer."""
        return count(digit_sizes(self.units, self.hidden_layers + 1))

    @property
    def doubled(self) -> int:
        """Learnable parameters with twice as many neurons in each hidden layer."""
        return count(digit_sizes(2 * self.units, self.hidden_layers))


def count(sizes: tuple[int, ...], *, forget: str = "nothing") -> int:
    """Learnable parameters of a dense network.

    Args:
        sizes: Inputs, neurons of each layer, outputs.
        forget: nothing, or biases.

    Returns:
        A weight for each connection, and a bias for each neuron that computes.

    Example:
        >>> count((2, 3, 2))    # (2 + 1) 3 + (3 + 1) 2
        17
        >>> count((2, 3, 2), forget="biases")
        12
    """
    one = 0 if forget == "biases" else 1
    return sum((n_in + one) * n_out for n_in, n_out in pairwise(sizes))


def digit_sizes(units: int, hidden_layers: int) -> tuple[int, ...]:
    """Sizes of the network for digits.

    Args:
        units: Neurons of a hidden layer.
        hidden_layers: How many.

    Returns:
        Inputs, neurons of each layer, outputs.

    Example:
        >>> digit_sizes(32, 2)
        (64, 32, 32, 10)
    """
    return (N_PIXELS, *[units] * hidden_layers, N_CLASSES)


def measure(
    *,
    seed: int,
    units: int,
    hidden_layers: int,
    inputs: str,
    optimizer: str,
    forget: str,
    epochs: int,
    rate: float,
) -> Result:
    """Counts several networks, trains one and looks which numbers moved, then trains several widths.

    Args:
        seed: Of the first weights.
        units: Neurons of a hidden layer of the network for digits.
        hidden_layers: Its hidden layers.
        inputs: Whether pixels lie from `zero` to one, or are `shifted` to mean zero all together.
        optimizer: adam or sgd.
        forget: What the formula forgets: nothing or biases.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    import keras

    import backlit as bl
    from backlit.explain import parameters

    def network(width: int) -> Any:
        hidden = [keras.layers.Dense(width, activation="relu") for _ in range(hidden_layers)]
        flat = [keras.Input((8, 8, 1)), keras.layers.Flatten()]
        return keras.Sequential([*flat, *hidden, keras.layers.Dense(N_CLASSES, activation="softmax")])

    data = bl.load("digits")
    pixels = data.inputs[data.splits.train].reshape(len(data.splits.train), -1)
    if inputs == "shifted":
        data = replace(data, inputs=data.inputs - pixels.mean(), recipe=None)
    settings: dict[str, Any] = {
        "epochs": epochs,
        "optimizer": optimizer,
        "learning_rate": rate,
        "loss": "sparse_categorical_crossentropy",
    }

    def drawn(width: int, *which: int) -> Weights:
        return draw_weights(np.random.default_rng([seed, *which]), depth=hidden_layers, init="xavier", units=width)

    model = network(units)
    first = [part.astype(np.float32) for part in drawn(units)]
    model.set_weights(first)
    one = bl.fit(model, data, save=False, verbose=False, **settings)
    is_moved = [np.asarray(new) != old for new, old in zip(one.weights(0), first, strict=True)]
    is_dead = (pixels == 0).all(0)
    unseen, labels = flat(*data.test)
    accuracies = []
    for width in WIDTHS:
        other = network(width)
        other.set_weights(drawn(width, width))
        fitted = bl.reference.fit(other, data, **settings)
        sums = forward(list(fitted.weights), unseen, activation="relu")[0][-1]
        accuracies.append(float((sums.argmax(1) == labels).mean()))
    small = [
        keras.Sequential([keras.Input((sizes[0],)), *(keras.layers.Dense(n) for n in sizes[1:])]) for sizes in NETWORKS
    ]
    all_sizes = (*NETWORKS, digit_sizes(units, hidden_layers))
    found = [parameters(each) for each in (*small, model)]
    dense = [layer for layer in found[-1].layers if layer.count]
    return Result(
        units=units,
        hidden_layers=hidden_layers,
        by_formula=tuple(count(sizes, forget=forget) for sizes in all_sizes),
        by_keras=tuple(each.count_params() for each in (*small, model)),
        by_backlit=tuple(each.total for each in found),
        shape_formulas=(dense[0].formula, dense[-1].formula),
        first_layer=dense[0].count,
        n_dead=int(is_dead.sum()),
        n_unmoved=sum(int((~part).sum()) for part in is_moved),
        n_dead_moved=int(is_moved[0][is_dead].sum()),
        n_kept=_numbers_kept(one),
        accuracy=np.array(accuracies),
        counts=tuple(count(digit_sizes(width, hidden_layers)) for width in WIDTHS),
        n_train=len(pixels),
        **_not_learned(units),
    )


def _numbers_kept(run: Any) -> int:
    """Numbers of the optimiser's state that belong to single parameters; its rate and its counter are left out."""
    state = [np.asarray(part) for part in run.trained.groups[0].result.optimizer]  # (member, …)
    return sum(part.size for part in state if part.ndim > 1)


def _not_learned(units: int) -> dict[str, Any]:
    """A network with batch normalisation, as it is and with its first layer frozen."""
    import keras

    from backlit.explain import parameters

    first = keras.layers.Dense(units)
    model = keras.Sequential(
        [
            keras.Input((N_PIXELS,)),
            first,
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
            keras.layers.Dense(N_CLASSES, activation="softmax"),
        ]
    )
    before = parameters(model)
    first.trainable = False
    after = parameters(model)
    return {
        name: (found.total, found.trainable, found.fixed)
        for name, found in (("with_normalisation", before), ("frozen", after))
    }


def charts(result: Result) -> tuple[Chart, ...]:
    """The count by width, accuracy by count, what became of the numbers."""
    width = Axis(Words(en="neurons of a hidden layer", zh="每个隐藏层的神经元数"), is_log=True)
    numbers = Axis(Words(en="learnable parameters", zh="可学习参数"), is_log=True)
    depths = (
        (1, Words(en="one hidden layer", zh="一个隐藏层")),
        (2, Words(en="two", zh="两个")),
        (3, Words(en="three", zh="三个")),
    )
    moved = result.n_parameters - result.n_unmoved
    fates = (
        (Words(en="moved", zh="改变了"), moved),
        (Words(en="not moved", zh="没有变"), result.n_unmoved),
        (Words(en="from dead pixels", zh="来自恒为零的像素"), result.n_dead_weights),
        (Words(en="kept by the optimiser", zh="优化器另存的"), result.n_kept),
    )
    return (
        Chart(
            "growth",
            title=Words(en="How the count grows with the width", zh="参数个数怎样随宽度增长"),
            x=width,
            y=numbers,
            series=tuple(
                Series(words, COUNTED, [count(digit_sizes(n, depth)) for n in COUNTED]) for depth, words in depths
            ),
        ),
        Chart(
            "worth",
            title=Words(en="What more numbers are worth", zh="参数更多，值多少"),
            x=numbers,
            y=UNSEEN,
            series=(Series(Words(en="trained network", zh="训练过的网络"), result.counts, result.accuracy),),
        ),
        Chart(
            "fates",
            title=Words(en="What became of the numbers", zh="这些数后来怎样了"),
            x=Axis(Words(en="numbers", zh="数"), labels=tuple(words for words, _ in fates)),
            y=Axis(Words(en="how many", zh="个数")),
            series=(
                Series(
                    Words(en="network for digits", zh="识别数字的网络"),
                    range(len(fates)),
                    [float(n) for _, n in fates],
                    kind="bars",
                ),
            ),
        ),
    )


def _answer(result: Result) -> str:
    if result.growth < 2.1:
        return "A"
    return "B" if result.growth < 3.95 else "C"


LESSON = Lesson(
    number=31,
    title=Words(en="Learnable parameters", zh="可学习参数"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("units", Words(en="neurons of a hidden layer", zh="每个隐藏层的神经元数"), 32, low=1, high=256),
        Knob("hidden_layers", Words(en="hidden layers", zh="隐藏层数"), 2, low=1, high=6),
        Knob("inputs", Words(en="where the pixels lie", zh="像素的取值"), "zero", choices=("zero", "shifted")),
        Knob("optimizer", Words(en="optimiser", zh="优化器"), "adam", choices=("adam", "sgd")),
        Knob(
            "forget",
            Words(en="what the formula forgets", zh="公式漏掉什么"),
            "nothing",
            choices=("nothing", "biases"),
        ),
        epochs_knob(8, high=100),
        rate_knob(0.005, high=1.0),
    ),
    claims=(
        Claim(
            "counts-equal",
            words=Words(
                en="(Inputs + one) times neurons, summed over the layers, is Keras's count and backlit's.",
                zh="每层（输入数 + 一）× 神经元数，加起来就是 Keras 和 backlit 数出的个数。",
            ),
            quantity=Words(en="largest difference, four networks", zh="四个网络中最大的差"),
            value=lambda r: r.count_error,
            below=0.5,
            null={"forget": "biases"},
        ),
        Claim(
            "grows-faster",
            words=Words(
                en="Twice as many neurons in each hidden layer make more than twice as many numbers.",
                zh="每个隐藏层的神经元加倍，参数不止加倍。",
            ),
            quantity=Words(en="count with twice the neurons / count", zh="神经元加倍后的个数 / 原来的个数"),
            value=lambda r: r.growth,
            above=2.3,
            null={"hidden_layers": 1},
        ),
        Claim(
            "dead-inputs",
            words=Words(
                en="Weights from pixels that are always zero never move.",
                zh="来自恒为零的像素的权重从来不动。",
            ),
            quantity=Words(en="share of them that moved", zh="其中动了的比例"),
            value=lambda r: r.dead_moved_frac,
            below=0.01,
            null={"inputs": "shifted"},
        ),
        Claim(
            "adam-keeps-two",
            words=Words(en="Adam keeps two more numbers for each parameter.", zh="Adam 为每个参数另外保存两个数。"),
            quantity=Words(en="numbers kept / parameters", zh="另存的数 / 参数"),
            value=lambda r: r.kept_ratio,
            above=1.9,
            null={"optimizer": "sgd"},
        ),
        Claim(
            "width-helps",
            words=Words(en="Too few numbers cannot tell ten digits apart.", zh="参数太少，分不清十个数字。"),
            quantity=Words(en="accuracy, widest − narrowest", zh="准确率，最宽 − 最窄"),
            value=lambda r: r.gain,
            above=0.15,
            null={"rate": 0.0},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.one_more, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.doubled, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.n_dead * OTHER_UNITS, tolerance=0.0, spec=".0f"),
    ),
    lessons=(3, 12, 29, 30, 32, 36),
    sources=("rumelhart-1986", "kingma-2015", "zhang-2017", "ioffe-szegedy-2015", "alpaydin-kaynak-1998"),
    quick={"epochs": 5},
)
