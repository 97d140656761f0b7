"""Lesson 18, one-hot encoding: the same digits named by whole numbers, by columns, and by one number on a scale.

Three networks with the same hidden layer learn the digits. Two of them classify, from whole numbers and from one-hot
rows, and must end with the same weights. The third gives a single number with squared error, so that a nine is nine
times a one; its mistakes show the order that nobody meant. A category among the inputs is treated by linear algebra,
and what the columns cost is counted.

Source:
    suits-1957 (columns for categories), bridle-1990 (softmax), bengio-2003 (a row of a table for each word).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import flat, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY
from backlit.views.chart import Axis, Chart, Series

N_SEEDS = 3
N_EPOCHS = 30
N_CLASSES = 10
MIDDLE = slice(2, 6)  # rows and columns of an image whose ink is to be explained
FEW_UNITS = 8  # of a layer behind the one-hot columns
WIDTHS = (2, 10, 100, 1000, 10_000, 100_000)
OTHER_WIDTH = 50_000  # of an exercise
BYTES = 4  # of a float32, and of a whole number


@dataclass(frozen=True)
class Doubt:
    """An image over which the classifier hesitates.

    Attributes:
        label: What it is.
        first: The class that it finds likeliest.
        second: The next.
        p_first: Probability of the one.
        p_second: Probability of the other.
        p_label: Probability of what it is.
        expected: Mean of all class ids, weighted by their probabilities.
    """

    label: int
    first: int
    second: int
    p_first: float
    p_second: float
    p_label: float
    expected: float

    @property
    def loss(self) -> float:
        """Cross-entropy of this image, in nats."""
        return float(-np.log(self.p_label))

    @property
    def between(self) -> float:
        """The number with the smallest expected squared error, if only the two classes were possible."""
        return (self.p_first * self.first + self.p_second * self.second) / (self.p_first + self.p_second)

    @property
    def nearest(self) -> int:
        """The class that this number is nearest to."""
        return round(self.between)


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        n_rows: Training rows.
        n_classes: Digits that were learnt.
        weight_gap: Largest difference of a weight after training on whole numbers and on one-hot rows, as a share of
            the longest way that a weight went.
        class_ids: What the unseen rows are.
        by_number: Class ids that the networks trained on whole numbers give, (seed, row).
        by_columns: Class ids that the networks trained on one-hot rows give, (seed, row).
        amounts: What the networks with one output say, (seed, row).
        doubts: Three unseen images over which the classifier hesitates.
        ink_means: Mean ink in the middle of the training images of each class id in use, in fully inked pixels.
        ink_line: The straight line through all ids and inks: slope and intercept.
        ink_by_number: Share of the unseen images' variance of ink that the line explains.
        ink_by_columns: Share that one-hot columns explain.
        product_gap: Largest difference between a one-hot row times a matrix, and the row of the matrix.
        zeros_frac: Share of the numbers that are zero in one-hot rows of so many categories.
        categories: How many.
    """

    n_rows: int
    n_classes: int
    weight_gap: float
    class_ids: np.ndarray
    by_number: np.ndarray
    by_columns: np.ndarray
    amounts: np.ndarray
    doubts: tuple[Doubt, Doubt, Doubt]
    ink_means: np.ndarray
    ink_line: np.ndarray
    ink_by_number: float
    ink_by_columns: float
    product_gap: float
    zeros_frac: float
    categories: int
    n_seeds: int = field(default=N_SEEDS)
    n_epochs: int = field(default=N_EPOCHS)
    other_width: int = field(default=OTHER_WIDTH)

    @property
    def rounded(self) -> np.ndarray:
        """The class ids nearest to the amounts, (seed, row)."""
        return np.clip(np.rint(self.amounts), 0, self.n_classes - 1).astype(int)

    @property
    def number_accuracy(self) -> float:
        """Accuracy of the classifiers trained on whole numbers, mean over seeds."""
        return float((self.by_number == self.class_ids).mean())

    @property
    def columns_accuracy(self) -> float:
        """Accuracy of the classifiers trained on one-hot rows, mean over seeds."""
        return float((self.by_columns == self.class_ids).mean())

    @property
    def amount_accuracy(self) -> float:
        """Accuracy of the networks with one output, rounded, mean over seeds."""
        return float((self.rounded == self.class_ids).mean())

    @property
    def lost(self) -> float:
        """What the invented order costs, in percentage points."""
        return 100 * (self.number_accuracy - self.amount_accuracy)

    @property
    def neighbours(self) -> float:
        """Share of the mistakes of one output that name the next number up or down."""
        return _neighbour_share(self.rounded, self.class_ids)

    @property
    def plain_neighbours(self) -> float:
        """The same for the classifiers."""
        return _neighbour_share(self.by_number, self.class_ids)

    @property
    def ink_gain(self) -> float:
        """How much more of the ink columns explain than the line, as a share of its variance."""
        return self.ink_by_columns - self.ink_by_number

    @property
    def sparse_bytes(self) -> int:
        """Bytes of a sparse row: one number, and where it stands."""
        return 2 * BYTES

    @property
    def row_bytes(self) -> int:
        """Bytes of a one-hot row of so many categories, all zeros written down."""
        return BYTES * self.categories

    @property
    def all_bytes(self) -> float:
        """Megabytes of one-hot rows for all training rows."""
        return self.n_rows * self.row_bytes / 1e6


def measure(*, seed: int, classes: int, output: str, smoothing: float, order: str, categories: int) -> Result:
    """Trains three heads on the same digits, explains ink by a category, and counts columns.

    Args:
        seed: First of the seeds.
        classes: Digits that are learnt, from zero on.
        output: What the network with squared error gives: one `number`, or one-hot `columns`.
        smoothing: Share of each one-hot row that is spread over all classes.
        order: Whether ids among the inputs are as the digits are `named`, or dealt out `by-ink`.
        categories: Of the one-hot rows whose zeros are counted.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Dataset, Splits, one_hot

    digits = bl.load("digits")
    chosen = np.flatnonzero(digits.targets < classes)
    train = np.flatnonzero(np.isin(chosen, digits.splits.train))
    inputs, ids = digits.inputs[chosen], digits.targets[chosen]
    columns = smoothed(one_hot(ids, n_classes=classes), smoothing)
    splits = Splits.of_rows(train)
    seeds = list(range(seed, seed + N_SEEDS))

    def trained(targets: np.ndarray, *, n_outputs: int, is_amount: bool) -> Any:
        return bl.fit(
            network(n_outputs, activation="linear" if is_amount else "softmax"),
            Dataset("digits", inputs, targets, task="regression" if is_amount else "classification", splits=splits),
            optimizer="adam",
            learning_rate=0.005,
            epochs=N_EPOCHS,
            metrics=[],  # accuracies are counted below
            seeds=seeds,
            save=False,
            verbose=False,
        )

    from_number = trained(ids, n_outputs=classes, is_amount=False)
    from_columns = trained(columns, n_outputs=classes, is_amount=False)
    amounts_as = ids[:, None].astype(np.float32) if output == "number" else columns
    amount = trained(amounts_as, n_outputs=amounts_as.shape[1], is_amount=True)

    rows, labels = flat(inputs, ids)
    unseen = np.setdiff1d(np.arange(len(rows)), train)

    def outputs(run: Any) -> np.ndarray:
        return np.array([forward(run.weights(i), rows[unseen], activation="relu")[0][-1] for i in range(N_SEEDS)])

    logits, by_amount = outputs(from_number), outputs(amount)
    ink = rows.reshape(-1, 8, 8)[:, MIDDLE, MIDDLE].sum((1, 2))
    used = labels if order == "named" else _by_ink(labels, ink, train)
    means, line, ink_by_number, ink_by_columns = _explained(used, ink, train, unseen, n_classes=classes)
    wide = one_hot(np.arange(categories), n_classes=categories)
    matrix = np.random.default_rng(seed).normal(size=(classes, FEW_UNITS))
    return Result(
        n_rows=len(train),
        n_classes=classes,
        weight_gap=_weight_gap(from_number, from_columns),
        class_ids=labels[unseen],
        by_number=logits.argmax(2),
        by_columns=outputs(from_columns).argmax(2),
        amounts=by_amount[..., 0] if output == "number" else by_amount.argmax(2).astype(float),
        doubts=_doubts(logits[0], labels[unseen]),
        ink_means=means,
        ink_line=line,
        ink_by_number=ink_by_number,
        ink_by_columns=ink_by_columns,
        product_gap=float(np.abs(columns.astype(float) @ matrix - matrix[labels]).max()),
        zeros_frac=float((wide == 0).mean()),
        categories=categories,
    )


def network(n_outputs: int, *, activation: str) -> Any:
    """The digits network of this lesson: one hidden layer, and as many outputs as are asked for.

    Args:
        n_outputs: Of the last layer.
        activation: Of the last layer.

    Returns:
        A built Keras model.
    """
    import keras

    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(n_outputs, activation=activation),
        ]
    )


def smoothed(columns: np.ndarray, share: float) -> np.ndarray:
    """One-hot rows of which a share is spread evenly over all classes.

    Args:
        columns: One-hot rows.
        share: From 0, which changes nothing, to 1.

    Returns:
        Rows that sum to 1, float32.
    """
    return ((1.0 - share) * columns + share / columns.shape[1]).astype(np.float32)


def _weight_gap(one: Any, other: Any) -> float:
    """Largest difference of a weight between two populations, as a share of the largest weight."""
    pairs = [pair for i in range(N_SEEDS) for pair in zip(one.weights(i), other.weights(i), strict=True)]
    return max(float(np.abs(a - b).max()) for a, b in pairs) / max(float(np.abs(a).max()) for a, _ in pairs)


def _neighbour_share(said: np.ndarray, truth: np.ndarray) -> float:
    """Share of the mistakes that are off by one; 0 without mistakes."""
    distances = np.abs(said - truth)[said != truth]
    return float((distances == 1).mean()) if len(distances) else 0.0


def _doubts(logits: np.ndarray, labels: np.ndarray) -> tuple[Doubt, Doubt, Doubt]:
    """The three least certain rows whose two likeliest classes have others between them, where there are such."""
    odds = np.exp(logits - logits.max(1, keepdims=True))
    odds /= odds.sum(1, keepdims=True)
    ranked = odds.argsort(1)[:, ::-1]
    is_apart = np.abs(ranked[:, 0] - ranked[:, 1]) >= 3
    rows = np.lexsort((odds.max(1), ~is_apart))[:3]
    first, second, third = (
        Doubt(
            label=int(labels[row]),
            first=int(ranked[row, 0]),
            second=int(ranked[row, 1]),
            p_first=float(odds[row, ranked[row, 0]]),
            p_second=float(odds[row, ranked[row, 1]]),
            p_label=float(odds[row, labels[row]]),
            expected=float(odds[row] @ np.arange(odds.shape[1])),
        )
        for row in rows
    )
    return first, second, third


def _by_ink(labels: np.ndarray, ink: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Class ids dealt out anew, the class with the least ink first."""
    means = [ink[train][labels[train] == one].mean() for one in range(labels.max() + 1)]
    return np.argsort(np.argsort(means))[labels]


def _explained(
    ids: np.ndarray, ink: np.ndarray, train: np.ndarray, unseen: np.ndarray, *, n_classes: int
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Mean ink of each class, the line through ids and ink, and what either explains of unseen ink."""
    means = np.array([ink[train][ids[train] == one].mean() for one in range(n_classes)])  # least squares on columns
    line = np.polyfit(ids[train], ink[train], 1)
    errors = [ink[unseen] - guess for guess in (np.polyval(line, ids[unseen]), means[ids[unseen]])]
    by_number, by_columns = (1 - float((error**2).mean() / ink[unseen].var()) for error in errors)
    return means, line, by_number, by_columns


def charts(result: Result) -> tuple[Chart, ...]:
    """Accuracies, what one output says, how far mistakes go, ink by class, bytes by classes."""
    classes = range(result.n_classes)
    of_class = [result.amounts[:, result.class_ids == one] for one in classes]
    distances = np.arange(1, result.n_classes)

    def shares(said: np.ndarray) -> np.ndarray:
        off = np.abs(said - result.class_ids)
        return np.array([(off == distance).sum() for distance in distances]) / max((off > 0).sum(), 1)

    one_output = Words(en="one number", zh="一个数")
    return (
        Chart(
            "accuracy",
            title=Words(en="Three ways to say which digit it is", zh="说出是哪个数字的三种方式"),
            x=Axis(
                Words(en="targets", zh="目标"),
                labels=(
                    Words(en="whole numbers, softmax", zh="整数，softmax"),
                    Words(en="one-hot, softmax", zh="独热，softmax"),
                    Words(en="whole numbers, one output", zh="整数，一个输出"),
                ),
            ),
            y=ACCURACY,
            series=(
                Series(
                    Words(en="mean", zh="均值"),
                    range(3),
                    [result.number_accuracy, result.columns_accuracy, result.amount_accuracy],
                    kind="bars",
                ),
            ),
        ),
        Chart(
            "amounts",
            title=Words(en="What one output says of each digit", zh="一个输出怎样说每个数字"),
            x=Axis(Words(en="digit", zh="数字")),
            y=Axis(Words(en="number that was said", zh="说出的数")),
            series=(
                Series(
                    Words(en="mean, and nine tenths of the images", zh="均值，以及九成图像的范围"),
                    classes,
                    [one.mean() for one in of_class],
                    lo=[np.quantile(one, 0.05) for one in of_class],
                    hi=[np.quantile(one, 0.95) for one in of_class],
                ),
            ),
        ),
        Chart(
            "mistakes",
            title=Words(en="How far mistakes are off", zh="错了多远"),
            x=Axis(
                Words(en="distance of the ids", zh="编号相差"),
                labels=tuple(Words(en=str(distance), zh=str(distance)) for distance in distances),
            ),
            y=Axis(Words(en="share of the mistakes", zh="占全部错误的比例")),
            series=(
                Series(one_output, range(len(distances)), shares(result.rounded), kind="bars"),
                Series(Words(en="softmax", zh="softmax"), range(len(distances)), shares(result.by_number), kind="bars"),
            ),
        ),
        Chart(
            "ink",
            title=Words(en="Ink in the middle of the image, by class id", zh="图像中部的墨迹与类别编号"),
            x=Axis(Words(en="class id", zh="类别编号")),
            y=Axis(Words(en="ink", zh="墨迹"), unit="pixel"),
            series=(
                Series(Words(en="a column each", zh="各有一列"), classes, result.ink_means, kind="points"),
                Series(one_output, classes, np.polyval(result.ink_line, np.arange(result.n_classes))),
            ),
        ),
        Chart(
            "width",
            title=Words(en="Bytes of one row", zh="一条样本占的字节数"),
            x=Axis(Words(en="classes", zh="类别数"), is_log=True),
            y=Axis(Words(en="memory", zh="内存"), unit="byte", is_log=True),
            series=(
                Series(Words(en="one-hot", zh="独热"), WIDTHS, [BYTES * width for width in WIDTHS]),
                Series(Words(en="one-hot, sparse", zh="独热，稀疏存储"), WIDTHS, [result.sparse_bytes] * len(WIDTHS)),
                Series(Words(en="whole number", zh="整数"), WIDTHS, [BYTES] * len(WIDTHS)),
            ),
        ),
    )


LESSON = Lesson(
    number=18,
    title=Words(en="One-hot encoding", zh="独热编码"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: "B" if r.lost > 2 else "C" if r.lost < -2 else "A"),
    knobs=(
        Knob(
            "classes", Words(en="digits to learn, from zero on", zh="学几个数字，从零开始"), N_CLASSES, low=2, high=10
        ),
        Knob(
            "output",
            Words(en="what squared error is applied to", zh="平方误差用在什么上面"),
            "number",
            choices=("number", "columns"),
        ),
        Knob(
            "smoothing",
            Words(en="share of a one-hot row spread over all classes", zh="独热行里平摊给所有类别的比例"),
            0.0,
            low=0.0,
            high=0.9,
        ),
        Knob(
            "order",
            Words(en="how ids are dealt out where the class is an input", zh="类别当输入时，编号怎样分配"),
            "named",
            choices=("named", "by-ink"),
        ),
        Knob("categories", Words(en="categories whose zeros are counted", zh="数零时的类别数"), 1000, low=2, high=2000),
    ),
    claims=(
        Claim(
            "same-training",
            words=Words(
                en="Whole numbers and one-hot rows train the same network.", zh="用整数和用独热行，训练出同一个网络。"
            ),
            quantity=Words(en="largest difference of a weight / largest weight", zh="权重的最大差别 / 最大的权重"),
            value=lambda r: r.weight_gap,
            below=0.01,
            null={"smoothing": 0.1},
        ),
        Claim(
            "order-costs",
            words=Words(
                en="Named by one number on a scale, digits are recognised far less often.",
                zh="用数轴上的一个数来称呼，数字就难认得多。",
            ),
            quantity=Words(en="accuracy lost, percentage points", zh="损失的准确率，百分点"),
            value=lambda r: r.lost,
            above=8.0,
            null={"output": "columns"},
        ),
        Claim(
            "mistakes-go-next-door",
            words=Words(
                en="Its mistakes go to the next number, as if digits had neighbours.",
                zh="它一错就错到相邻的数上，好像数字之间有邻居。",
            ),
            quantity=Words(
                en="share of mistakes off by one, one output − softmax", zh="差一的错误所占比例，一个输出 − softmax"
            ),
            value=lambda r: r.neighbours - r.plain_neighbours,
            above=0.3,
            null={"output": "columns"},
        ),
        Claim(
            "columns-see-more",
            words=Words(
                en="Among the inputs, too, a column each explains more than one number.",
                zh="类别当输入时也一样，每类一列，比一个数解释得更多。",
            ),
            quantity=Words(
                en="share of the variance of ink explained, columns − number", zh="解释了墨迹方差的多少，独热 − 编号"
            ),
            value=lambda r: r.ink_gain,
            above=0.25,
            null={"order": "by-ink"},
        ),
        Claim(
            "product-is-lookup",
            words=Words(
                en="A one-hot row times a matrix is a row of the matrix.", zh="独热行乘一个矩阵，得到的就是矩阵的一行。"
            ),
            quantity=Words(en="largest difference", zh="最大差别"),
            value=lambda r: r.product_gap,
            below=1e-9,
            null={"smoothing": 0.1},
        ),
        Claim(
            "mostly-zeros",
            words=Words(en="With many classes, next to everything is zero.", zh="类别一多，几乎全是零。"),
            quantity=Words(en="share of zeros", zh="零所占的比例"),
            value=lambda r: r.zeros_frac,
            above=0.99,
            null={"categories": 2},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.doubts[1].loss),
        Exercise(answer=lambda r: r.doubts[2].between),
        Exercise(answer=lambda r: r.n_rows * OTHER_WIDTH * BYTES / 1e6, tolerance=0.01),
    ),
    lessons=(4, 8, 11, 14),
    sources=("suits-1957", "bridle-1990", "bengio-2003", "szegedy-2016", "alpaydin-kaynak-1998"),
)
