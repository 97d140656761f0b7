"""Lesson 2, deep learning: no hidden layer, one wide one and three narrow ones on two spirals wound into each other.

The wide network and the deep one have as many numbers to learn, the same data, steps and rate; only the arrangement
differs. The plane is then coloured by each network's answers, and behind every layer of the deep one a straight cut is
fitted by least squares: how well it parts the spirals there says how far that layer has untangled them.

Source:
    lang-witbrock-1988 (the two spirals), telgarsky-2016 (what depth can say), alain-bengio-2017 (cuts behind layers).
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import softmax

from backlit.language import Words
from backlit.lessons.deep import Weights, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import EPOCH, UNSEEN, curves, epochs_knob, rate_knob, spread_line
from backlit.views.chart import Axis, Chart, Series, Surface

SHAPES = ("line", "wide", "deep")
NAMES = (
    Words(en="no hidden layer", zh="没有隐藏层"),
    Words(en="one hidden layer", zh="一个隐藏层"),
    Words(en="three hidden layers", zh="三个隐藏层"),
)
STRANDS = (Words(en="one spiral", zh="一条螺旋"), Words(en="the other", zh="另一条"))
N_POINTS = 800
N_SEEDS = 5
N_HIDDEN = 3
N_SHOWN = 120  # points of a figure
BATCH_SIZE = 16
PLACES = (0.0, 1.0)  # where the page computes the height of the line
ASKED = 0.5  # the same in an exercise


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        points: Unseen points, (point, 2).
        strands: Which spiral each belongs to.
        curves: Share of the unseen points right after each epoch, (shape, seed, epoch).
        grids: Probability of the second spiral over the plane, for each shape the first seed's network, (y, x).
        across: Places of the grid along the first coordinate.
        along: Places of the grid along the second one.
        cuts: Share of the unseen points that a straight cut gets right behind each layer of the deep network, the
            inputs first, (seed, layer + 1).
        line: Two weights and a bias of the network without hidden layers: one spiral's sum minus the other's.
        units: Neurons of a hidden layer of the deep network.
        wide_units: Neurons of the only hidden layer of the wide one.
        counts: Learnable parameters of each shape.
        n_train: Training points.
        turns: How often each spiral goes round.
    """

    points: np.ndarray
    strands: np.ndarray
    curves: np.ndarray
    grids: np.ndarray
    across: np.ndarray
    along: np.ndarray
    cuts: np.ndarray
    line: np.ndarray
    units: int
    wide_units: int
    counts: tuple[int, ...]
    n_train: int
    turns: float
    n_hidden: int = field(default=N_HIDDEN)
    asked: float = field(default=ASKED)

    @property
    def n_seeds(self) -> int:
        """Networks of each shape."""
        return self.curves.shape[1]

    @property
    def n_epochs(self) -> int:
        """Passes over the training points."""
        return self.curves.shape[2]

    @property
    def n_unseen(self) -> int:
        """Points that judge."""
        return len(self.points)

    @property
    def accuracies(self) -> np.ndarray:
        """Share of the unseen points right after training, (shape, seed)."""
        return self.curves[:, :, -1]

    @property
    def accuracy(self) -> np.ndarray:
        """The same, mean over seeds."""
        return self.accuracies.mean(1)

    @property
    def lowest(self) -> np.ndarray:
        """The same of the worst seed."""
        return self.accuracies.min(1)

    @property
    def lead(self) -> float:
        """Three hidden layers minus one."""
        return float(self.accuracy[2] - self.accuracy[1])

    @property
    def cut(self) -> np.ndarray:
        """Share right by a straight cut behind each layer, mean over seeds."""
        return self.cuts.mean(0)

    @property
    def untangled(self) -> float:
        """What the hidden layers add to it."""
        return float(self.cut[-1] - self.cut[0])

    @property
    def heights(self) -> list[float]:
        """Second coordinate of the line at the places of the page."""
        return [self.height(place) for place in PLACES]

    def height(self, place: float) -> float:
        """Second coordinate of the boundary of the network without hidden layers."""
        return float(-(self.line[0] * place + self.line[2]) / self.line[1])

    @property
    def one_more(self) -> int:
        """Learnable parameters of the deep network with one hidden layer more."""
        return n_parameters([self.units] * (N_HIDDEN + 1))


def n_parameters(hidden: list[int]) -> int:
    """Learnable parameters of a dense network with two inputs and two outputs.

    Args:
        hidden: Neurons of each hidden layer.

    Returns:
        A weight for each connection and a bias for each neuron.

    Example:
        >>> n_parameters([3])    # (2 + 1) · 3 + (3 + 1) · 2
        17
    """
    sizes = [2, *hidden, 2]
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def measure(*, seed: int, turns: float, units: int, activation: str, epochs: int, rate: float) -> Result:
    """Trains the three shapes of network on the same points.

    Args:
        seed: Of the points and of the first weights.
        turns: How often each spiral goes round.
        units: Neurons of a hidden layer of the deep network; the wide one gets as many numbers in all.
        activation: Of the hidden layers.
        epochs: Passes over the training points.
        rate: Learning rate.

    Returns:
        The result.
    """
    import keras

    import backlit as bl
    from backlit.measure import boundary_grid

    data = bl.load("spirals", n=N_POINTS, turns=turns, seed=seed, validation_split=0.3, test_split=0.0)
    wide_units = round((n_parameters([units] * N_HIDDEN) - 2) / 5)  # a neuron of the only layer brings 2 + 1 + 2
    hidden = {"line": [], "wide": [wide_units], "deep": [units] * N_HIDDEN}

    def network(shape: str) -> Any:
        layers = [keras.layers.Dense(n, activation=activation) for n in hidden[shape]]
        return keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(2, activation="softmax")])

    run = bl.fit(
        network,
        data,
        vary={"shape": list(SHAPES)},
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer="adam",
        learning_rate=rate,
        seeds=list(range(seed * N_SEEDS, (seed + 1) * N_SEEDS)),
        save=False,
        verbose=False,
    )
    weights = [[np.asarray(part, np.float64) for part in run.weights(member)] for member in range(len(run))]
    train, unseen = ((np.asarray(x, np.float64), y) for x, y in (data.train, data.validation))

    def second(member: int) -> Any:
        return lambda rows: softmax(forward(weights[member], rows, activation=activation)[0][-1], axis=1)[:, 1]

    grids = [boundary_grid(second(i * N_SEEDS), train[0]) for i in range(len(SHAPES))]
    kernel, bias = weights[0]
    return Result(
        points=unseen[0],
        strands=unseen[1],
        curves=curves(run, "accuracy").reshape(len(SHAPES), N_SEEDS, epochs),
        grids=np.array([grid.values[:, :, 0] for grid in grids]),
        across=grids[0].x,
        along=grids[0].y,
        cuts=np.array([_cuts(weights[2 * N_SEEDS + i], train, unseen, activation=activation) for i in range(N_SEEDS)]),
        line=np.append(kernel[:, 1] - kernel[:, 0], bias[1] - bias[0]),
        units=units,
        wide_units=wide_units,
        counts=tuple(n_parameters(hidden[shape]) for shape in SHAPES),
        n_train=len(train[0]),
        turns=turns,
    )


def straight_cut(train: np.ndarray, labels: np.ndarray, unseen: np.ndarray, unseen_labels: np.ndarray) -> float:
    """Share of unseen rows on the right side of the cut that least squares finds for the training rows.

    Args:
        train: Training rows, (row, feature).
        labels: 0 or 1 for each of them.
        unseen: Rows that judge.
        unseen_labels: 0 or 1 for each of them.

    Returns:
        0 to 1.

    Example:
        >>> rows, labels = np.array([[0.0], [1.0], [4.0], [5.0]]), np.array([0, 0, 1, 1])
        >>> straight_cut(rows, labels, rows, labels)
        1.0
    """
    with_one = [np.column_stack([rows, np.ones(len(rows))]) for rows in (train, unseen)]
    found = np.linalg.lstsq(with_one[0], 2.0 * labels - 1.0, rcond=None)[0]
    return float(((with_one[1] @ found > 0) == (unseen_labels == 1)).mean())


def _cuts(weights: Weights, train: Any, unseen: Any, *, activation: str) -> list[float]:
    """How well a straight cut parts the spirals in the inputs and behind each hidden layer."""
    behind = [forward(weights, rows, activation=activation)[1] for rows, _ in (train, unseen)]
    return [straight_cut(one, train[1], other, unseen[1]) for one, other in zip(*behind, strict=True)]


def charts(result: Result) -> tuple[Chart, ...]:
    """The plane as each shape sees it, accuracy by epoch, straight cuts behind each layer."""
    return (
        *(_plane(result, i) for i in range(len(SHAPES))),
        Chart(
            "epochs",
            title=Words(en="Unseen points, epoch by epoch", zh="未见的点上的准确率，逐轮次"),
            x=EPOCH,
            y=UNSEEN,
            series=tuple(
                Series(NAMES[i], range(1, result.n_epochs + 1), result.curves[i].mean(0)) for i in range(len(SHAPES))
            ),
        ),
        Chart(
            "cuts",
            title=Words(
                en="A straight cut behind each layer of the deep network", zh="在深度网络的每一层之后切一刀直线"
            ),
            x=Axis(Words(en="hidden layer (0: inputs)", zh="隐藏层（0 为输入）")),
            y=UNSEEN,
            series=(spread_line(Words(en="least squares", zh="最小二乘"), range(result.cuts.shape[1]), result.cuts),),
        ),
    )


def _plane(result: Result, shape: int) -> Chart:
    shown = result.points[:N_SHOWN], result.strands[:N_SHOWN]
    return Chart(
        f"plane-{SHAPES[shape]}",
        title=Words(en=f"The plane with {NAMES[shape].en}", zh=f"平面在网络眼中的样子：{NAMES[shape].zh}"),
        x=Axis(Words(en="first coordinate", zh="第一个坐标")),
        y=Axis(Words(en="second coordinate", zh="第二个坐标")),
        series=tuple(Series(STRANDS[i], *shown[0][shown[1] == i].T, kind="points") for i in range(len(STRANDS))),
        surface=Surface(
            Words(en="probability of the other spiral", zh="属于另一条螺旋的概率"),
            result.across,
            result.along,
            result.grids[shape],
        ),
    )


def _answer(result: Result) -> str:
    best = result.accuracy.max()
    if best < 0.75 or result.accuracy[0] > best - 0.02:
        return "A"
    return "C" if abs(result.lead) < 0.02 else "D" if result.lead > 0 else "B"


LESSON = Lesson(
    number=2,
    title=Words(en="Deep learning", zh="深度学习"),
    measure=measure,
    charts=charts,
    guess=Guess("ABCD", answer=_answer),
    knobs=(
        Knob("turns", Words(en="turns of each spiral", zh="每条螺旋转几圈"), 3.0, low=0.05, high=5.0),
        Knob(
            "units", Words(en="neurons of each of the three layers", zh="三个隐藏层各有几个神经元"), 16, low=2, high=48
        ),
        Knob(
            "activation",
            Words(en="activation of the hidden layers", zh="隐藏层的激活函数"),
            "relu",
            choices=("relu", "tanh", "linear"),
        ),
        epochs_knob(120, high=500),
        rate_knob(0.005, high=1.0),
    ),
    claims=(
        Claim(
            "line-fails",
            words=Words(en="A straight line does not part the spirals.", zh="一条直线分不开两条螺旋。"),
            quantity=Words(en="accuracy without hidden layers", zh="没有隐藏层时的准确率"),
            value=lambda r: float(r.accuracy[0]),
            below=0.8,
            null={"turns": 0.1},
        ),
        Claim(
            "depth-parts",
            words=Words(en="Three hidden layers part them.", zh="三个隐藏层分得开。"),
            quantity=Words(en="accuracy with three hidden layers", zh="有三个隐藏层时的准确率"),
            value=lambda r: float(r.accuracy[2]),
            above=0.85,
            null={"activation": "linear"},
        ),
        Claim(
            "deep-beats-wide",
            words=Words(
                en="With as many numbers and steps, three layers get farther than one.",
                zh="数一样多，步数一样多，三层比一层走得更远。",
            ),
            quantity=Words(en="accuracy, three hidden layers − one", zh="准确率，三个隐藏层 − 一个"),
            value=lambda r: r.lead,
            above=0.1,
            null={"turns": 0.1},
        ),
        Claim(
            "untangles",
            words=Words(
                en="Layer by layer, the spirals become separable by a straight cut.",
                zh="一层一层过去，两条螺旋变得一刀就能切开。",
            ),
            quantity=Words(
                en="accuracy of a straight cut, last layer − inputs", zh="一刀切开的准确率，最后一层 − 输入"
            ),
            value=lambda r: r.untangled,
            above=0.15,
            null={"activation": "linear"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.height(ASKED), tolerance=0.03),
        Exercise(answer=lambda r: r.one_more, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.lead * r.n_unseen, tolerance=0.03, spec=".1f"),
    ),
    lessons=(1, 3, 4, 5, 12, 28, 31),
    sources=("lecun-2015", "telgarsky-2016", "alain-bengio-2017", "lang-witbrock-1988", "cybenko-1989"),
)
