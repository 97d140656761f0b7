"""Lesson 22, max pooling: by hand, what it saves, and how much it forgives a shift; average pooling beside it.

Three convolutional networks learn digits that stand in the middle of a larger image: one without pooling, one with max
pooling, one with average pooling. Then they are asked about the same unseen digits moved by a pixel or two, which none
of them has ever seen. The maps of one digit are pooled by hand, and by Keras's layer.

Source:
    scherer-2010 (both kinds compared), lecun-1989 (smaller maps, behind a convolution), zhang-2019 (shifts).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import UNSEEN, epochs_knob
from backlit.views.chart import Axis, Chart, Series, Surface

DIGIT, SIZE = 8, 12  # sides of a digit and of the image around it, in pixels
MARGIN = (SIZE - DIGIT) // 2
WINDOW = 3
N_FILTERS = 8
N_SEEDS = 3
FARTHEST = 2  # pixels by which a digit is moved
NONE, POOLED, AVERAGED = 0, 1, 2
ARMS = (
    Words(en="no pooling", zh="无池化"),
    Words(en="max pooling", zh="最大池化"),
    Words(en="average pooling", zh="平均池化"),
)


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        map: The liveliest map of the first convolution for one unseen digit, in the network with max pooling.
        by_hand: Pooled by hand, (row, column).
        by_keras: Pooled by Keras's layer.
        written: The arithmetic of the window that is followed, in LaTeX.
        other_window: The numbers of another window, row by row.
        window: Side of the pooling window.
        kind: How the second network pools.
        n_parameters: Of each network.
        sides: Side of the map behind each block, from the image on, (without and with pooling, block).
        accuracies: On unseen digits, (arm, seed, shift down, shift across); shifts from -2 to 2 pixels.
        changes: How much the numbers that the output layer sees change when a digit moves by one pixel, as a share of
            their length, mean over unseen digits and eight directions, for each arm.
        other_side: Of an exercise: side of an image.
        n_epochs: Passes over the training rows.
    """

    map: np.ndarray
    by_hand: np.ndarray
    by_keras: np.ndarray
    written: str
    other_window: np.ndarray
    window: int
    kind: str
    n_parameters: tuple[int, int, int]
    sides: np.ndarray
    accuracies: np.ndarray
    changes: np.ndarray
    other_side: int
    n_epochs: int
    n_filters: int = field(default=N_FILTERS)
    side: int = field(default=SIZE)
    farthest: int = field(default=FARTHEST)

    @property
    def n_seeds(self) -> int:
        """Networks of each kind."""
        return self.accuracies.shape[1]

    @property
    def moved(self) -> np.ndarray:
        """Accuracy by distance: 0, 1 and 2 pixels, mean over directions, (arm, seed, distance)."""
        far = _distances()
        return np.stack([self.accuracies[:, :, far == distance].mean(2) for distance in range(FARTHEST + 1)], 2)

    @property
    def accuracy(self) -> np.ndarray:
        """The same, mean over seeds, (arm, distance)."""
        return self.moved.mean(1)

    @property
    def gain(self) -> float:
        """What pooling is worth for digits moved by one pixel, in percentage points."""
        return 100 * float(self.accuracy[POOLED, 1] - self.accuracy[NONE, 1])

    @property
    def lead(self) -> float:
        """How far it is ahead of average pooling there, in percentage points."""
        return 100 * float(self.accuracy[POOLED, 1] - self.accuracy[AVERAGED, 1])

    @property
    def gap(self) -> float:
        """Largest difference between hand and Keras over the pooled map."""
        return float(np.abs(self.by_hand - self.by_keras).max())

    @property
    def peak(self) -> float:
        """Largest number of the map."""
        return float(self.map.max())

    @property
    def peak_by_hand(self) -> float:
        """Largest number of the map pooled by hand."""
        return float(self.by_hand.max())

    @property
    def kept(self) -> float:
        """How much of the peak is left, as a share."""
        return self.peak_by_hand / self.peak

    @property
    def kept_by_mean(self) -> float:
        """How much of it average pooling leaves."""
        n = self.map.shape[0] // self.window
        cut = self.map[: n * self.window, : n * self.window]
        return float(cut.reshape(n, self.window, n, self.window).mean((1, 3)).max()) / self.peak

    @property
    def saved(self) -> float:
        """Parameters of the network with pooling, as a share of the one without."""
        return self.n_parameters[POOLED] / self.n_parameters[NONE]

    @property
    def last_sides(self) -> np.ndarray:
        """Side of the map that the output layer sees, (without and with pooling)."""
        return self.sides[:, -1]

    @property
    def n_seen(self) -> np.ndarray:
        """Numbers that the output layer sees, (without and with pooling)."""
        return self.last_sides**2 * N_FILTERS

    @property
    def n_products(self) -> np.ndarray:
        """Multiplications of the second convolution for one image, (without and with pooling before it)."""
        return self.sides[:, 1] ** 2 * WINDOW**2 * N_FILTERS**2

    @property
    def n_other_seen(self) -> int:
        """Numbers that the output layer of the exercise sees."""
        return (self.other_side // self.window // self.window) ** 2 * N_FILTERS

    @property
    def other_numbers(self) -> str:
        """The numbers of the other window, written out."""
        return ", ".join(f"{value:.4f}" for value in self.other_window)


def measure(*, seed: int, window: int, kind: str, epochs: int, by_hand: str) -> Result:
    """Trains with and without pooling, moves digits, and pools one map by hand.

    Args:
        seed: First of the seeds; also draws the exercise.
        window: Side of the pooling window, which moves by its own size; 1 pools nothing.
        kind: How the second network pools: `max` or `average`.
        epochs: Passes over the training rows.
        by_hand: What is kept of a window by hand: the `largest` number, the `mean`, or the `first`.

    Returns:
        The result.
    """
    import backlit as bl

    data = bl.load("digits")
    unseen = data.splits.validation
    labels = data.targets[unseen]
    shifts = [(down, across) for down in _SHIFTS for across in _SHIFTS]
    moved = np.concatenate([placed(data.inputs[unseen], *shift) for shift in shifts])
    middle = replace(data, inputs=placed(data.inputs, 0, 0), recipe=None)
    networks = [network(pools, window) for pools in ("none", kind, "average")]
    accuracies = np.empty((len(ARMS), N_SEEDS, len(_SHIFTS), len(_SHIFTS)))
    changes = np.empty(len(ARMS))
    weights: list[np.ndarray] = []
    for arm, (model, pools) in enumerate(zip(networks, ("none", kind, "average"), strict=True)):
        run = bl.fit(
            model,
            middle,
            epochs=epochs,
            learning_rate=0.003,
            seeds=list(range(seed, seed + N_SEEDS)),
            save=False,
            verbose=False,
        )
        for number in range(N_SEEDS):
            said = np.asarray(run.predict(moved, member=number)).argmax(1)
            right = said.reshape(len(shifts), -1) == labels
            accuracies[arm, number] = right.mean(1).reshape(len(_SHIFTS), -1)
        changes[arm] = _change(run.weights(0), data.inputs[unseen], pools, window)
        if arm == POOLED:
            weights = run.weights(0)

    maps = convolved(placed(data.inputs[unseen][:1], 0, 0), weights[0], weights[1])[0].astype(float)
    chosen = maps[..., maps.std((0, 1)).argmax()]
    pooled = bl.explain.pooling(chosen, size=window, kind="average" if by_hand == "mean" else "max")
    if by_hand == "first":
        pooled = replace(pooled, output=chosen[::window, ::window][: len(pooled.output), : len(pooled.output)])
    spreads = [position.patch.std() for position in pooled]
    first, second = np.argsort(spreads, kind="stable")[::-1][:2]
    return Result(
        map=chosen,
        by_hand=pooled.output,
        by_keras=_by_keras(chosen, window),
        written=bl.explain.pooling(chosen, size=window).positions[first].latex,
        other_window=pooled.positions[second].patch.ravel(),
        window=window,
        kind=kind,
        n_parameters=tuple(bl.explain.parameters(model).total for model in networks),  # pyright: ignore[reportArgumentType]  three
        sides=np.array([[SIZE] * 3, [SIZE, SIZE // window, SIZE // window // window]]),
        accuracies=accuracies,
        changes=changes,
        other_side=int(np.random.default_rng(seed).integers(20, 100)),
        n_epochs=epochs,
    )


_SHIFTS = range(-FARTHEST, FARTHEST + 1)


def network(pools: str, window: int) -> Any:
    """Two convolutions, each followed by pooling or not, and an output layer.

    Args:
        pools: `none`, `max` or `average`.
        window: Side of the pooling window.

    Returns:
        A built Keras model.
    """
    import keras

    kinds: dict[str, Any] = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    layers = [keras.Input((SIZE, SIZE, 1))]
    for _ in range(2):
        layers.append(keras.layers.Conv2D(N_FILTERS, WINDOW, padding="same", activation="relu"))
        layers += [kinds[pools](window)] if pools in kinds else []
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])


def placed(digits: np.ndarray, down: int, across: int) -> np.ndarray:
    """Digits on a larger image, moved from its middle.

    Args:
        digits: (image, row, column, channel).
        down: Pixels, negative for up.
        across: Pixels, negative for left.

    Returns:
        Images with as much paper around as there is room.
    """
    images = np.zeros((len(digits), SIZE, SIZE, 1), np.float32)
    top, left = MARGIN + down, MARGIN + across
    images[:, top : top + DIGIT, left : left + DIGIT] = digits
    return images


def convolved(maps: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A convolution with same padding and ReLU, in NumPy.

    Args:
        maps: (image, row, column, channel).
        kernel: (row, column, channel, filter).
        bias: One for each filter.

    Returns:
        (image, row, column, filter).
    """
    framed = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(framed, (WINDOW, WINDOW), axis=(1, 2))  # …, channel, down, across
    return np.maximum(np.tensordot(seen, kernel, axes=([3, 4, 5], [2, 0, 1])) + bias, 0.0)


def pooled_by(maps: np.ndarray, kind: str, window: int) -> np.ndarray:
    """Pooling of whole windows, in NumPy.

    Args:
        maps: (image, row, column, filter).
        kind: `none`, `max` or `average`.
        window: Side of the window.

    Returns:
        Smaller maps.
    """
    if kind == "none":
        return maps
    n = maps.shape[1] // window
    cut = maps[:, : n * window, : n * window].reshape(len(maps), n, window, n, window, -1)
    return cut.max((2, 4)) if kind == "max" else cut.mean((2, 4))


def _change(weights: list[np.ndarray], digits: np.ndarray, kind: str, window: int) -> float:
    """How much the last maps change when digits move by one pixel, relative to their length."""

    def seen(down: int, across: int) -> np.ndarray:
        maps = placed(digits, down, across)
        for i in (0, 2):
            maps = pooled_by(convolved(maps, weights[i], weights[i + 1]), kind, window)
        return maps.reshape(len(maps), -1)

    still = seen(0, 0)
    lengths = np.linalg.norm(still, axis=1)
    around = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]
    return float(np.mean([np.linalg.norm(seen(*shift) - still, axis=1) / lengths for shift in around]))


def _distances() -> np.ndarray:
    """How far each shift moves a digit, along the axis that it moves farther."""
    steps = np.abs(np.array(_SHIFTS))
    return np.maximum(steps[:, None], steps[None, :])


def _by_keras(one: np.ndarray, window: int) -> np.ndarray:
    import keras

    layer = keras.layers.MaxPooling2D(window)
    return np.asarray(layer(one[None, ..., None].astype(np.float32)), float)[0, ..., 0]


def charts(result: Result) -> tuple[Chart, ...]:
    """A map before and after, accuracy by shift, and parameters."""
    row, column = Axis(Words(en="row", zh="行")), Axis(Words(en="column", zh="列"))
    value = Words(en="activation", zh="激活值")
    down, across = (
        Axis(Words(en="moved down", zh="向下移动"), unit="px"),
        Axis(Words(en="moved right", zh="向右移动"), unit="px"),
    )
    steps = np.array(_SHIFTS)
    return (
        *(
            Chart(
                name,
                title=title,
                x=column,
                y=row,
                surface=Surface(value, np.arange(one.shape[1]), np.arange(one.shape[0]), one[::-1]),
            )
            for name, title, one in (
                ("map", Words(en="A map of the first convolution", zh="第一层卷积的一张特征图"), result.map),
                ("pooled", Words(en="The same map, pooled by hand", zh="同一张特征图，手算池化之后"), result.by_hand),
            )
        ),
        Chart(
            "shifts",
            title=Words(en="Accuracy on unseen digits, by how far they are moved", zh="未见数字移动多远，准确率是多少"),
            x=Axis(Words(en="distance", zh="移动距离"), unit="px"),
            y=UNSEEN,
            series=tuple(
                Series(words, range(FARTHEST + 1), own.mean(0), lo=own.min(0), hi=own.max(0))
                for words, own in zip(ARMS, result.moved, strict=True)
            ),
        ),
        Chart(
            "gains",
            title=Words(en="What max pooling is worth at each shift", zh="在每种移动下，最大池化值多少"),
            x=across,
            y=down,
            surface=Surface(
                Words(en="accuracy, with − without", zh="准确率，有 − 无"),
                steps,
                steps,
                (result.accuracies[POOLED] - result.accuracies[NONE]).mean(0),
            ),
        ),
        Chart(
            "parameters",
            title=Words(en="Learnable parameters", zh="可学习参数"),
            x=Axis(Words(en="network", zh="网络"), labels=ARMS),
            y=Axis(Words(en="parameters", zh="参数个数")),
            series=(Series(Words(en="parameters", zh="参数个数"), range(len(ARMS)), result.n_parameters, kind="bars"),),
        ),
    )


LESSON = Lesson(
    number=22,
    title=Words(en="Max pooling", zh="最大池化"),
    measure=measure,
    charts=charts,
    guess=Guess(
        "ABC",
        answer=lambda r: "A" if r.accuracy[POOLED, 1] > 0.8 else "C" if r.gain < 1.0 else "B",
    ),
    knobs=(
        Knob("window", Words(en="side of the pooling window", zh="池化窗口的边长"), 2, low=1, high=3),
        Knob(
            "kind",
            Words(en="how the second network pools", zh="第二个网络怎样池化"),
            "max",
            choices=("max", "average"),
        ),
        epochs_knob(8, high=60),
        Knob(
            "by_hand",
            Words(en="what is kept of a window by hand", zh="手算时窗口里留下什么"),
            "largest",
            choices=("largest", "mean", "first"),
        ),
    ),
    claims=(
        Claim(
            "by-hand",
            words=Words(
                en="Max pooling keeps the largest number of each window, and nothing else.",
                zh="最大池化在每个窗口里只留最大的数，仅此而已。",
            ),
            quantity=Words(en="largest difference from Keras's map", zh="与 Keras 的特征图的最大差别"),
            value=lambda r: r.gap,
            below=1e-5,
            null={"by_hand": "first"},
        ),
        Claim(
            "peak-kept",
            words=Words(
                en="However small the map becomes, its highest peak stays as high as it was.",
                zh="特征图变小了，最高的峰却还是那么高。",
            ),
            quantity=Words(en="peak after pooling by hand / before", zh="手算池化之后的峰值 / 之前的峰值"),
            value=lambda r: r.kept,
            above=0.999,
            null={"by_hand": "mean"},
        ),
        Claim(
            "smaller",
            words=Words(
                en="Pooling leaves a small part of the parameters.",
                zh="有了池化，参数只剩一小部分。",
            ),
            quantity=Words(en="parameters, with pooling / without", zh="参数个数，有池化 / 无池化"),
            value=lambda r: r.saved,
            below=0.3,
            null={"window": 1},
        ),
        Claim(
            "forgives",
            words=Words(
                en="A network with max pooling forgives a shift that it has never seen more readily.",
                zh="有最大池化的网络，对从没见过的移动更宽容。",
            ),
            quantity=Words(
                en="accuracy on digits moved by one pixel, with − without, percentage points",
                zh="数字移动一个像素后的准确率，有 − 无，百分点",
            ),
            value=lambda r: r.gain,
            above=3.0,
            null={"window": 1},
        ),
        Claim(
            "ahead-of-average",
            words=Words(
                en="Here max pooling forgives more than average pooling does.",
                zh="在这里，最大池化比平均池化更宽容。",
            ),
            quantity=Words(
                en="accuracy on digits moved by one pixel, max − average, percentage points",
                zh="数字移动一个像素后的准确率，最大 − 平均，百分点",
            ),
            value=lambda r: r.lead,
            above=2.0,
            null={"kind": "average"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(np.mean(r.other_window)), spec=".4f"),
        Exercise(answer=lambda r: r.n_other_seen, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: float(r.n_products[0] / r.n_products[1])),
    ),
    lessons=(17, 19, 20, 21, 32),
    sources=("lecun-1989", "scherer-2010", "zhang-2019"),
    quick={"epochs": 6},
)
