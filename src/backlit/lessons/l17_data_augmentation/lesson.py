"""Lesson 17, data augmentation: changes of images seen, computed by hand, and measured on few rows; and a wrong one.

The same network learns fifty digits three times: as they are, moved a little in every step, and mirrored. One moved
image is computed by hand on a second road: pictures whose values are their own row and column numbers, changed by the
same draws, tell which place each pixel shows; NumPy reads the digit there.

Source:
    shorten-khoshgoftaar-2019 (which changes are common), simard-2003 (few rows, moved), zhang-2018-mixup (equation 1).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY, EPOCH, curves, epochs_knob, spread_line
from backlit.views.chart import Axis, Chart, Series, Surface

N_SEEDS = 5
BATCH_SIZE = 10
TURN, MOVE, ZOOM = 12.0, 0.1, 0.1  # strengths of the good changes, times the knob
SHOWN_TURN, SHOWN_ZOOM, SHOWN_CROP, SHOWN_SHIFT = 30.0, 0.4, 0.4, 0.2  # strong ones, to be seen
N_VERSIONS = 16  # of which the one that differs most is shown
SIZE = 8  # of a digit, in pixels
LARGEST_SHARE = 0.5  # of another image, mixed in
NONE, MOVED, FLIPPED = 0, 1, 2
ARMS = (
    Words(en="as they are", zh="原样"),
    Words(en="moved a little", zh="稍加变动"),
    Words(en="mirrored", zh="翻转"),
)
VERSIONS = (
    Words(en="as it is", zh="原图"),
    Words(en="flipped horizontally", zh="水平翻转"),
    Words(en="flipped vertically", zh="垂直翻转"),
    Words(en="rotated", zh="旋转"),
    Words(en="zoomed in", zh="放大"),
    Words(en="zoomed out", zh="缩小"),
    Words(en="cropped", zh="裁剪"),
)
COLOURS = (
    Words(en="as it is", zh="原图"),
    Words(en="brightness", zh="亮度"),
    Words(en="contrast", zh="对比度"),
    Words(en="saturation", zh="饱和度"),
    Words(en="hue", zh="色相"),
)
CHANNELS = (Words(en="red", zh="红"), Words(en="green", zh="绿"), Words(en="blue", zh="蓝"))


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        versions: One digit, as it is and after each change, (version, down, across).
        colours: Red, green and blue of one pixel inside a drawn shape, as it is and after each change,
            (change, channel).
        places: Which place of the image each pixel of the moved digit shows, (down or across, down, across).
        digit: The digit that is moved.
        by_hand: The moved digit by hand.
        by_engine: The moved digit as training sees it.
        curves: Accuracy on unseen rows after each epoch, (arm, seed, epoch).
        train_accuracies: Accuracy on the training rows as they are, after training, (arm, seed).
        by_class: Share of the unseen digits of each class that are right after training, mean over seeds, (arm, class).
        n_rows: Training rows.
        n_unseen: Unseen rows.
        share: Share of another image in a mixture.
        probabilities: What the network says to the mixture, by class.
        mixed_classes: Class of the image and of the one that is mixed in.
    """

    versions: np.ndarray
    colours: np.ndarray
    places: np.ndarray
    digit: np.ndarray
    by_hand: np.ndarray
    by_engine: np.ndarray
    curves: np.ndarray
    train_accuracies: np.ndarray
    by_class: np.ndarray
    n_rows: int
    n_unseen: int
    share: float
    probabilities: np.ndarray
    mixed_classes: tuple[int, int]
    turn: float = field(default=TURN)
    move: float = field(default=MOVE)
    zoom: float = field(default=ZOOM)

    @property
    def n_seeds(self) -> int:
        """Networks of each arm."""
        return self.curves.shape[1]

    @property
    def n_epochs(self) -> int:
        """Passes over the training rows."""
        return self.curves.shape[2]

    @property
    def accuracies(self) -> np.ndarray:
        """Accuracy on unseen rows after training, (arm, seed)."""
        return self.curves[:, :, -1]

    @property
    def accuracy(self) -> np.ndarray:
        """Its mean over seeds."""
        return self.accuracies.mean(1)

    @property
    def train_accuracy(self) -> np.ndarray:
        """Accuracy on the training rows after training, mean over seeds."""
        return self.train_accuracies.mean(1)

    @property
    def gain(self) -> float:
        """What moving is worth on unseen rows, mean over seeds, in percentage points."""
        return 100 * float(self.accuracy[MOVED] - self.accuracy[NONE])

    @property
    def harm(self) -> float:
        """What mirroring costs on unseen rows, mean over seeds, in percentage points."""
        return 100 * float(self.accuracy[NONE] - self.accuracy[FLIPPED])

    @property
    def worst_class(self) -> int:
        """The digit that mirroring harms most."""
        return int((self.by_class[NONE] - self.by_class[FLIPPED]).argmax())

    @property
    def worst_harm(self) -> float:
        """What mirroring costs there, in percentage points."""
        return 100 * float((self.by_class[NONE] - self.by_class[FLIPPED]).max())

    @property
    def gap(self) -> float:
        """Largest difference between the moved digit by hand and as training sees it, over all pixels."""
        return float(np.abs(self.by_hand - self.by_engine).max())

    @property
    def _followed(self) -> list[tuple[int, int]]:
        """The two pixels whose four corners differ most: one is followed by hand, one is of an exercise."""
        pixels = list(np.ndindex(self.digit.shape))
        spreads = [corners_of(self.digit, self.places[:, down, across]).std() for down, across in pixels]
        return [(int(pixels[i][0]), int(pixels[i][1])) for i in np.argsort(spreads)[::-1][:2]]

    @property
    def row(self) -> int:
        """Row of the followed pixel, from 0."""
        return self._followed[0][0]

    @property
    def column(self) -> int:
        """Column of the followed pixel, from 0."""
        return self._followed[0][1]

    @property
    def other_row(self) -> int:
        """Row of the pixel of the exercise, from 0."""
        return self._followed[1][0]

    @property
    def other_column(self) -> int:
        """Column of the pixel of the exercise, from 0."""
        return self._followed[1][1]

    @property
    def corners(self) -> np.ndarray:
        """The four pixels around the place that the followed pixel shows: (upper and lower, left and right)."""
        return corners_of(self.digit, self.place)

    @property
    def other_corners(self) -> np.ndarray:
        """The same for the pixel of the exercise."""
        return corners_of(self.digit, self.other_place)

    @property
    def place(self) -> np.ndarray:
        """The place that the followed pixel shows: down, across."""
        return self.places[:, self.row, self.column]

    @property
    def other_place(self) -> np.ndarray:
        """The place that the pixel of the exercise shows."""
        return self.places[:, self.other_row, self.other_column]

    @property
    def shares(self) -> np.ndarray:
        """How far it lies beyond the upper and the left of them, in pixels: a for down, b for across."""
        return self.place - np.floor(self.place)

    @property
    def value_by_hand(self) -> float:
        """The followed pixel by hand."""
        return float(self.by_hand[self.row, self.column])

    @property
    def value_by_engine(self) -> float:
        """The followed pixel as training sees it."""
        return float(self.by_engine[self.row, self.column])

    @property
    def own_class(self) -> int:
        """Class of the image."""
        return self.mixed_classes[0]

    @property
    def other_class(self) -> int:
        """Class of the image that is mixed in."""
        return self.mixed_classes[1]

    @property
    def own_probability(self) -> float:
        """What the network gives the image's class for the mixture."""
        return float(self.probabilities[self.own_class])

    @property
    def other_probability(self) -> float:
        """What it gives the other class."""
        return float(self.probabilities[self.other_class])

    @property
    def mixed_loss(self) -> float:
        """Loss of the mixture, in nats."""
        own, other = -np.log(self.own_probability), -np.log(self.other_probability)
        return float((1 - self.share) * own + self.share * other)


def measure(*, seed: int, strength: float, flips: str, rows: int, epochs: int, reading: str) -> Result:
    """Shows the changes, moves a digit by hand, and trains with and without.

    Args:
        seed: First of the seeds, and of the draws.
        strength: How strong the good changes are: 1 turns by up to twelve degrees and moves by up to a tenth.
        flips: Which mirrors the third arm uses: `both`, `horizontal` or `none`.
        rows: Training rows.
        epochs: Passes over them.
        reading: How a place between pixels is read by hand: `bilinear` or `nearest`.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import digits_network

    data = bl.load("digits")
    chosen = _stratified_rows(data.targets, rows, seed)
    unseen = np.setdiff1d(np.arange(len(data)), chosen)
    data = replace(data, splits=Splits.of_rows(chosen, unseen), recipe=None)
    moves = {"rotation": TURN, "shift": MOVE, "zoom_in": ZOOM, "zoom_out": ZOOM}
    mirrors = {"both": ("horizontal", "vertical"), "horizontal": ("horizontal",), "none": ()}[flips]
    arms: tuple[dict[str, float], ...] = (
        {},
        {name: strength * most for name, most in moves.items()},
        {f"flip_{way}": 0.5 for way in mirrors},
    )
    runs = [
        bl.fit(
            digits_network(units=64),
            data,
            epochs=epochs,
            batch_size=BATCH_SIZE,
            learning_rate=0.003,
            augment=augment,
            seeds=list(range(seed, seed + N_SEEDS)),
            save=False,
            verbose=False,
        )
        for augment in arms
    ]
    right = [_right(run, *data.validation) for run in runs]
    labels = data.validation[1]

    digit = data.train[0][0]
    draws = {"seed": seed, "n": N_VERSIONS}
    turned = {"rotation": SHOWN_TURN, "shift": SHOWN_SHIFT}
    number = np.arange(SIZE, dtype=np.float32)
    down, across = np.broadcast_arrays(number[:, None, None], number[None, :, None])
    moved = bl.augmented(digit, turned, **draws)
    which = _most_changed(moved, digit)
    places = np.stack([bl.augmented(np.array(ramp), turned, **draws)[which, ..., 0] for ramp in (down, across)])

    images, classes = data.train
    other = int((classes != classes[0]).argmax())
    pair = images[[0, other]]
    mixed = bl.augmented(pair, {"mix_up": LARGEST_SHARE}, seed=seed)[0]
    difference = (pair[1] - pair[0]).ravel().astype(float)
    share = float((mixed - pair[0]).ravel() @ difference / (difference @ difference))
    return Result(
        versions=_versions(digit, draws),
        colours=_colours(draws),
        places=places.astype(float),
        digit=digit[..., 0].astype(float),
        by_hand=read_places(digit[..., 0].astype(float), places.astype(float), reading=reading),
        by_engine=moved[which, ..., 0].astype(float),
        curves=np.array([curves(run, "accuracy") for run in runs]),
        train_accuracies=np.array([_right(run, *data.train).mean(1) for run in runs]),
        by_class=np.array([[each[:, labels == label].mean() for label in range(data.n_classes)] for each in right]),
        n_rows=len(chosen),
        n_unseen=len(unseen),
        share=share,
        probabilities=np.asarray(runs[NONE][0].predict(mixed[None]))[0],
        mixed_classes=(int(classes[0]), int(classes[other])),
    )


def read_places(image: np.ndarray, places: np.ndarray, *, reading: str) -> np.ndarray:
    """What an image shows at places between its pixels.

    Args:
        image: (down, across).
        places: (down or across, down, across), in pixels.
        reading: `bilinear` mixes the four pixels around a place, `nearest` takes the nearest.

    Returns:
        (down, across).
    """
    if reading == "nearest":
        down, across = np.round(places).astype(int)
        return image[down, across]
    read = np.empty(places.shape[1:])
    for at in np.ndindex(read.shape):
        place = places[:, at[0], at[1]]
        a, b = place - np.floor(place)
        read[at] = np.array([1 - a, a]) @ corners_of(image, place) @ np.array([1 - b, b])
    return read


def corners_of(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The four pixels around a place.

    Args:
        image: (down, across).
        place: Down and across, in pixels.

    Returns:
        (upper and lower, left and right); at the border, the last pixel twice.
    """
    first = np.floor(place).astype(int)
    down, across = (
        np.clip([start, start + 1], 0, extent - 1) for start, extent in zip(first, image.shape, strict=True)
    )
    return image[np.ix_(down, across)]


def _stratified_rows(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """As many rows of each class, or one more."""
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = [order[labels[order] == label] for label in np.unique(labels)]
    turns = [rows[turn] for turn in range(max(map(len, by_class))) for rows in by_class if turn < len(rows)]
    return np.sort(turns[:n])


def _right(run: Any, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether each member is right about each row, by NumPy, (member, row)."""
    flat = np.asarray(rows, float).reshape(len(rows), -1)
    answers = []
    for member in range(len(run)):
        kernel, bias, last_kernel, last_bias = (np.asarray(part, float) for part in run.weights(member))
        answers.append((np.maximum(flat @ kernel + bias, 0) @ last_kernel + last_bias).argmax(1) == labels)
    return np.array(answers)


def _versions(digit: np.ndarray, draws: dict[str, int]) -> np.ndarray:
    """The digit as it is, and after each change the version that differs most from it."""
    import backlit as bl

    changes = (
        {"flip_horizontal": 1.0},
        {"flip_vertical": 1.0},
        {"rotation": SHOWN_TURN},
        {"zoom_in": SHOWN_ZOOM},
        {"zoom_out": SHOWN_ZOOM},
        {"crop": SHOWN_CROP},
    )
    shown = [digit]
    for change in changes:
        versions = bl.augmented(digit, change, **draws)
        shown.append(versions[_most_changed(versions, digit)])
    return np.array(shown)[..., 0]


def _colours(draws: dict[str, int]) -> np.ndarray:
    """The colour of one pixel in the middle of a drawn shape, as it is and after each change."""
    import backlit as bl

    image = bl.load("shapes", n=24, size=16, noise=0).inputs[0]
    spread = image.max(-1) - image.min(-1)
    middle = np.unravel_index(spread.argmax(), spread.shape)  # the most colourful pixel
    shown = [image[middle]]
    for change in ({"brightness": 0.4}, {"contrast": 0.6}, {"saturation": 0.8}, {"hue": 0.5}):
        versions = bl.augmented(image, change, **draws)[:, middle[0], middle[1]]
        shown.append(versions[_most_changed(versions, image[middle])])
    return np.array(shown)


def _most_changed(versions: np.ndarray, original: np.ndarray) -> int:
    """Which version differs most from what it was made of."""
    return int(np.abs(versions - original).reshape(len(versions), -1).sum(1).argmax())


def charts(result: Result) -> tuple[Chart, ...]:
    """The changes, a colour, accuracy by epoch, and the classes that mirroring harms."""
    n = len(result.versions)
    strip = np.zeros((SIZE, n * (SIZE + 1) - 1))
    for i, version in enumerate(result.versions):
        strip[:, i * (SIZE + 1) :][:, :SIZE] = version[::-1]  # the second axis of a surface rises
    pixel = Words(en="pixel", zh="像素")
    return (
        Chart(
            "versions",
            title=Words(
                en="One digit: as it is, flipped (two ways), rotated, zoomed (in, out), cropped",
                zh="同一个数字：原图、水平翻转、垂直翻转、旋转、放大、缩小、裁剪",
            ),
            x=Axis(pixel),
            y=Axis(pixel),
            surface=Surface(
                Words(en="ink", zh="墨色"), np.arange(strip.shape[1], dtype=float), np.arange(SIZE, dtype=float), strip
            ),
        ),
        Chart(
            "colours",
            title=Words(
                en="One pixel of a drawn shape, after each change of colour", zh="图形里的一个像素，经过各种颜色变化"
            ),
            x=Axis(Words(en="change", zh="变化"), labels=COLOURS),
            y=Axis(Words(en="value", zh="数值")),
            series=tuple(
                Series(words, range(len(COLOURS)), result.colours[:, i], kind="bars")
                for i, words in enumerate(CHANNELS)
            ),
        ),
        Chart(
            "epochs",
            title=Words(en="Accuracy on unseen digits, epoch by epoch", zh="逐轮次在未见数字上的准确率"),
            x=EPOCH,
            y=ACCURACY,
            series=tuple(
                spread_line(words, range(1, result.n_epochs + 1), result.curves[i]) for i, words in enumerate(ARMS)
            ),
        ),
        Chart(
            "digits",
            title=Words(en="Which digits mirroring harms", zh="翻转害了哪些数字"),
            x=Axis(
                Words(en="digit", zh="数字"),
                labels=tuple(Words(en=str(i), zh=str(i)) for i in range(result.by_class.shape[1])),
            ),
            y=Axis(Words(en="points of accuracy lost", zh="准确率损失的百分点")),
            series=(
                Series(
                    Words(en="as they are − mirrored", zh="原样 − 翻转"),
                    range(result.by_class.shape[1]),
                    100 * (result.by_class[NONE] - result.by_class[FLIPPED]),
                    kind="bars",
                ),
            ),
        ),
    )


LESSON = Lesson(
    number=17,
    title=Words(en="Data augmentation", zh="数据增强"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: "C" if r.harm > 1 else "A" if r.harm < -1 else "B"),
    knobs=(
        Knob("strength", Words(en="strength of the good changes", zh="有益变化的强度"), 1.0, low=0, high=5),
        Knob(
            "flips",
            Words(en="mirrors of the third training", zh="第三次训练用哪些翻转"),
            "both",
            choices=("both", "horizontal", "none"),
        ),
        Knob("rows", Words(en="training rows", zh="训练样本数"), 50, low=20, high=1500),
        epochs_knob(240, high=1000),
        Knob(
            "reading",
            Words(en="how a place between pixels is read by hand", zh="手算时怎样读像素之间的位置"),
            "bilinear",
            choices=("bilinear", "nearest"),
        ),
    ),
    claims=(
        Claim(
            "moving-helps",
            words=Words(
                en="With few rows, moving the images a little in every step helps on unseen ones.",
                zh="样本少时，每一步都把图像稍加变动，未见图像上的成绩会更好。",
            ),
            quantity=Words(
                en="accuracy on unseen digits, moved − as they are, percentage points",
                zh="未见数字上的准确率，变动 − 原样，百分点",
            ),
            value=lambda r: r.gain,
            above=1.0,
            null={"strength": 0.0},
        ),
        Claim(
            "mirrors-harm",
            words=Words(
                en="Mirroring digits harms: a mirrored digit is another sign, or none.",
                zh="翻转数字有害：翻过来的数字是另一个符号，或者什么都不是。",
            ),
            quantity=Words(
                en="accuracy on unseen digits, as they are − mirrored, percentage points",
                zh="未见数字上的准确率，原样 − 翻转，百分点",
            ),
            value=lambda r: r.harm,
            above=2.0,
            null={"flips": "none"},
        ),
        Claim(
            "by-hand",
            words=Words(
                en="A moved image is a weighted mean of four pixels at each place, and nothing else.",
                zh="变动后的图像，每个位置都是四个像素的加权平均，仅此而已。",
            ),
            quantity=Words(en="largest difference from the computation by hand", zh="与手算结果的最大差别"),
            value=lambda r: r.gap,
            below=1e-4,
            null={"reading": "nearest"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.by_hand[r.other_row, r.other_column]), spec=".4f"),
        Exercise(answer=lambda r: r.n_rows * r.n_epochs, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.mixed_loss, spec=".4f"),
    ),
    lessons=(10, 12, 19, 33, 34),
    sources=("shorten-khoshgoftaar-2019", "simard-2003", "zhang-2018-mixup"),
    quick={"epochs": 120},
)
