"""Lesson 20, visualising filters: kernels, feature maps, the input that excites a filter most, and the top pictures.

The filters of a network that learnt drawn images are looked at in four ways. Gradient ascent makes the input that
excites each of them most: in the first convolution, where a filter is a weighted sum, the highest value that is
possible at all is known, so the ascent can be checked; in the others it is compared with the best of many pictures.
Then the pictures are cut into tiles and shuffled: a filter that looks for something small does not mind.

Source:
    erhan-2009, simonyan-2014, yosinski-2015 (ascent and its brakes), zeiler-fergus-2014 (top pictures by layer).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.l19_convolutional_networks.probes import drawn_rows, untrained_like
from backlit.lessons.l20_visualising_filters.asking import Climb, ask, in_pieces, left_of, receptive_sides, roughness
from backlit.lessons.l20_visualising_filters.figures import charts

N_ROWS = 256
FIRST_DATA_SEED = 2000  # far from the seeds that the shipped network was trained on
LAYERS = ("conv_1", "conv_2", "conv_3", "conv_4")
N_SHOWN, N_TOPS, N_PAIRS = 6, 3, 3  # filters a layer, filters with top pictures, pictures with their pieces
GREY = 0.5  # where the step by hand begins
PART = 4  # of the last convolution's filters, the quarter that answers most to a property
PROPERTIES = ("shape", "texture", "colour")
SHAPE, TEXTURE, COLOUR = range(len(PROPERTIES))


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        kernels: Of the first convolution, (filter, row, column, channel).
        picture: The picture whose maps are shown, (row, column, channel).
        maps: What the first filters of each convolution make of it, (layer, filter, row, column).
        excited: The input that excites each of these filters most, (layer, filter, row, column, channel).
        tops: For some filters of the last convolution, the excited input and the best pictures,
            (filter, place, row, column, channel).
        pairs: A few pictures, and the same in pieces, (whole or in pieces, picture, row, column, channel).
        reached: How much each filter's excited input excites it, one array for each layer.
        best: How much the best picture does, one array for each layer.
        left: The share of the strongest answers that is left in pieces, one array for each layer.
        left_random: The same for random filters.
        left_by: In the last convolution, the mean of `left` over the quarter of the filters that answer most to the
            shape, to the texture, to the colour.
        heights: Where the excited inputs of the first convolution lie between the lowest sum that a filter can
            have (0) and the highest (1), for each filter.
        rough: Mean difference between neighbouring pixels of the last convolution's excited inputs.
        rough_pictures: The same of the pictures.
        seen: Side of what a number on each convolution's map can see, in pixels.
        n_filters: Of each convolution.
        weights: Of the filter that is followed by hand, (place, channel), place by place, row by row.
        rate: Length of a step, as a share of the pixels' range.
        steps: Of the ascent.
        by_keras: The followed filter's sum after the step by hand, by Keras.
        other_window: Of an exercise.
        other_steps: Of another.
    """

    kernels: np.ndarray
    picture: np.ndarray
    maps: np.ndarray
    excited: np.ndarray
    tops: np.ndarray
    pairs: np.ndarray
    reached: tuple[np.ndarray, ...]
    best: tuple[np.ndarray, ...]
    left: tuple[np.ndarray, ...]
    left_random: tuple[np.ndarray, ...]
    left_by: np.ndarray
    heights: np.ndarray
    rough: float
    rough_pictures: float
    seen: tuple[int, ...]
    n_filters: tuple[int, ...]
    weights: np.ndarray
    rate: float
    steps: int
    by_keras: float
    other_window: int
    other_steps: int
    n_rows: int = field(default=N_ROWS)
    grey: float = field(default=GREY)

    @property
    def side(self) -> int:
        """Side of a picture, in pixels."""
        return len(self.picture)

    @property
    def height(self) -> float:
        """Mean of `heights`."""
        return float(self.heights.mean())

    @property
    def ratios(self) -> tuple[np.ndarray, ...]:
        """The excited input's activation over the best picture's, for each filter of each layer."""
        return tuple(reached / best for reached, best in zip(self.reached, self.best, strict=True))

    @property
    def beyond(self) -> np.ndarray:
        """Median of these for each layer."""
        return np.array([np.median(own) for own in self.ratios])

    @property
    def beaten(self) -> float:
        """Share of the last convolution's filters whose excited input beats every picture."""
        return float((self.ratios[-1] > 1).mean())

    @property
    def kept(self) -> np.ndarray:
        """Mean share that is left in pieces, for each layer."""
        return np.array([own.mean() for own in self.left])

    @property
    def kept_random(self) -> np.ndarray:
        """The same for random filters."""
        return np.array([own.mean() for own in self.left_random])

    @property
    def lost(self) -> float:
        """How much less is left for the third convolution than for the first."""
        return float(self.kept[0] - self.kept[2])

    @property
    def n_most(self) -> int:
        """Filters in a quarter of the last convolution."""
        return self.n_filters[-1] // PART

    @property
    def by_kind(self) -> float:
        """How much more is left for filters that answer to colour than for those that answer to shape."""
        return float(self.left_by[COLOUR] - self.left_by[SHAPE])

    @property
    def roughness(self) -> float:
        """Mean difference between neighbouring pixels, excited inputs over pictures."""
        return self.rough / self.rough_pictures

    @property
    def total(self) -> float:
        """Sum of the followed filter's weights."""
        return float(self.weights.sum())

    @property
    def squares(self) -> float:
        """Sum of their squares."""
        return float((self.weights**2).sum())

    @property
    def largest(self) -> float:
        """The largest of them, without its sign."""
        return float(np.abs(self.weights).max())

    @property
    def before(self) -> float:
        """The followed filter's sum for a grey image."""
        return GREY * self.total

    @property
    def gain(self) -> float:
        """What one step adds to it."""
        return self.rate * self.squares / self.largest

    @property
    def after(self) -> float:
        """The sum after the step."""
        return self.before + self.gain

    @property
    def middle(self) -> np.ndarray:
        """The followed filter's weights in the middle of its window, for each channel."""
        return self.weights[len(self.weights) // 2]

    @property
    def pushes(self) -> np.ndarray:
        """By how much the step moves the middle pixel's channels."""
        return self.rate * self.middle / self.largest

    @property
    def moved(self) -> np.ndarray:
        """Where they are then."""
        return GREY + self.pushes

    @property
    def gap(self) -> float:
        """Difference between hand and Keras."""
        return abs(self.after - self.by_keras)


def measure(*, seed: int, rate: float, steps: int, brakes: str, tiles: str, weights: str) -> Result:
    """Looks at the filters of a trained network in four ways, and takes one step by hand.

    Args:
        seed: Of the pictures, the noise, the orders of the tiles and the random filters.
        rate: Length of the ascent's first step, as a share of the pixels' range.
        steps: Of the ascent.
        brakes: Whether what no picture has is held down while the image forms: `on` or `off`.
        tiles: Along each side of a picture that is cut and shuffled; `1` leaves it whole.
        weights: Which filters are looked at: `trained` or `random`.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.models.bases import shipped_base

    model = shipped_base("shapes-base")
    fresh = untrained_like(model, seed=seed).get_weights()
    if weights == "random":
        model.set_weights(untrained_like(model, seed=seed + 10_000).get_weights())
    drawn = drawn_rows(N_ROWS, seed=FIRST_DATA_SEED + seed)
    rows = drawn.images
    shuffled = in_pieces(rows, tiles=int(tiles), seed=seed)
    climb = Climb(rate, steps, is_braked=brakes == "on")
    asked = [ask(model, name, rows, shuffled, climb=climb, seed=seed) for name in LAYERS]
    picture = rows[0]
    found = [bl.explain.filters(model, name, data=rows) for name in LAYERS]
    maps = [_enlarged(each.feature_maps(picture)[0][..., :N_SHOWN], len(picture)) for each in found]
    kernels = np.moveaxis(found[0].kernels, -1, 0).astype(float)
    followed = kernels[seed % len(kernels)]
    random = np.random.default_rng([20, seed])
    seen = receptive_sides(model.layers)
    n_filters = tuple(len(each) for each in found)
    model.set_weights(fresh)
    last = asked[-1]
    return Result(
        kernels=kernels,
        picture=picture,
        maps=np.array(maps),
        excited=np.array([each.images[:N_SHOWN] for each in asked]),
        tops=np.array([[last.images[i], *rows[last.top[i]]] for i in range(N_TOPS)]),
        pairs=np.array([rows[:N_PAIRS], shuffled[:N_PAIRS]]),
        reached=tuple(each.reached for each in asked),
        best=tuple(each.best for each in asked),
        left=tuple(each.left for each in asked),
        left_random=tuple(left_of(bl.explain.filters(model, name, data=rows), shuffled) for name in LAYERS),
        left_by=_left_by(found[-1].peaks(), drawn.properties, last.left),
        heights=_heights(kernels, rows, asked[0].reached),
        rough=roughness(last.images),
        rough_pictures=roughness(rows),
        seen=seen,
        n_filters=n_filters,
        weights=followed.reshape(-1, followed.shape[-1]),
        rate=rate,
        steps=steps,
        by_keras=_stepped_by_keras(followed, rate),
        other_window=int(random.choice([5, 7, 9, 11])),
        other_steps=int(random.integers(2, 5)),
    )


def _left_by(peaks: np.ndarray, properties: dict[str, np.ndarray], left: np.ndarray) -> np.ndarray:
    """What pieces leave to the filters that answer most to each property."""
    from backlit.measure import selectivity

    shares = [selectivity(peaks, properties[name]) for name in PROPERTIES]
    return np.array([left[np.argsort(-own, kind="stable")[: len(left) // PART]].mean() for own in shares])


def _heights(kernels: np.ndarray, rows: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Where a sum lies between the lowest and the highest that pixels within the pictures' range can give."""
    low, high = rows.min((0, 1, 2)).astype(float), rows.max((0, 1, 2)).astype(float)
    ends = kernels[..., None] * np.stack([low, high], axis=-1)
    lowest, highest = (end.sum((1, 2, 3)) for end in (ends.min(-1), ends.max(-1)))
    return (reached - lowest) / (highest - lowest)


def _enlarged(maps: np.ndarray, side: int) -> np.ndarray:
    """Maps of any size as large as the picture, the filter first; each number becomes a square."""
    factor = side // maps.shape[0]
    return np.moveaxis(maps, -1, 0).repeat(factor, axis=1).repeat(factor, axis=2)


def _stepped_by_keras(kernel: np.ndarray, rate: float) -> float:
    """A filter's sum for a grey image after one step: the slope by JAX, the sum by Keras."""
    import jax
    import keras

    layer = keras.layers.Conv2D(1, kernel.shape[:2], use_bias=False)
    image: Any = np.full((1, *kernel.shape), GREY, np.float32)
    layer.build(image.shape)
    layer.set_weights([kernel[..., None]])
    variables = layer.trainable_variables

    def value(pixels: Any) -> Any:
        return layer.stateless_call([variable.value for variable in variables], [], pixels)[0].sum()

    slope = np.asarray(jax.grad(value)(image))
    return float(value(image + np.float32(rate) * slope / np.abs(slope).max()))


LESSON = Lesson(
    number=20,
    title=Words(en="Visualising filters", zh="可视化卷积滤波器"),
    measure=measure,
    charts=charts,
    guess=Guess(
        "ABC",
        answer=lambda r: "A" if r.beyond[-1] < 1.15 else "B" if r.beyond[-1] < 2.0 else "C",
    ),
    knobs=(
        Knob(
            "rate",
            Words(
                en="length of the first step, as a share of the pixels' range", zh="第一步的步长，占像素取值范围的比例"
            ),
            0.1,
            low=0.0,
            high=0.5,
        ),
        Knob("steps", Words(en="steps of the ascent", zh="上升多少步"), 128, low=1, high=512),
        Knob(
            "brakes",
            Words(en="whether what no picture has is held down", zh="是否压住图像里不会有的东西"),
            "on",
            choices=("on", "off"),
        ),
        Knob(
            "tiles",
            Words(en="tiles along each side of a shuffled picture", zh="打乱图像时，每边切成几块"),
            "4",
            choices=("1", "2", "4", "8"),
        ),
        Knob(
            "weights",
            Words(en="which filters are looked at", zh="看哪些滤波器"),
            "trained",
            choices=("trained", "random"),
        ),
    ),
    claims=(
        Claim(
            "to-the-top",
            words=Words(
                en="In the first convolution the ascent comes close to the highest value that is possible at all.",
                zh="在第一层卷积里，上升几乎到达了可能的最高值。",
            ),
            quantity=Words(
                en="where it arrives between the lowest (0) and the highest (1), mean of the filters",
                zh="到达的位置，最低为 0，最高为 1，各滤波器的平均",
            ),
            value=lambda r: r.height,
            above=0.8,
            null={"rate": 0.0},
        ),
        Claim(
            "beyond-the-pictures",
            words=Words(
                en="What is made excites a filter of the last convolution more than the best of all pictures.",
                zh="生成的输入，比所有图像里最好的那张更能激发最后一层卷积的滤波器。",
            ),
            quantity=Words(
                en="activation by the made input / by the best picture, median of the filters",
                zh="生成的输入引起的激活值 / 最好的图像引起的，各滤波器的中位数",
            ),
            value=lambda r: float(r.beyond[-1]),
            above=2.0,
            null={"rate": 0.0},
        ),
        Claim(
            "brakes-smooth",
            words=Words(
                en="Brakes keep the made inputs from becoming noise.",
                zh="有了约束，生成的输入不会变成一片噪点。",
            ),
            quantity=Words(
                en="difference between neighbouring pixels, made inputs / pictures",
                zh="相邻像素的差别，生成的输入 / 图像",
            ),
            value=lambda r: r.roughness,
            below=1.5,
            null={"brakes": "off"},
        ),
        Claim(
            "deeper-needs-the-whole",
            words=Words(
                en="In pieces, a picture loses much for the third convolution, and little for the first.",
                zh="图像打成碎片，第三层卷积的反应损失很大，第一层损失很小。",
            ),
            quantity=Words(
                en="share of the strongest answers that is left in pieces, first convolution − third",
                zh="打成碎片后最强的反应剩下的比例，第一层卷积 − 第三层",
            ),
            value=lambda r: r.lost,
            above=0.2,
            null={"tiles": "1"},
        ),
        Claim(
            "shape-needs-the-whole",
            words=Words(
                en="In the last convolution, filters for shape need the arrangement, and filters for colour do not.",
                zh="在最后一层卷积里，对形状有反应的滤波器离不开排列，对颜色有反应的则不然。",
            ),
            quantity=Words(
                en="share that is left in pieces, filters for colour − filters for shape",
                zh="打成碎片后剩下的比例，对颜色的滤波器 − 对形状的滤波器",
            ),
            value=lambda r: r.by_kind,
            above=0.15,
            null={"tiles": "1"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(np.maximum(r.weights, 0).sum()), spec=".4f"),
        Exercise(answer=lambda r: 3 * r.other_window - 1, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.before + r.other_steps * r.gain, spec=".4f"),
    ),
    lessons=(19, 21, 22, 28),
    sources=(
        "erhan-2009",
        "simonyan-2014",
        "zeiler-fergus-2014",
        "yosinski-2015",
        "mahendran-vedaldi-2015",
        "olah-2017",
        "dumoulin-visin-2016",
    ),
)
