r"""Lesson 24, backpropagation, part two: every symbol of the notation, pointed at in a live network.

The network and the tumour of lesson 23 are followed once more. The sums are written out exactly as the notation says,
one index at a time, and must be Keras's own for every unseen tumour. Each weight is moved alone, to see which sums
hear of it.

Source:
    street-1993 (data), rumelhart-1986 (whose w_ji puts the end of a connection first; here it is w_kj, as Keras does).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.drawn_net import NODES, dots, layer_axis, nodes
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob
from backlit.lessons.traced import ROW, Followed, follow_unseen, trained
from backlit.views.chart import Axis, Chart, Series

MOVE = 0.1
K, J = 2, 3  # of the weight that is pointed at, in layer 2
OTHER_UNITS = 5  # of an exercise


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        features: Names of the two measurements.
        classes: Names of the two classes.
        net: The tumour's pass.
        n_rows: Unseen tumours that were computed both ways.
        by_symbols: Sums and activations of all of them as the notation says, layer by layer: (z, a).
        by_keras: The same by Keras in float32.
        cost: C of the tumour as the notation says.
        keras_cost: The same by Keras's loss.
        reached: Which sums change when one number moves, (number, sum).
        own_sums: For each of these numbers, how many sums of the layer that it belongs to change.
        keras_moved: Node of layer 2 whose sum changes in Keras when `kernel[1, 2]` does, counted from 1.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    net: Followed
    n_rows: int
    by_symbols: tuple[tuple[np.ndarray, np.ndarray], ...]
    by_keras: tuple[tuple[np.ndarray, np.ndarray], ...]
    cost: float
    keras_cost: float
    reached: np.ndarray
    own_sums: np.ndarray
    keras_moved: int
    move: float = field(default=MOVE)

    @property
    def x(self) -> np.ndarray:
        """The inputs, a^{(0)}."""
        return self.net.a[0]

    @property
    def label(self) -> str:
        """What the tumour is."""
        return self.classes[int(self.net.y.argmax())]

    @property
    def n_layers(self) -> int:
        """L."""
        return self.net.n_layers

    @property
    def n_weights(self) -> int:
        """How many numbers are called w."""
        return sum(w.size for w in self.net.w)

    @property
    def n_biases(self) -> int:
        """How many are called b."""
        return sum(b.size for b in self.net.b)

    @property
    def n_sums(self) -> int:
        """How many are called z; as many are called a, inputs apart."""
        return sum(self.net.widths[1:])

    @property
    def pointed(self) -> float:
        """The weight that is pointed at: from node 2 of layer 1 to node 3 of layer 2."""
        return float(self.net.w[2][K - 1, J - 1])

    @property
    def opposite(self) -> float:
        """The weight with the indices swapped."""
        return float(self.net.w[2][J - 1, K - 1])

    @property
    def difference(self) -> float:
        """Largest difference between notation and Keras over all tumours, sums and activations."""
        return max(
            float(np.abs(ours - theirs).max())
            for one, other in zip(self.by_symbols, self.by_keras, strict=True)
            for ours, theirs in zip(one, other, strict=True)
        )

    @property
    def cost_difference(self) -> float:
        """Between C as the notation says and Keras's loss, as a share of it."""
        return abs(self.cost - self.keras_cost) / self.keras_cost

    @property
    def later_sums(self) -> int:
        """How many sums of later layers hear of the weight that is pointed at."""
        names = [number for number in self.net.numbers() if number[0] == "w"]
        return int(self.reached[names.index(("w", 2, (K - 1, J - 1)))].sum()) - 1


def measure(*, seed: int, row: int, epochs: int, order: str, share: str, moved: str) -> Result:
    """Follows the tumours by the notation and by Keras, then moves one number at a time.

    Args:
        seed: Of the first weights.
        row: Which unseen tumour, counted from the one with the largest loss.
        epochs: Passes over the training rows.
        order: Whether a weight's indices are read `kj` (from, to) or, where that is possible, `jk`.
        share: Whether C is the `mean` over the outputs or their `sum`.
        moved: Whether one `weight` is moved, or a whole `node` of the layer before it.

    Returns:
        The result.
    """
    model, data = trained(seed=seed, epochs=epochs)
    net = follow_unseen(model, data, row=row)
    rows = data.test[0]
    y, a = net.y, _passed(net, net.a[0][None], order=order)[-1][1][0]
    squares = [(a[j] - y[j]) ** 2 for j in range(len(y))]
    numbers = [number for number in net.numbers() if number[0] == "w"]
    reached = np.array([_reached(net, number, moved=moved) for number in numbers])
    starts = np.concatenate([[0], np.cumsum(net.widths[1:])])
    opened = _opened(model)
    return Result(
        features=data.feature_names,
        classes=data.class_names,
        net=net,
        n_rows=len(rows),
        by_symbols=_passed(net, rows.astype(np.float64), order=order),
        by_keras=_by_keras(opened, rows),
        cost=sum(squares) / len(y) if share == "mean" else sum(squares),
        keras_cost=_keras_cost(model, net),
        reached=reached,
        own_sums=np.array(
            [reached[i, starts[layer - 1] : starts[layer]].sum() for i, (_, layer, _) in enumerate(numbers)]
        ),
        keras_moved=_keras_moved(opened, rows),
    )


def _passed(net: Followed, x: np.ndarray, *, order: str = "kj") -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Sums and activations of every layer, one index at a time, as the notation says."""
    found = []
    a = x
    for layer in range(1, net.n_layers + 1):
        w, b = net.w[layer], net.b[layer]
        if order == "jk" and w.shape[0] == w.shape[1]:  # elsewhere Keras itself would object
            w = w.T
        z = np.zeros((len(a), w.shape[1]))
        for j in range(w.shape[1]):
            z[:, j] = b[j]
            for k in range(w.shape[0]):
                z[:, j] += w[k, j] * a[:, k]
        a = 1.0 / (1.0 + np.exp(-z)) if layer == net.n_layers else np.tanh(z)
        found.append((z, a))
    return tuple(found)


def _opened(model: Any) -> Any:
    """The same network in Keras, its sums and activations as outputs of their own."""
    import keras

    last = len(model.layers)
    inputs = a = keras.Input(model.input_shape[1:])
    found = []
    for i, layer in enumerate(model.layers, 1):
        z = keras.layers.Dense(layer.units)(a)
        a = keras.layers.Activation("sigmoid" if i == last else "tanh")(z)
        found += [z, a]
    opened = keras.Model(inputs, found)
    opened.set_weights(model.get_weights())
    return opened


def _by_keras(opened: Any, rows: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    numbers = [np.asarray(part, np.float64) for part in opened(rows)]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _keras_cost(model: Any, net: Followed) -> float:
    import keras

    outputs = model(net.a[0][None].astype(np.float32))
    return float(np.asarray(keras.losses.mean_squared_error(net.y[None].astype(np.float32), outputs))[0])


def _keras_moved(opened: Any, rows: np.ndarray) -> int:
    """Which sum of layer 2 changes in Keras when the entry of its kernel in the second row, third column does."""
    before = _by_keras(opened, rows)[1][0]
    weights = opened.get_weights()
    weights[2][K - 1, J - 1] += MOVE
    opened.set_weights(weights)
    return int(np.abs(_by_keras(opened, rows)[1][0] - before).max(0).argmax()) + 1


def _reached(net: Followed, number: tuple[str, int, tuple[int, ...]], *, moved: str) -> np.ndarray:
    """Which of all sums change when a weight moves, or the node that it comes from."""
    _, layer, (k, _) = number
    values = net.moved(number if moved == "weight" else ("a", layer - 1, (k,)), MOVE)
    places = [i for i, node in enumerate(net.explanation.graph.nodes) if node.symbol.startswith("z")]
    before = net.explanation.trace.values
    return np.concatenate([(values[i] != before[i])[0] for i in places])


def charts(result: Result) -> tuple[Chart, ...]:
    """The weights on the net, all sums and activations, which sums hear of which weight."""
    net = result.net
    largest = max(float(np.abs(w).max()) for w in net.w[1:])
    places = [(layer, place[0] + 1) for _, layer, place in net.numbers("a")]
    labels = tuple(Words(en=f"layer {layer}, node {j}", zh=f"第 {layer} 层节点 {j}") for layer, j in places)
    both = (
        Series(Words(en="sum z", zh="加权和 z"), range(len(places)), np.concatenate(net.z), kind="bars"),
        Series(Words(en="activation a", zh="激活值 a"), range(len(places)), np.concatenate(net.a[1:]), kind="bars"),
    )
    own, later = [], []
    starts = np.concatenate([[0], np.cumsum(net.widths[1:])])
    weights = [number for number in net.numbers() if number[0] == "w"]
    for i, (_, layer, _) in enumerate(weights):
        for at in np.flatnonzero(result.reached[i]):
            (own if starts[layer - 1] <= at < starts[layer] else later).append((i + 1, at + 1))
    return (
        Chart(
            "net",
            title=Words(en="The weights: the more dots, the larger", zh="权重：点越密，数越大"),
            x=layer_axis(net.n_layers),
            y=NODES,
            series=(
                nodes(net.widths),
                dots(Words(en="positive", zh="正"), [np.maximum(w, 0) for w in net.w[1:]], largest=largest),
                dots(Words(en="negative", zh="负"), [np.maximum(-w, 0) for w in net.w[1:]], largest=largest),
            ),
        ),
        Chart(
            "values",
            title=Words(en="Every node of this tumour's pass", zh="这个肿瘤一路上的每个节点"),
            x=Axis(Words(en="node", zh="节点"), labels=labels),
            y=Axis(Words(en="number", zh="数值")),
            series=both,
        ),
        Chart(
            "reach",
            title=Words(en="Which sums hear of a weight", zh="一个权重影响哪些加权和"),
            x=Axis(Words(en="weight, layer by layer", zh="权重，逐层排列")),
            y=Axis(Words(en="sum, layer by layer", zh="加权和，逐层排列")),
            series=(
                Series(Words(en="of its own layer", zh="本层的"), *np.array(own or [(np.nan,) * 2]).T, kind="points"),
                Series(
                    Words(en="of later layers", zh="后面各层的"), *np.array(later or [(np.nan,) * 2]).T, kind="points"
                ),
            ),
        ),
    )


LESSON = Lesson(
    number=24,
    title=Words(en="Backpropagation, part two: notation", zh="反向传播（二）：数学符号"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: {J: "A", K: "B"}.get(r.keras_moved, "C")),
    knobs=(
        ROW,
        epochs_knob(20, high=300),
        Knob("order", Words(en="order of a weight's indices", zh="权重下标的顺序"), "kj", choices=("kj", "jk")),
        Knob(
            "share",
            Words(en="C is the mean over the outputs, or their sum", zh="C 对各输出取平均，还是求和"),
            "mean",
            choices=("mean", "sum"),
        ),
        Knob(
            "moved",
            Words(en="one weight is moved, or the node before it", zh="移动一个权重，还是它前面的节点"),
            "weight",
            choices=("weight", "node"),
        ),
    ),
    claims=(
        Claim(
            "symbols",
            words=Words(
                en="Read as the notation says, every number is Keras's.",
                zh="按这套记号来读，每个数都与 Keras 的相等。",
            ),
            quantity=Words(en="largest difference, all tumours", zh="所有肿瘤中最大的差"),
            value=lambda r: r.difference,
            below=1e-5,
            null={"order": "jk"},
        ),
        Claim(
            "cost",
            words=Words(en="C is Keras's loss.", zh="C 就是 Keras 的损失。"),
            quantity=Words(en="difference, as a share of the loss", zh="两者之差占损失的份额"),
            value=lambda r: r.cost_difference,
            below=1e-4,
            null={"share": "sum"},
        ),
        Claim(
            "own-sum",
            words=Words(
                en="In its own layer, a weight is heard by a single sum.",
                zh="在自己这一层里，一个权重只影响一个加权和。",
            ),
            quantity=Words(en="sums of its layer that change, at most", zh="本层有变化的加权和，最多几个"),
            value=lambda r: int(r.own_sums.max()),
            below=1.5,
            null={"moved": "node"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.net.a[2] @ r.net.w[3][:, 1] + r.net.b[3][1]), tolerance=0.02),
        Exercise(answer=lambda r: float(MOVE * r.net.a[1][K - 1]), tolerance=0.02),
        Exercise(answer=lambda r: (r.net.widths[1] + r.net.widths[3]) * OTHER_UNITS, tolerance=0.0),
    ),
    lessons=(3, 23, 25, 31),
    sources=("street-1993", "rumelhart-1986"),
    quick={"epochs": 5},
)
