"""Lesson 19, convolutional networks: a filter by hand, what filters detect before and after training, and shifts.

A hand-made filter is laid on a real digit, and a learnt one on a colour image. The filters of a network that learnt
the shape, texture and colour of drawn images are asked what they answer to, and so are random ones: which share of
the variance of their answers does each property explain? Then a convolutional and a dense network of about the same
number of parameters learn digits in the middle of an image, and are asked about digits beside it.

Source:
    lecun-1989, lecun-bottou-1998 (convolutional networks), prewitt-1970 (the hand-made filter), pearson-1905 (shares).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.l19_convolutional_networks.probes import answers, drawn_edges, drawn_rows, untrained_like
from backlit.lessons.parts import UNSEEN, epochs_knob
from backlit.views.chart import Axis, Chart, Series, Surface

VERTICAL = ((-1.0, 0.0, 1.0),) * 3  # Prewitt's filter: right minus left
DIGIT, SIDE = 8, 12  # of a digit and of the image around it, in pixels
MARGIN = (SIDE - DIGIT) // 2
FARTHEST = 2
WINDOW = 3
N_SEEDS = 2
N_ROWS = 360
FIRST_DATA_SEED = 1000  # far from the seeds that the shipped network was trained on
BEFORE, AFTER = 0, 1
CONVOLVED, DENSE = 0, 1
STAGES = (Words(en="before training", zh="训练之前"), Words(en="after training", zh="训练之后"))
ARMS = (Words(en="convolutions", zh="卷积"), Words(en="dense layers", zh="全连接层"))
PROPERTIES = {
    "edge": Words(en="edges", zh="边缘"),
    "curve": Words(en="curves", zh="曲线"),
    "shape": Words(en="shapes", zh="形状"),
    "texture": Words(en="textures", zh="纹理"),
    "colour": Words(en="colours", zh="颜色"),
}
EDGE, CURVE, SHAPE, TEXTURE, COLOUR = range(len(PROPERTIES))


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        digit: A digit, (row, column).
        edges: Prewitt's filter over it, by hand, (row, column).
        patches: What the window covers at the two places that are followed, (place, row, column).
        places: Row and column of these two, from 0.
        sums: Products of one learnt filter at one place of a colour image, added up for each channel.
        by_hand: The learnt filter over the whole colour image by hand.
        by_keras: The same by Keras.
        shares: Mean share, over the filters of a layer, of the variance that each property explains,
            (before and after training, layer, property).
        best: The largest share that a filter of the last layer has, (before and after training, property).
        n_in: Channels that each convolution of the trained network takes.
        n_filters: Its filters.
        sides: Side of its maps.
        n_weights: Its weights.
        accuracies: On unseen digits, (convolutions and dense, seed, distance in pixels).
        n_parameters: Of the two networks.
        moved: How far the digits of the comparison are moved, in pixels.
        n_epochs: Passes over the training rows.
        other_filters: Of an exercise.
    """

    digit: np.ndarray
    edges: np.ndarray
    patches: np.ndarray
    places: np.ndarray
    sums: np.ndarray
    by_hand: np.ndarray
    by_keras: np.ndarray
    shares: np.ndarray
    best: np.ndarray
    n_in: tuple[int, ...]
    n_filters: tuple[int, ...]
    sides: tuple[int, ...]
    n_weights: tuple[int, ...]
    accuracies: np.ndarray
    n_parameters: tuple[int, int]
    moved: int
    n_epochs: int
    other_filters: int
    n_rows: int = field(default=N_ROWS)
    digit_side: int = field(default=DIGIT)
    side: int = field(default=SIDE)

    @property
    def n_seeds(self) -> int:
        """Networks of each kind."""
        return self.accuracies.shape[1]

    @property
    def patch(self) -> np.ndarray:
        """What the window covers at the place that is followed."""
        return self.patches[0]

    @property
    def place(self) -> np.ndarray:
        """Its row and column."""
        return self.places[0]

    @property
    def other_place(self) -> np.ndarray:
        """Row and column of the place of the exercise."""
        return self.places[1]

    @property
    def right(self) -> float:
        """Sum of the right column under the window."""
        return float(self.patch[:, 2].sum())

    @property
    def left(self) -> float:
        """Sum of the left column."""
        return float(self.patch[:, 0].sum())

    @property
    def answer(self) -> float:
        """What the filter says there."""
        return self.right - self.left

    @property
    def total(self) -> float:
        """The learnt filter's sum at one place, all channels together."""
        return float(self.sums.sum())

    @property
    def picture_side(self) -> int:
        """Side of a colour image, in pixels."""
        return len(self.by_keras)

    @property
    def gap(self) -> float:
        """Largest difference between hand and Keras over the whole colour image."""
        return float(np.abs(self.by_hand - self.by_keras).max())

    @property
    def before(self) -> np.ndarray:
        """Share of each property in the last layer, before training."""
        return self.shares[BEFORE, -1]

    @property
    def after(self) -> np.ndarray:
        """The same after training."""
        return self.shares[AFTER, -1]

    @property
    def gains(self) -> np.ndarray:
        """What training adds to each property's share in the last layer."""
        return self.after - self.before

    @property
    def least_gain(self) -> float:
        """The smallest of them."""
        return float(self.gains.min())

    @property
    def shape_grows(self) -> float:
        """How much larger the share of the shape is in the last layer than in the first, after training."""
        return float(self.shares[AFTER, -1, SHAPE] - self.shares[AFTER, 0, SHAPE])

    @property
    def shape_early(self) -> float:
        """Share of the shape in the first layer, after training."""
        return float(self.shares[AFTER, 0, SHAPE])

    @property
    def colour_early(self) -> float:
        """Share of the colour in the first layer, before training."""
        return float(self.shares[BEFORE, 0, COLOUR])

    @property
    def accuracy(self) -> np.ndarray:
        """Accuracy on unseen digits, mean over seeds, (convolutions and dense, distance)."""
        return self.accuracies.mean(1)

    @property
    def lead(self) -> float:
        """How far convolutions are ahead on digits moved by the knob's distance, in percentage points."""
        return 100 * float(self.accuracy[CONVOLVED, self.moved] - self.accuracy[DENSE, self.moved])

    @property
    def n_dense_weights(self) -> int:
        """Weights of a dense layer that makes as many numbers of the colour image as the first convolution does."""
        n_inputs = self.by_hand.size * self.n_in[0]
        return n_inputs * self.sides[0] ** 2 * self.n_filters[0]


def measure(*, seed: int, weights: str, channels: str, moved: int, epochs: int) -> Result:
    """Lays two filters by hand, asks filters what they answer to, and moves digits.

    Args:
        seed: Of the drawn images, the random filters and the first weights.
        weights: Of the filters that are asked: `trained`, or `random` once more.
        channels: Which channels of the colour image are added up by hand: `all`, or the `first`.
        moved: By how many pixels the digits of the comparison are moved.
        epochs: Passes over the training rows.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.models.bases import shipped_base

    trained = shipped_base("shapes-base")
    asked = trained if weights == "trained" else untrained_like(trained, seed=seed + 10_000)
    shapes, edges = drawn_rows(N_ROWS, seed=FIRST_DATA_SEED + seed), drawn_edges(N_ROWS, seed=FIRST_DATA_SEED + seed)
    stages = [shares_of(model, shapes, edges) for model in (untrained_like(trained, seed=seed), asked)]

    digits = bl.load("digits")
    digit = digits[seed % len(digits)][0][0, ..., 0].astype(float)
    found = bl.explain.convolution(digit, VERTICAL, padding="same")
    first, second = np.argsort(-np.abs(found.output).ravel(), kind="stable")[:2]

    convolution = trained.get_layer("conv_1")
    kernel = np.asarray(convolution.kernel, float)[..., seed % convolution.filters]
    picture = shapes.images[0].astype(float)
    everywhere = bl.explain.convolution(picture, kernel, padding="same")
    liveliest = everywhere.positions[int(np.abs(everywhere.output).argmax())]
    by_hand = everywhere
    if channels == "first":
        by_hand = bl.explain.convolution(picture[..., 0], kernel[..., 0], padding="same")

    runs = _networks(seed, epochs)
    layers = [layer for layer in bl.explain.shapes(trained).layers if layer.kind == "Conv2D"]
    counted = bl.explain.parameters(trained)
    return Result(
        digit=digit,
        edges=found.output,
        patches=np.array([found.positions[first].patch, found.positions[second].patch]),
        places=np.array([np.unravel_index(each, digit.shape) for each in (first, second)]),
        sums=liveliest.products.sum((0, 1)),
        by_hand=by_hand.output,
        by_keras=_by_keras(picture, kernel),
        shares=np.array([[own.mean(1) for own in each] for each in stages]),
        best=np.array([each[-1].max(1) for each in stages]),
        n_in=tuple(int(layer.before[0][-1] or 0) for layer in layers),
        n_filters=tuple(int(layer.after[0][-1] or 0) for layer in layers),
        sides=tuple(int(layer.after[0][0] or 0) for layer in layers),
        n_weights=tuple(counted[layer.layer].count for layer in layers),
        accuracies=np.array([_accuracies(run) for run in runs]),
        n_parameters=(runs[CONVOLVED].model.count_params(), runs[DENSE].model.count_params()),
        moved=moved,
        n_epochs=epochs,
        other_filters=int(np.random.default_rng(seed).integers(5, 60)),
    )


def shares_of(model: Any, shapes: Any, edges: Any) -> list[np.ndarray]:
    """What each filter answers to: the share of the variance of its answers that each property explains.

    Args:
        model: A Keras model with an activation layer behind each convolution.
        shapes: Drawn images with curve, shape, texture and colour.
        edges: Drawn edges.

    Returns:
        (property, filter) for each convolution.
    """
    from backlit.measure import selectivity

    known = shapes.properties
    by_shapes = answers(model, shapes.images)
    by_edges = answers(model, edges.images, only_middle=True)
    return [
        np.stack(
            [selectivity(at_edge, edges.properties["edge"]), *(selectivity(at_all, known[name]) for name in known)]
        )
        for at_edge, at_all in zip(by_edges, by_shapes, strict=True)
    ]


def placed(digits: np.ndarray, down: int, across: int) -> np.ndarray:
    """Digits on a larger image, moved from its middle.

    Args:
        digits: (image, row, column, channel).
        down: Pixels, negative for up.
        across: Pixels, negative for left.

    Returns:
        Images with as much paper around as there is room.
    """
    images = np.zeros((len(digits), SIDE, SIDE, 1), np.float32)
    top, left = MARGIN + down, MARGIN + across
    images[:, top : top + DIGIT, left : left + DIGIT] = digits
    return images


def _networks(seed: int, epochs: int) -> list[Any]:
    """A convolutional and a dense network of about as many parameters, trained on digits in the middle."""
    import keras

    import backlit as bl

    data = bl.load("digits")
    middle = replace(data, inputs=placed(data.inputs, 0, 0), recipe=None)
    convolutions = [keras.layers.Conv2D(n, WINDOW, padding="same", activation="relu") for n in (12, 24)]
    bodies = (
        [*convolutions, keras.layers.GlobalMaxPooling2D()],
        [keras.layers.Flatten(), keras.layers.Dense(20, activation="relu")],
    )
    return [
        bl.fit(
            keras.Sequential([keras.Input((SIDE, SIDE, 1)), *body, keras.layers.Dense(10, activation="softmax")]),
            middle,
            epochs=epochs,
            learning_rate=0.005,
            seeds=list(range(seed, seed + N_SEEDS)),
            save=False,
            verbose=False,
        )
        for body in bodies
    ]


def _accuracies(run: Any) -> np.ndarray:
    """Accuracy on unseen digits, mean over directions, (seed, distance)."""
    import backlit as bl

    digits = bl.load("digits")
    unseen = digits.splits.validation
    steps = range(-FARTHEST, FARTHEST + 1)
    shifts = [(down, across) for down in steps for across in steps]
    far = np.array([max(abs(down), abs(across)) for down, across in shifts])
    images = np.concatenate([placed(digits.inputs[unseen], *shift) for shift in shifts])
    found = []
    for number in range(N_SEEDS):
        said = np.asarray(run.predict(images, member=number)).argmax(1).reshape(len(shifts), -1)
        right = (said == digits.targets[unseen]).mean(1)
        found.append([right[far == distance].mean() for distance in range(FARTHEST + 1)])
    return np.array(found)


def _by_keras(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    import keras

    layer = keras.layers.Conv2D(1, WINDOW, padding="same", use_bias=False)
    layer.build((None, *picture.shape))
    layer.set_weights([kernel[..., None]])
    return np.asarray(layer(picture[None].astype(np.float32)), float)[0, ..., 0]


def charts(result: Result) -> tuple[Chart, ...]:
    """A digit and its edges, shares before and after and by layer, accuracy by distance."""
    row, column = Axis(Words(en="row", zh="行")), Axis(Words(en="column", zh="列"))
    n = np.arange(DIGIT)
    share = Axis(Words(en="share of the variance explained", zh="解释的方差比例"))
    names = tuple(PROPERTIES.values())
    return (
        Chart(
            "digit",
            title=Words(en="A digit", zh="一个数字"),
            x=column,
            y=row,
            surface=Surface(Words(en="ink", zh="墨色"), n, n, result.digit[::-1]),
        ),
        Chart(
            "edges",
            title=Words(en="The same digit through the filter", zh="同一个数字经过滤波器之后"),
            x=column,
            y=row,
            surface=Surface(Words(en="right − left", zh="右 − 左"), n, n, result.edges[::-1]),
        ),
        Chart(
            "detectors",
            title=Words(en="What filters of the last convolution answer to", zh="最后一层卷积的滤波器对什么有反应"),
            x=Axis(Words(en="property", zh="属性"), labels=names),
            y=share,
            series=tuple(
                Series(words, range(len(names)), own[-1], kind="bars")
                for words, own in zip(STAGES, result.shares, strict=True)
            ),
        ),
        Chart(
            "layers",
            title=Words(en="The same after training, layer by layer", zh="训练之后，逐层来看"),
            x=Axis(Words(en="convolution", zh="第几层卷积")),
            y=share,
            series=tuple(
                Series(words, range(1, len(result.n_filters) + 1), result.shares[AFTER, :, i])
                for i, words in enumerate(names)
            ),
        ),
        Chart(
            "shifts",
            title=Words(en="Accuracy on unseen digits, by how far they are moved", zh="未见数字移动多远，准确率是多少"),
            x=Axis(Words(en="distance", zh="移动距离"), unit="px"),
            y=UNSEEN,
            series=tuple(
                Series(words, range(FARTHEST + 1), own.mean(0), lo=own.min(0), hi=own.max(0))
                for words, own in zip(ARMS, result.accuracies, strict=True)
            ),
        ),
    )


LESSON = Lesson(
    number=19,
    title=Words(en="Convolutional networks", zh="卷积神经网络"),
    measure=measure,
    charts=charts,
    guess=Guess(
        "ABC",
        answer=lambda r: "A" if r.before.max() < 0.1 else "B" if np.sort(r.before)[-2] < 0.1 else "C",
    ),
    knobs=(
        Knob(
            "weights",
            Words(en="which filters are asked", zh="考察哪些滤波器"),
            "trained",
            choices=("trained", "random"),
        ),
        Knob(
            "channels",
            Words(en="which channels are added up by hand", zh="手算时把哪些通道加起来"),
            "all",
            choices=("all", "first"),
        ),
        Knob("moved", Words(en="pixels by which digits are moved", zh="数字移动几个像素"), 1, low=0, high=FARTHEST),
        epochs_knob(6, high=60),
    ),
    claims=(
        Claim(
            "by-hand",
            words=Words(
                en="A filter is a weighted sum of what its window covers, over all channels.",
                zh="滤波器就是对窗口盖住的数加权求和，所有通道都算在内。",
            ),
            quantity=Words(en="largest difference from Keras, whole image", zh="在整张图像上与 Keras 的最大差别"),
            value=lambda r: r.gap,
            below=1e-5,
            null={"channels": "first"},
        ),
        Claim(
            "detectors",
            words=Words(
                en="Training makes filters into detectors of edges, curves, shapes, textures and colours.",
                zh="训练让滤波器变成检测器：边缘、曲线、形状、纹理、颜色，样样都有。",
            ),
            quantity=Words(
                en="share of the variance that a property explains, after − before, smallest of five",
                zh="一种属性解释的方差比例，训练后 − 训练前，五种中最小的",
            ),
            value=lambda r: r.least_gain,
            above=0.02,
            null={"weights": "random"},
        ),
        Claim(
            "shapes-come-late",
            words=Words(
                en="Shapes are put together from layer to layer.",
                zh="形状是一层一层拼起来的。",
            ),
            quantity=Words(
                en="share of the shape, last convolution − first", zh="形状解释的比例，最后一层卷积 − 第一层卷积"
            ),
            value=lambda r: r.shape_grows,
            above=0.1,
            null={"weights": "random"},
        ),
        Claim(
            "anywhere",
            words=Words(
                en="What a convolutional network learnt in one place, it knows beside it; a dense one does not.",
                zh="卷积网络在一个地方学到的东西，换个地方也认得；全连接的网络不行。",
            ),
            quantity=Words(
                en="accuracy on moved digits, convolutions − dense, percentage points",
                zh="移动过的数字上的准确率，卷积 − 全连接，百分点",
            ),
            value=lambda r: r.lead,
            above=30.0,
            null={"moved": 0},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.patches[1][:, 2].sum() - r.patches[1][:, 0].sum()), spec=".4f"),
        Exercise(answer=lambda r: (WINDOW**2 * r.n_filters[1] + 1) * r.other_filters, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.n_dense_weights, tolerance=0.0, spec=".0f"),
    ),
    lessons=(17, 20, 21, 22, 32, 35),
    sources=("fukushima-1980", "lecun-1989", "lecun-bottou-1998", "prewitt-1970", "zeiler-fergus-2014", "pearson-1905"),
    quick={"epochs": 5},
)
