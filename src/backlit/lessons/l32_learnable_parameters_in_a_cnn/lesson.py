"""Lesson 32, learnable parameters in a CNN: counted by formula, by Keras and by backlit, beside a dense twin.

The first convolution of a trained network is also written as what it is: a dense layer most of whose weights are zero
and whose others are a handful of numbers again and again. Multiplying real digits by that matrix gives Keras's feature
maps. The twin is a dense network whose layers put out as many numbers as those of the convolutional one.

Source:
    lecun-1989 (shared weights, connections against free parameters), lin-2014 (averaging each map in
    place of a dense layer), simonyan-zisserman-2015 (the large network that is counted), alpaydin-kaynak-1998 (data).
"""

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob, rate_knob
from backlit.views.chart import Axis, Chart, Series, Surface

SIDE, N_CLASSES = 8, 10
POOL = 2
SECOND_KERNEL = 3
SIDES = (8, 16, 32, 64, 128)  # of images for which the network is counted
BIGGER_SIDE = 16  # of an exercise
N_SEEDS = 3
MOST_TERMS = 9  # of a sum on the page
N_IMAGES = 100  # that are sent through the matrix
VGG_FILTERS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
VGG_DENSE = (7 * 7 * 512, 4096, 4096, 1000)
LAYERS = (
    Words(en="first convolution", zh="第一个卷积层"),
    Words(en="pooling", zh="池化层"),
    Words(en="second convolution", zh="第二个卷积层"),
    Words(en="dense layer", zh="全连接层"),
)
NETWORKS = (
    Words(en="convolutional", zh="卷积网络"),
    Words(en="pixels shuffled", zh="打乱像素"),
    Words(en="dense twin", zh="全连接的孪生网络"),
    Words(en="dense, as few numbers", zh="参数一样少的全连接网络"),
)


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        filters: Filters of the first convolution; the second has twice as many.
        kernel: Side of a filter of the first convolution.
        head: What follows the convolutions: flatten or average.
        by_formula: Learnable parameters of convolution, pooling, convolution, dense layer by the formula.
        by_keras: The same by Keras.
        by_backlit: The same by `explain.parameters`.
        formulas: What `explain.parameters` writes for them.
        shapes: Height, width and channels behind each layer of the network, from the image to the last convolution.
        n_flat: Numbers that reach the dense layer.
        twin: Learnable parameters of the dense twin's layers.
        n_small: Learnable parameters of the dense network with about as few as the convolutional one.
        small_units: Its hidden neurons.
        sizes: Parameters of first convolution, second convolution and dense layer for larger images, (side, layer).
        matrix: The first convolution as a dense layer: weights from each pixel to each number of all maps.
        matrix_error: Largest difference between this matrix at work and Keras, relative to numbers larger than 1.
        image: One digit, (8, 8).
        patch: The part of it under the filter of the page.
        weights: The filter of the page.
        bias: Its bias.
        keras_value: What Keras says at that place.
        accuracies: Share of the unseen digits right, (network, seed).
    """

    filters: int
    kernel: int
    head: str
    by_formula: tuple[int, ...]
    by_keras: tuple[int, ...]
    by_backlit: tuple[int, ...]
    formulas: tuple[str, ...]
    shapes: tuple[tuple[int, int, int], ...]
    n_flat: int
    twin: tuple[int, ...]
    n_small: int
    small_units: int
    sizes: np.ndarray
    matrix: np.ndarray
    matrix_error: float
    image: np.ndarray
    patch: np.ndarray
    weights: np.ndarray
    bias: float
    keras_value: float
    accuracies: np.ndarray
    n_seeds: int = field(default=N_SEEDS)
    bigger_side: int = field(default=BIGGER_SIDE)

    @property
    def second_filters(self) -> int:
        """Filters of the second convolution."""
        return 2 * self.filters

    @property
    def n_parameters(self) -> int:
        """Learnable parameters of the convolutional network, by Keras."""
        return sum(self.by_keras)

    @property
    def n_twin(self) -> int:
        """Learnable parameters of the dense twin."""
        return sum(self.twin)

    @property
    def twin_ratio(self) -> float:
        """How many times more the twin has."""
        return self.n_twin / self.n_parameters

    @property
    def first_ratio(self) -> float:
        """The same for the first layer alone."""
        return self.twin[0] / self.by_keras[0]

    @property
    def count_error(self) -> int:
        """Largest difference between formula, Keras and backlit over the layers."""
        return max(max(row) - min(row) for row in zip(self.by_formula, self.by_keras, self.by_backlit, strict=True))

    @property
    def map_side(self) -> int:
        """Side of a map of the first convolution."""
        return self.shapes[1][0]

    @property
    def n_places(self) -> int:
        """Places that the first convolution visits."""
        return self.map_side**2

    @property
    def n_first(self) -> int:
        """Numbers that the first convolution puts out."""
        return self.n_places * self.filters

    @property
    def n_entries(self) -> int:
        """Weights of the first convolution written as a dense layer."""
        return self.matrix.size

    @property
    def n_not_zero(self) -> int:
        """How many of them are not zero because a filter covers the pixel."""
        return self.kernel**2 * self.n_places * self.filters

    @property
    def zero_frac(self) -> float:
        """Share of them that are zero."""
        return 1.0 - self.n_not_zero / self.n_entries

    @property
    def n_different(self) -> int:
        """Different numbers among those that are not zero."""
        return len(np.unique(self.matrix[self.matrix != 0]))

    @property
    def head_growth(self) -> float:
        """How many times larger the dense layer is for images of twice the side."""
        return float(self.sizes[1, 2] / self.sizes[0, 2])

    @property
    def head_frac(self) -> float:
        """Share of the network's parameters that stand in the dense layer."""
        return self.by_keras[3] / self.n_parameters

    @property
    def largest_side(self) -> int:
        """Side of the largest images that are counted."""
        return SIDES[-1]

    @property
    def largest(self) -> np.ndarray:
        """Parameters of the three layers for the largest images."""
        return self.sizes[-1]

    @property
    def value(self) -> float:
        """What the filter of the page makes of the patch, by hand."""
        return float((self.patch * self.weights).sum() + self.bias)

    @property
    def written(self) -> str:
        """The products behind this value, in LaTeX; pixels of zero add nothing and are left out."""
        pairs = zip(self.patch.ravel(), self.weights.ravel(), strict=True)
        terms = [rf"{pixel:.4g} \times ({weight:.4f})" for pixel, weight in pairs if pixel != 0]
        shown = terms[:MOST_TERMS] + ([r"\dots"] if len(terms) > MOST_TERMS else [])
        return " + ".join(shown) or "0"

    @property
    def n_blank(self) -> int:
        """Pixels of the patch that are zero."""
        return int((self.patch == 0).sum())

    @property
    def accuracy(self) -> np.ndarray:
        """Share of the unseen digits right, mean over seeds, for each network."""
        return self.accuracies.mean(1)

    @property
    def lost(self) -> float:
        """What shuffling the pixels costs the convolutional network in accuracy."""
        return float(self.accuracy[0] - self.accuracy[1])

    @property
    def photo(self) -> tuple[int, int]:
        """A convolution with 64 filters of 3 × 3 over a photo of 224 × 224 × 3, and the dense layer in its place."""
        return photo_counts()

    @property
    def vgg(self) -> np.ndarray:
        """Learnable parameters of each layer of VGG-16, thirteen convolutions and three dense layers."""
        return np.array(vgg_counts())

    @property
    def n_vgg(self) -> int:
        """Learnable parameters of VGG-16."""
        return int(self.vgg.sum())

    @property
    def vgg_dense_frac(self) -> float:
        """Share of them that stand in its three dense layers."""
        return float(self.vgg[-3:].sum() / self.vgg.sum())

    @property
    def vgg_first_dense(self) -> int:
        """Learnable parameters of the dense layer behind its flattening."""
        return int(self.vgg[-3])

    @property
    def colour_first(self) -> int:
        """Parameters of the first convolution over colour images."""
        return conv_count(self.kernel, 3, self.filters)

    @property
    def bigger_head(self) -> int:
        """Parameters of the dense layer for images of the side that an exercise asks for, flattened."""
        return (flat_size(BIGGER_SIDE, self.kernel, self.filters) + 1) * N_CLASSES


def conv_count(kernel: int, channels: int, filters: int, *, forget: str = "nothing") -> int:
    """Learnable parameters of a convolution with square filters.

    Args:
        kernel: Side of a filter.
        channels: Of its input.
        filters: How many.
        forget: nothing, channels or biases.

    Returns:
        (kernel² × channels + 1) × filters.

    Example:
        >>> conv_count(3, 1, 8), conv_count(3, 8, 16)
        (80, 1168)
    """
    depth = 1 if forget == "channels" else channels
    return (kernel**2 * depth + (0 if forget == "biases" else 1)) * filters


def flat_size(side: int, kernel: int, filters: int) -> int:
    """Numbers behind the second convolution of the lesson's network.

    Args:
        side: Of the square image.
        kernel: Side of a filter of the first convolution, without padding.
        filters: Of the first convolution.

    Returns:
        Height × width × channels.

    Example:
        >>> flat_size(8, 3, 8)    # 6 × 6 after the first, 3 × 3 after pooling, with 16 channels
        144
    """
    pooled = -(-(side - kernel + 1) // POOL)
    return pooled**2 * 2 * filters


def photo_counts() -> tuple[int, int]:
    """Parameters of the first layer for a photo: a convolution, and a dense layer that puts out as many numbers.

    Returns:
        Both counts.
    """
    return conv_count(3, 3, 64), (224 * 224 * 3 + 1) * 224 * 224 * 64


def vgg_counts() -> list[int]:
    """Learnable parameters of each layer of VGG-16, from the sizes that its authors give.

    Returns:
        Thirteen convolutions, three dense layers.

    Example:
        >>> sum(vgg_counts())
        138357544

    Source:
        simonyan-zisserman-2015, table 1, configuration D.
    """
    convolutions = [conv_count(3, n_in, n_out) for n_in, n_out in pairwise((3, *VGG_FILTERS))]
    return [*convolutions, *((n_in + 1) * n_out for n_in, n_out in pairwise(VGG_DENSE))]


def measure(
    *,
    seed: int,
    filters: int,
    kernel: int,
    head: str,
    pixels: str,
    shared: str,
    forget: str,
    epochs: int,
    rate: float,
) -> Result:
    """Counts the network and its twin, trains both, and multiplies the first convolution out.

    Args:
        seed: Of the first weights.
        filters: Of the first convolution.
        kernel: Side of its filters, without padding.
        head: Whether the maps are flattened (`flatten`) or averaged (`average`) before the dense layer.
        pixels: Whether the second arrangement is `shuffled`, all images in the same way, or stays in `place`.
        shared: Whether the matrix has the same weights at every place (`yes`), or has its own at each (`no`).
        forget: What the formula forgets: nothing, channels or biases.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.explain import parameters, shapes

    data = bl.load("digits")
    order = np.random.default_rng(seed).permutation(SIDE**2)
    mixed = data.inputs.reshape(-1, SIDE**2)[:, order].reshape(data.inputs.shape)
    arrangements = data, replace(data, inputs=mixed, recipe=None) if pixels == "shuffled" else data
    small_units = max(1, round((count_all(filters, kernel, head) - N_CLASSES) / (SIDE**2 + 1 + N_CLASSES)))
    settings: dict[str, Any] = {
        "epochs": epochs,
        "optimizer": "adam",
        "learning_rate": rate,
        "loss": "sparse_categorical_crossentropy",
    }
    network = convolutional(SIDE, filters, kernel, head)
    trained = []
    for rows in arrangements:
        for which in range(N_SEEDS):
            network.set_weights(_first([seed, which], network))
            trained.append(bl.fit(network, rows, save=False, verbose=False, **settings).weights(0))
    accuracies = np.array(
        [
            [_accuracy(network, weights, arrangements[0]) for weights in trained[:N_SEEDS]],
            [_accuracy(network, weights, arrangements[1]) for weights in trained[N_SEEDS:]],
            _dense_accuracies(twin_sizes(filters, kernel), data, seed, settings),
            _dense_accuracies((SIDE**2, small_units, N_CLASSES), data, seed, settings),
        ]
    )
    network.set_weights(trained[0])
    found, ways = parameters(network), shapes(network)
    named = [layer for layer in network.layers if layer.name in ("first", "pool", "second", "answer")]
    images = np.asarray(data.test[0], np.float64)[:N_IMAGES, :, :, 0]
    weights = np.asarray(named[0].kernel, np.float64)[:, :, 0, :]
    biases = np.asarray(named[0].bias, np.float64)
    matrix = as_dense(weights, SIDE, own=np.random.default_rng(seed) if shared == "no" else None)
    side = SIDE - kernel + 1
    by_matrix = images.reshape(len(images), -1) @ matrix + np.tile(biases, side**2)
    maps = np.asarray(_opened(network)(images[..., None].astype(np.float32)), np.float64).reshape(len(images), -1)
    place = (side - 1) // 2
    after: list[Any] = [ways[name].after[0] for name in ("first", "pool", "second")]
    return Result(
        filters=filters,
        kernel=kernel,
        head=head,
        by_formula=counts(SIDE, filters, kernel, head, forget=forget),
        by_keras=tuple(layer.count_params() for layer in named),
        by_backlit=tuple(found[layer.name].count for layer in named),
        formulas=tuple(found[layer.name].formula for layer in named),
        shapes=((SIDE, SIDE, 1), *after),
        n_flat=int(network.get_layer("answer").kernel.shape[0]),
        twin=tuple((n_in + 1) * n_out for n_in, n_out in pairwise(twin_sizes(filters, kernel))),
        n_small=(SIDE**2 + 1) * small_units + (small_units + 1) * N_CLASSES,
        small_units=small_units,
        sizes=np.array([np.delete(counts(side, filters, kernel, head), 1) for side in SIDES]),
        matrix=matrix,
        matrix_error=float((np.abs(by_matrix - maps) / np.maximum(1.0, np.abs(maps))).max()),
        image=images[0],
        patch=images[0][place : place + kernel, place : place + kernel],
        weights=weights[:, :, 0],
        bias=float(biases[0]),
        keras_value=float(maps[0].reshape(side, side, filters)[place, place, 0]),
        accuracies=accuracies,
    )


def convolutional(side: int, filters: int, kernel: int, head: str) -> Any:
    """The lesson's network: convolution, pooling, convolution, dense layer.

    Args:
        side: Of the square image.
        filters: Of the first convolution.
        kernel: Side of its filters.
        head: flatten or average.

    Returns:
        A built Keras model.
    """
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Conv2D(filters, kernel, activation="relu", name="first"),
            layers.MaxPooling2D(POOL, padding="same", name="pool"),
            layers.Conv2D(2 * filters, SECOND_KERNEL, padding="same", activation="relu", name="second"),
            layers.Flatten() if head == "flatten" else layers.GlobalAveragePooling2D(),
            layers.Dense(N_CLASSES, activation="softmax", name="answer"),
        ]
    )


def counts(side: int, filters: int, kernel: int, head: str, *, forget: str = "nothing") -> tuple[int, int, int, int]:
    """Learnable parameters of the lesson's network by formula.

    Args:
        side: Of the square image.
        filters: Of the first convolution.
        kernel: Side of its filters.
        head: flatten or average.
        forget: nothing, channels or biases.

    Returns:
        Convolution, pooling, convolution, dense layer.

    Example:
        >>> counts(8, 8, 3, "flatten")
        (80, 0, 1168, 1450)
    """
    n_flat = flat_size(side, kernel, filters) if head == "flatten" else 2 * filters
    return (
        conv_count(kernel, 1, filters, forget=forget),
        0,
        conv_count(SECOND_KERNEL, filters, 2 * filters, forget=forget),
        (n_flat + (0 if forget == "biases" else 1)) * N_CLASSES,
    )


def count_all(filters: int, kernel: int, head: str) -> int:
    """The same for digits, all layers together."""
    return sum(counts(SIDE, filters, kernel, head))


def twin_sizes(filters: int, kernel: int) -> tuple[int, ...]:
    """Sizes of the dense twin: pixels, as many numbers as each convolution puts out, classes.

    Args:
        filters: Of the first convolution.
        kernel: Side of its filters.

    Returns:
        Inputs, neurons of each layer, outputs.

    Example:
        >>> twin_sizes(8, 3)
        (64, 288, 144, 10)
    """
    return SIDE**2, (SIDE - kernel + 1) ** 2 * filters, flat_size(SIDE, kernel, filters), N_CLASSES


def as_dense(weights: np.ndarray, side: int, *, own: np.random.Generator | None = None) -> np.ndarray:
    """A convolution over one channel as the kernel of a dense layer.

    Args:
        weights: Filters, (row, column, filter).
        side: Of the square image.
        own: Draws weights of its own for every place, in place of sharing; None shares.

    Returns:
        (pixel, output), outputs in the order place by place, then filter.

    Example:
        >>> as_dense(np.array([[[5.0]]]), 2).tolist()    # a filter of one pixel: the same weight four times
        [[5.0, 0.0, 0.0, 0.0], [0.0, 5.0, 0.0, 0.0], [0.0, 0.0, 5.0, 0.0], [0.0, 0.0, 0.0, 5.0]]
    """
    kernel, _, filters = weights.shape
    n = side - kernel + 1
    matrix = np.zeros((side, side, n, n, filters))
    for i in range(n):
        for j in range(n):
            here = weights if own is None else own.normal(0.0, weights.std() + 1e-3, weights.shape)
            matrix[i : i + kernel, j : j + kernel, i, j] = here
    return matrix.reshape(side * side, n * n * filters)


def _first(seed: list[int], model: Any) -> list[np.ndarray]:
    """Normal weights with variance two by the inputs of an output, and biases of zero."""
    rng = np.random.default_rng(seed)
    shapes = [part.shape for part in model.get_weights()]
    spreads = [(2 / math.prod(shape[:-1])) ** 0.5 if len(shape) > 1 else 0.0 for shape in shapes]
    return [rng.normal(0.0, 1.0, shape) * spread for shape, spread in zip(shapes, spreads, strict=True)]


def _accuracy(model: Any, weights: Any, data: Any) -> float:
    """Share of the unseen digits that a model gets right with these weights, which it keeps."""
    model.set_weights(weights)
    rows, labels = data.test
    return float((np.asarray(model(rows)).argmax(1) == labels).mean())


def _dense_accuracies(sizes: tuple[int, ...], data: Any, seed: int, settings: dict[str, Any]) -> list[float]:
    """Share of the unseen digits that dense networks of these sizes get right, a network for each seed."""
    import keras

    import backlit as bl

    hidden = [keras.layers.Dense(n, "relu") for n in sizes[1:-1]]
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), *hidden, keras.layers.Dense(N_CLASSES, "softmax")]
    )
    found = []
    for which in range(N_SEEDS):
        model.set_weights(_first([seed, which], model))
        found.append(_accuracy(model, bl.fit(model, data, save=False, verbose=False, **settings).weights(0), data))
    return found


def _opened(model: Any) -> Any:
    """The first convolution alone, before its ReLU."""
    import keras

    first = model.get_layer("first")
    alone = keras.layers.Conv2D(first.filters, first.kernel_size)
    opened = keras.Sequential([keras.Input(model.input_shape[1:]), alone])
    opened.set_weights(first.get_weights())
    return opened


def charts(result: Result) -> tuple[Chart, ...]:
    """Counts beside the twin's, growth with the image, the matrix, a large network."""
    numbers = Axis(Words(en="learnable parameters", zh="可学习参数"), is_log=True)
    behind = (LAYERS[0], LAYERS[2], LAYERS[3])
    one = result.matrix.reshape(SIDE**2, -1, result.filters)[:, :, 0]
    names = [f"{kind}{i}" for kind, n in (("C", 13), ("D", 3)) for i in range(1, n + 1)]
    return (
        Chart(
            "layers",
            title=Words(en="Learnable parameters of each layer", zh="各层的可学习参数"),
            x=Axis(Words(en="layer", zh="层"), labels=behind),
            y=numbers,
            series=(
                Series(NETWORKS[0], range(3), [result.by_keras[i] for i in (0, 2, 3)], kind="bars"),
                Series(NETWORKS[2], range(3), result.twin, kind="bars"),
            ),
        ),
        Chart(
            "matrix",
            title=Words(en="One filter written as a dense layer", zh="把一个滤波器写成全连接层"),
            x=Axis(Words(en="output: place in the map", zh="输出：特征图上的位置")),
            y=Axis(Words(en="input: pixel", zh="输入：像素")),
            surface=Surface(
                Words(en="weight", zh="权重"), np.arange(one.shape[1], dtype=float), np.arange(float(SIDE**2)), one
            ),
        ),
        Chart(
            "growth",
            title=Words(en="The same network for larger images", zh="同样的网络，更大的图像"),
            x=Axis(Words(en="side of the image", zh="图像的边长"), unit="px", is_log=True),
            y=numbers,
            series=tuple(Series(behind[i], SIDES, result.sizes[:, i]) for i in range(3)),
        ),
        Chart(
            "vgg",
            title=Words(en="VGG-16, layer by layer", zh="VGG-16，逐层"),
            x=Axis(
                Words(en="C: convolution, D: dense", zh="C：卷积层，D：全连接层"),
                labels=tuple(Words(en=name, zh=name) for name in names),
            ),
            y=Axis(Words(en="learnable parameters, millions", zh="可学习参数，百万")),
            series=(
                Series(
                    Words(en="by formula", zh="按公式"), range(len(names)), [n / 1e6 for n in vgg_counts()], kind="bars"
                ),
            ),
        ),
        Chart(
            "accuracy",
            title=Words(en="Unseen digits", zh="未见的数字图像"),
            x=Axis(Words(en="network", zh="网络"), labels=NETWORKS),
            y=Axis(Words(en="accuracy", zh="准确率")),
            series=(
                Series(
                    Words(en="mean of the seeds", zh="各随机种子的均值"),
                    range(len(NETWORKS)),
                    result.accuracy,
                    kind="bars",
                    lo=result.accuracies.min(1),
                    hi=result.accuracies.max(1),
                ),
            ),
        ),
    )


def _answer(result: Result) -> str:
    ratio = result.first_ratio
    return "A" if ratio < 3 else "B" if ratio < 100 else "C"


LESSON = Lesson(
    number=32,
    title=Words(en="Learnable parameters in a CNN", zh="卷积神经网络的可学习参数"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("filters", Words(en="filters of the first convolution", zh="第一个卷积层的滤波器数"), 8, low=1, high=32),
        Knob("kernel", Words(en="side of its filters", zh="滤波器的边长"), 3, low=1, high=8),
        Knob(
            "head",
            Words(en="before the dense layer, maps are", zh="全连接层之前，特征图如何处理"),
            "flatten",
            choices=("flatten", "average"),
        ),
        Knob(
            "pixels",
            Words(en="pixels of the second arrangement", zh="第二种排列的像素"),
            "shuffled",
            choices=("shuffled", "place"),
        ),
        Knob(
            "shared",
            Words(en="whether the matrix shares its weights", zh="矩阵是否共享权重"),
            "yes",
            choices=("yes", "no"),
        ),
        Knob(
            "forget",
            Words(en="what the formula forgets", zh="公式漏掉什么"),
            "nothing",
            choices=("nothing", "channels", "biases"),
        ),
        epochs_knob(10, high=60),
        rate_knob(0.005, high=1.0),
    ),
    claims=(
        Claim(
            "counts-equal",
            words=Words(
                en="(Side² × channels + one) × filters is what Keras and backlit count.",
                zh="（边长² × 通道数 + 一）× 滤波器数，就是 Keras 和 backlit 数出的个数。",
            ),
            quantity=Words(en="largest difference, all layers", zh="各层中最大的差"),
            value=lambda r: r.count_error,
            below=0.5,
            null={"forget": "channels"},
        ),
        Claim(
            "saves",
            words=Words(
                en="A dense layer with as many outputs has far more parameters than the first convolution.",
                zh="输出一样多的全连接层，参数远多于第一个卷积层。",
            ),
            quantity=Words(en="dense / convolution", zh="全连接 / 卷积"),
            value=lambda r: r.first_ratio,
            above=50,
            null={"kernel": 8},
        ),
        Claim(
            "dense-in-disguise",
            words=Words(
                en="The convolution is a dense layer whose weights are mostly zero and otherwise shared.",
                zh="卷积就是一个全连接层，它的权重大多为零，其余的共享。",
            ),
            quantity=Words(en="largest relative difference from Keras", zh="与 Keras 之间最大的相对差"),
            value=lambda r: r.matrix_error,
            below=1e-5,
            null={"shared": "no"},
        ),
        Claim(
            "head-grows",
            words=Words(
                en="Flattened, larger images make the dense layer grow; the convolutions stay as they are.",
                zh="展平之后，图像变大，全连接层跟着变大；卷积层不变。",
            ),
            quantity=Words(
                en="dense layer with twice the image's side / before", zh="图像边长加倍后的全连接层 / 原来的"
            ),
            value=lambda r: r.head_growth,
            above=3.0,
            null={"head": "average"},
        ),
        Claim(
            "bet-on-neighbours",
            words=Words(
                en="Sharing is a bet on neighbourhood: with shuffled pixels the convolutional network does worse.",
                zh="共享权重是押注于相邻的像素：打乱像素，卷积网络就差一些。",
            ),
            quantity=Words(en="accuracy, in place − shuffled", zh="准确率，原位 − 打乱"),
            value=lambda r: r.lost,
            above=0.012,
            null={"pixels": "place"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.colour_first, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.bigger_head, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.n_not_zero, tolerance=0.0, spec=".0f"),
    ),
    lessons=(4, 19, 21, 22, 31),
    sources=("lecun-1989", "lin-2014", "simonyan-zisserman-2015", "alpaydin-kaynak-1998"),
    quick={"epochs": 6},
)
