"""Lesson 21, zero padding: how large a map becomes, and what a deep stack still sees of the border.

A filter of a trained network is laid on the border of a real digit by hand. The same stack of convolutions learns the
digits without padding and with it, from whole images and from images of which nothing but the outermost pixels is left.
Then every pixel of every unseen image is brightened a little, and the network's answer is watched.

Source:
    dumoulin-visin-2016 (sizes), lecun-1989 (convolution), islam-2020 (zeros tell a network where it is).
"""

import math
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import UNSEEN, epochs_knob
from backlit.views.chart import Axis, Chart, Series, Surface

SIZE = 8  # of a digit, in pixels
WINDOW = 3
N_FILTERS = 8
N_SEEDS = 3
NUDGE = 0.01  # of the brightness, which goes from 0 to 1
N_NUDGED = 40  # unseen images
WIDE = 28  # of the image whose ways are counted for deep stacks
DEEPEST = 12
TABLE = tuple(product(range(7, 33), (1, 2, 3, 5, 7), (1, 2, 3), ("valid", "same")))  # places, window, stride, padding
VALID, PADDED = 0, 1
ARMS = (Words(en="without padding", zh="不填充"), Words(en="with zero padding", zh="有零填充"))
IMAGES = (Words(en="whole images", zh="完整的图像"), Words(en="border only", zh="只留边缘"))


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        image: A digit of the unseen rows, (row, column).
        kernel: The first filter of the padded network, (row, column).
        bias: Its bias.
        by_hand: The filter over the padded digit by hand, (row, column).
        by_keras: The same by Keras's layer.
        patches: What the window covers at the two places of the top row that are followed, (place, row, column).
        values: The weighted sums there, by hand.
        columns: Their columns, from 0.
        n_wrong: How many sizes of the table the formula gets wrong.
        depth: Convolutions on top of each other.
        n_epochs: Passes over the training rows.
        accuracies: On unseen digits after training, (without and with padding, whole and border only, seed).
        influences: How far the logits move for a nudge of one pixel, per unit of brightness, root mean square over
            some unseen images, classes and seeds, (without and with padding, row, column).
        sizes: Side of the map after each layer, from the image on, (without and with padding, layer).
        n_parameters: Of both networks.
        other_places: Of an exercise: side of an image.
        other_window: Its window.
        other_stride: Its stride.
    """

    image: np.ndarray
    kernel: np.ndarray
    bias: float
    by_hand: np.ndarray
    by_keras: np.ndarray
    patches: np.ndarray
    values: np.ndarray
    columns: np.ndarray
    n_wrong: int
    depth: int
    n_epochs: int
    accuracies: np.ndarray
    influences: np.ndarray
    sizes: np.ndarray
    n_parameters: tuple[int, int]
    other_places: int
    other_window: int
    other_stride: int
    n_filters: int = field(default=N_FILTERS)
    size: int = field(default=SIZE)
    window: int = field(default=WINDOW)
    n_sizes: int = field(default=len(TABLE))
    wide: int = field(default=WIDE)
    n_nudged: int = field(default=N_NUDGED)
    deepest: int = field(default=DEEPEST)

    @property
    def n_seeds(self) -> int:
        """Networks of each kind."""
        return self.accuracies.shape[2]

    @property
    def accuracy(self) -> np.ndarray:
        """Accuracy on unseen digits, mean over seeds, (without and with padding, whole and border only)."""
        return self.accuracies.mean(2)

    @property
    def gain(self) -> float:
        """What padding is worth on whole images, in percentage points."""
        return 100 * float(self.accuracy[PADDED, 0] - self.accuracy[VALID, 0])

    @property
    def border_gain(self) -> float:
        """What it is worth where only the border is left, in percentage points."""
        return 100 * float(self.accuracy[PADDED, 1] - self.accuracy[VALID, 1])

    @property
    def gap(self) -> float:
        """Largest difference between hand and Keras over the whole map."""
        return float(np.abs(self.by_hand - self.by_keras).max())

    @property
    def ring_influence(self) -> np.ndarray:
        """Influence of the pixels of each ring, from the outermost in, as a share of the innermost; (arm, ring)."""
        rings = rings_of(SIZE)
        means = np.array([[own[rings == ring].mean() for ring in range(SIZE // 2)] for own in self.influences])
        return means / means[:, -1:]

    @property
    def border_share(self) -> np.ndarray:
        """Influence of the outermost pixels as a share of the innermost, (without and with padding)."""
        return self.ring_influence[:, 0]

    @property
    def border_ratio(self) -> float:
        """How many times as much the border counts with padding as without."""
        return float(self.border_share[PADDED] / self.border_share[VALID])

    @property
    def corner_ways(self) -> np.ndarray:
        """Ways from the corner pixel into the last map, (without and with padding)."""
        return np.array([ways(SIZE, self.depth, padded)[0] ** 2 for padded in (False, True)])

    @property
    def middle_ways(self) -> np.ndarray:
        """Ways from a pixel in the middle."""
        return np.array([ways(SIZE, self.depth, padded)[SIZE // 2] ** 2 for padded in (False, True)])

    @property
    def corner_share(self) -> np.ndarray:
        """The former as a share of the latter."""
        return self.corner_ways / self.middle_ways

    @property
    def deep_share(self) -> np.ndarray:
        """The same on a wide image for stacks of 1, 2, … layers, (without and with padding, depth)."""
        return np.array(
            [
                [(row[0] / row[WIDE // 2]) ** 2 for row in (ways(WIDE, n, padded) for n in range(1, DEEPEST + 1))]
                for padded in (False, True)
            ]
        )

    @property
    def last_sizes(self) -> np.ndarray:
        """Side of the last map, (without and with padding)."""
        return self.sizes[:, -1]

    @property
    def other_rest(self) -> int:
        """Places of the exercise that no window reaches without padding."""
        return (self.other_places - self.other_window) % self.other_stride

    @property
    def other_zeros(self) -> int:
        """Zeros that same padding puts along one axis of the exercise."""
        n, k, s = self.other_places, self.other_window, self.other_stride
        return max((-(-n // s) - 1) * s + k - n, 0)

    @property
    def n_zeros(self) -> int:
        """Zeros around all maps of one image in the padded network."""
        around = (SIZE + WINDOW - 1) ** 2 - SIZE**2
        return around * (1 + (self.depth - 1) * N_FILTERS)


def measure(*, seed: int, depth: int, padding: str, epochs: int, around: str, forget: str) -> Result:
    """Lays a filter on a border by hand, trains with and without padding, and nudges every pixel.

    Args:
        seed: First of the seeds; also draws the exercise.
        depth: Convolutions on top of each other.
        padding: Of the second network: `same`, `once` (all zeros around the image), or `valid` for none.
        epochs: Passes over the training rows.
        around: What is put around the image by hand: `zeros`, or the `nearest` pixel again.
        forget: What the formula for sizes forgets: `nothing`, `padding` or `rounding`.

    Returns:
        The result.
    """
    import backlit as bl

    data = bl.load("digits")
    border = data.inputs * (rings_of(SIZE) == 0)[..., None]
    networks = [stack(depth, "valid"), stack(depth, padding)]
    accuracies = np.empty((2, 2, N_SEEDS))
    influences = np.empty((2, SIZE, SIZE))
    images = data.validation[0][:N_NUDGED, ..., 0].astype(float)
    weights: list[np.ndarray] = []
    for arm, network in enumerate(networks):
        for kind, inputs in enumerate((data.inputs, border)):
            run = bl.fit(
                network,
                replace(data, inputs=inputs, recipe=None),
                epochs=epochs,
                learning_rate=0.003,
                seeds=list(range(seed, seed + N_SEEDS)),
                save=False,
                verbose=False,
            )
            accuracies[arm, kind] = run.members["val_accuracy"].to_numpy()
            if kind == 0:
                moves = ("valid", padding)[arm]
                trained = [run.weights(number) for number in range(N_SEEDS)]
                influences[arm] = np.sqrt(np.mean([influence(one, images, moves) ** 2 for one in trained], 0))
                weights = trained[0]

    image, kernel, bias = images[0], weights[0][:, :, 0, 0].astype(float), float(weights[1][0])
    framed = np.pad(image, 1, mode="edge" if around == "nearest" else "constant")
    found = bl.explain.convolution(framed, kernel, bias=bias)
    top = np.array([found.at(0, column).patch for column in range(SIZE)])
    followed = np.argsort(-np.abs(found.output[0]), kind="stable")[:2]
    places = np.random.default_rng(seed)
    other = int(places.integers(40, 90)), int(places.choice([4, 5, 6])), int(places.choice([2, 3]))
    return Result(
        image=image,
        kernel=kernel,
        bias=bias,
        by_hand=found.output,
        by_keras=_by_keras(image, kernel, bias),
        patches=top[followed],
        values=found.output[0, followed],
        columns=followed,
        n_wrong=sum(bool(_by_formula(*one, forget=forget) != _keras_size(*one)) for one in TABLE),
        depth=depth,
        n_epochs=epochs,
        accuracies=accuracies,
        influences=influences,
        sizes=np.array([_sizes(depth, moves) for moves in ("valid", padding)]),
        n_parameters=(networks[0].count_params(), networks[1].count_params()),
        other_places=other[0],
        other_window=other[1],
        other_stride=other[2],
    )


def stack(depth: int, padding: str) -> Any:
    """Convolutions on top of each other, and an output layer that sees every number of the last map.

    Args:
        depth: How many.
        padding: `valid`, `same`, or `once` for one frame of zeros around the image, as wide as all layers need.

    Returns:
        A built Keras model.
    """
    import keras

    framed = [keras.layers.ZeroPadding2D(depth * (WINDOW // 2))] if padding == "once" else []
    each = "same" if padding == "same" else "valid"
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            *framed,
            *(keras.layers.Conv2D(N_FILTERS, WINDOW, padding=each, activation="relu") for _ in range(depth)),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def ways(places: int, depth: int, is_padded: bool) -> np.ndarray:
    """How many ways lead from each place of a row into the last map: a step to one of three neighbours at each layer.

    Args:
        places: Of the row.
        depth: Layers with a window of three.
        is_padded: Whether the map keeps its size.

    Returns:
        One number for each place; in two dimensions, ways are the product of those of row and column.

    Example:
        >>> ways(5, 1, False).tolist(), ways(5, 1, True).tolist()
        ([1, 2, 3, 2, 1], [2, 3, 3, 3, 2])
    """
    counts = np.ones(places if is_padded else places - 2 * depth, int)
    for _ in range(depth):
        counts = np.convolve(counts, np.ones(WINDOW, int), mode="same" if is_padded else "full")
    return counts


def rings_of(size: int) -> np.ndarray:
    """For each pixel of a square image, how many pixels lie between it and the border."""
    along = np.minimum(np.arange(size), np.arange(size)[::-1])
    return np.minimum(along[:, None], along[None, :])


def logits(weights: list[np.ndarray], images: np.ndarray, padding: str) -> np.ndarray:
    """Runs images through a stack, in float64.

    Args:
        weights: Kernel and bias of each layer, in Keras's order.
        images: (image, row, column).
        padding: As for `stack`.

    Returns:
        (image, class), before softmax.
    """
    depth = len(weights) // 2 - 1
    maps = images[..., None]
    if padding == "once":
        maps = np.pad(maps, ((0, 0), (depth, depth), (depth, depth), (0, 0)))
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        if padding == "same":
            maps = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
        seen = np.lib.stride_tricks.sliding_window_view(maps, (WINDOW, WINDOW), axis=(1, 2))  # …, channel, down, across
        maps = np.maximum(np.tensordot(seen, kernel.astype(float), axes=([3, 4, 5], [2, 0, 1])) + bias, 0.0)
    return maps.reshape(len(maps), -1) @ weights[-2].astype(float) + weights[-1]


def influence(weights: list[np.ndarray], images: np.ndarray, padding: str) -> np.ndarray:
    """How far the logits move when one pixel is made brighter, per unit of brightness.

    Args:
        weights: As for `logits`.
        images: (image, row, column).
        padding: As for `stack`.

    Returns:
        Root mean square over images and classes, (row, column).
    """
    before = logits(weights, images, padding)
    moved = np.empty(images.shape[1:])
    for at in np.ndindex(moved.shape):
        brighter = images.copy()
        brighter[:, at[0], at[1]] += NUDGE
        moved[at] = np.sqrt(np.mean(((logits(weights, brighter, padding) - before) / NUDGE) ** 2))
    return moved


def _by_keras(image: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    import keras

    layer = keras.layers.Conv2D(1, WINDOW, padding="same")
    layer.build((None, SIZE, SIZE, 1))
    layer.set_weights([kernel[..., None, None], np.array([bias])])
    return np.asarray(layer(image[None, ..., None].astype(np.float32)), float)[0, ..., 0]


def _by_formula(places: int, window: int, stride: int, padding: str, *, forget: str) -> float:
    """The formula of the page, or what is left of it."""
    from backlit.explain import padding_of

    zeros = 0 if forget == "padding" else sum(padding_of(places, kernel=window, stride=stride, padding=padding))
    steps = (places + zeros - window) / stride
    return 1.0 + (steps if forget == "rounding" else math.floor(steps))


def _keras_size(places: int, window: int, stride: int, padding: str) -> int:
    import keras

    layer = keras.layers.Conv2D(1, window, strides=stride, padding=padding)
    return layer.compute_output_shape((1, places, places, 1))[1]


def _sizes(depth: int, padding: str) -> list[int]:
    """Side of the map from the image on."""
    start = SIZE + 2 * depth * (WINDOW // 2) if padding == "once" else SIZE
    lost = 0 if padding == "same" else WINDOW - 1
    return [SIZE, *(start - lost * layer for layer in range(1, depth + 1))]


def charts(result: Result) -> tuple[Chart, ...]:
    """Ways from the corner by depth, influence by ring and by pixel, accuracy with and without."""
    rings = (
        Words(en="ring 1 (border)", zh="第 1 圈（边缘）"),
        *(Words(en=f"ring {ring}", zh=f"第 {ring} 圈") for ring in range(2, SIZE // 2 + 1)),
    )
    pixel = Axis(Words(en="column", zh="列"))
    return (
        Chart(
            "ways",
            title=Words(en="Ways of a corner pixel, as a share of the middle's", zh="角上像素的通路数，与中间像素之比"),
            x=Axis(Words(en="layers", zh="层数")),
            y=Axis(Words(en="share", zh="比值"), is_log=True),
            series=tuple(
                Series(words, range(1, DEEPEST + 1), own) for words, own in zip(ARMS, result.deep_share, strict=True)
            ),
        ),
        Chart(
            "rings",
            title=Words(en="Influence of a pixel, by its distance from the border", zh="像素的影响与它离边缘的远近"),
            x=Axis(Words(en="pixels", zh="像素"), labels=rings),
            y=Axis(Words(en="influence, as a share of the middle's", zh="影响，与中间像素之比")),
            series=tuple(
                Series(words, range(SIZE // 2), own, kind="bars")
                for words, own in zip(ARMS, result.ring_influence, strict=True)
            ),
        ),
        *(
            Chart(
                name,
                title=Words(en=f"Influence of every pixel, {words.en}", zh=f"每个像素的影响，{words.zh}"),
                x=pixel,
                y=Axis(Words(en="row", zh="行")),
                surface=Surface(
                    Words(en="logits per unit of brightness", zh="每单位亮度引起的 logit 变化"),
                    np.arange(SIZE),
                    np.arange(SIZE),
                    result.influences[arm][::-1],
                ),
            )
            for arm, (name, words) in enumerate(zip(("unpadded-map", "padded-map"), ARMS, strict=True))
        ),
        Chart(
            "accuracy",
            title=Words(en="Accuracy on unseen digits", zh="未见数字上的准确率"),
            x=Axis(Words(en="images", zh="图像"), labels=IMAGES),
            y=UNSEEN,
            series=tuple(
                Series(words, range(2), own, kind="bars") for words, own in zip(ARMS, result.accuracy, strict=True)
            ),
        ),
    )


LESSON = Lesson(
    number=21,
    title=Words(en="Zero padding", zh="零填充"),
    measure=measure,
    charts=charts,
    guess=Guess(
        "ABC",
        answer=lambda r: "C" if r.corner_share[VALID] < 0.01 else "B" if r.corner_share[VALID] < 0.5 else "A",
    ),
    knobs=(
        Knob("depth", Words(en="convolutions on top of each other", zh="叠几层卷积"), 3, low=1, high=3),
        Knob(
            "padding",
            Words(en="padding of the second network", zh="第二个网络的填充方式"),
            "same",
            choices=("same", "once", "valid"),
        ),
        epochs_knob(8, high=100),
        Knob(
            "around",
            Words(en="what is put around the image by hand", zh="手算时在图像四周放什么"),
            "zeros",
            choices=("zeros", "nearest"),
        ),
        Knob(
            "forget",
            Words(en="what the formula for sizes forgets", zh="尺寸公式里漏掉什么"),
            "nothing",
            choices=("nothing", "padding", "rounding"),
        ),
    ),
    claims=(
        Claim(
            "sizes",
            words=Words(
                en="One formula gives the size of every map, with and without padding.",
                zh="有填充也好，没有也好，一个公式就能算出每张特征图的尺寸。",
            ),
            quantity=Words(en="sizes of the table that differ from Keras's", zh="表中与 Keras 不同的尺寸个数"),
            value=lambda r: r.n_wrong,
            below=0.5,
            null={"forget": "padding"},
        ),
        Claim(
            "by-hand",
            words=Words(
                en="Padding is a frame of zeros and nothing else.",
                zh="填充就是在四周加一圈零，仅此而已。",
            ),
            quantity=Words(en="largest difference from Keras's map", zh="与 Keras 的特征图的最大差别"),
            value=lambda r: r.gap,
            below=1e-5,
            null={"around": "nearest"},
        ),
        Claim(
            "border-counts",
            words=Words(
                en="In a deep stack the border counts for much more with padding than without.",
                zh="在深的堆叠里，有填充时边缘的影响比没有时大得多。",
            ),
            quantity=Words(
                en="influence of the border, as a share of the middle's, padded / not padded",
                zh="边缘与中间的影响之比，有填充 / 没有填充",
            ),
            value=lambda r: r.border_ratio,
            above=1.5,
            null={"padding": "valid"},
        ),
        Claim(
            "border-read",
            words=Words(
                en="Where only the border is left, the padded network reads more of it.",
                zh="图像只剩边缘时，有填充的网络读出来的更多。",
            ),
            quantity=Words(
                en="accuracy on unseen borders, padded − not padded, percentage points",
                zh="未见边缘上的准确率，有填充 − 没有填充，百分点",
            ),
            value=lambda r: r.border_gain,
            above=1.5,
            null={"padding": "valid"},
        ),
        Claim(
            "whole-gains",
            words=Words(
                en="On whole images, too, a deep stack does better with padding.",
                zh="在完整的图像上，深的堆叠有填充也更好。",
            ),
            quantity=Words(
                en="accuracy on unseen digits, padded − not padded, percentage points",
                zh="未见数字上的准确率，有填充 − 没有填充，百分点",
            ),
            value=lambda r: r.gain,
            above=1.5,
            null={"padding": "valid"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.values[1]), spec=".4f"),
        Exercise(answer=lambda r: (r.other_places - r.other_window) // r.other_stride + 1, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.n_zeros, tolerance=0.0, spec=".0f"),
    ),
    lessons=(19, 20, 22, 32),
    sources=("dumoulin-visin-2016", "lecun-1989", "islam-2020"),
    quick={"epochs": 6},
)
