"""Lesson 11, predicting: what a trained network says of new rows, how far to trust it, and where not to.

A network learns from few images, and one digit is kept from it altogether. On images that nobody showed it, its
probabilities are turned into answers, the answers into a confusion matrix, and its confidence is held against how often
it is right. A temperature, fitted to rows that train nothing, corrects the confidence. Then comes the digit that it has
never met. The probabilities are computed by hand from the weights, in float64.

Source:
    bridle-1990 (softmax), guo-2017 (calibration and temperature), hendrycks-gimpel-2017 (confidence on foreign rows).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import flat, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY, EPOCH, curves, epochs_knob, rate_knob
from backlit.views.chart import Axis, Chart, Series, Surface

N_SEEDS = 5
UNITS = 32
N_CLASSES = 10
N_HELD = 300  # rows that fit the temperature
BATCH_SIZE = 16
SURE = 0.9  # what counts as sure
IF_NONE = 9  # the digit that is looked at where none is left out
EXAMPLE_TEMPERATURE = 2.0  # of an exercise
DIGITS = tuple(Words(en=str(digit), zh=str(digit)) for digit in range(N_CLASSES))


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        labels: Classes of the unseen rows of the digits that were learned.
        logits: What the networks give for them before the softmax, (network, row, class).
        foreign: The digit that was kept from the networks, or the one that is looked at if none was.
        foreign_logits: The same for unseen rows of this digit, (network, row, class).
        is_left_out: Whether it was kept from them.
        temperatures: Fitted to held-out rows, for each network.
        train_losses: Training loss by epoch, (network, epoch), in nats.
        held_losses: Loss of the held-out rows by epoch, (network, epoch), in nats.
        n_train: Training rows.
        n_held: Held-out rows.
    """

    labels: np.ndarray
    logits: np.ndarray
    foreign: int
    foreign_logits: np.ndarray
    is_left_out: bool
    temperatures: np.ndarray
    train_losses: np.ndarray
    held_losses: np.ndarray
    n_train: int
    n_held: int
    sure: float = field(default=SURE)
    example_temperature: float = field(default=EXAMPLE_TEMPERATURE)

    @property
    def n_networks(self) -> int:
        """How many networks were trained."""
        return len(self.logits)

    @property
    def n_unseen(self) -> int:
        """Unseen rows of the digits that were learned."""
        return len(self.labels)

    @property
    def n_foreign(self) -> int:
        """Unseen rows of the digit that was kept from them."""
        return self.foreign_logits.shape[1]

    @property
    def probabilities(self) -> np.ndarray:
        """Softmax of the logits, (network, row, class)."""
        return _softmax(self.logits)

    @property
    def foreign_probabilities(self) -> np.ndarray:
        """The same for the other digit."""
        return _softmax(self.foreign_logits)

    @property
    def tempered(self) -> np.ndarray:
        """Probabilities after division by the temperature, (network, row, class)."""
        return _softmax(self.logits / self.temperatures[:, None, None])

    @property
    def confidences(self) -> np.ndarray:
        """Largest probability, (network, row)."""
        return self.probabilities.max(2)

    @property
    def is_right(self) -> np.ndarray:
        """Whether the answer is the label, (network, row)."""
        return self.logits.argmax(2) == self.labels

    @property
    def accuracy(self) -> float:
        """Share of right answers, mean over the networks."""
        return float(self.is_right.mean())

    @property
    def confidence(self) -> float:
        """Mean confidence on the same rows."""
        return float(self.confidences.mean())

    @property
    def excess(self) -> float:
        """Confidence minus accuracy."""
        return self.confidence - self.accuracy

    @property
    def halves(self) -> tuple[float, float]:
        """Accuracy on the half of the rows of which a network is less sure, and on the other, mean over networks."""
        order = np.argsort(self.confidences, axis=1, kind="stable")
        ranked = np.take_along_axis(self.is_right, order, axis=1)
        middle = self.n_unseen // 2
        return float(ranked[:, :middle].mean()), float(ranked[:, middle:].mean())

    @property
    def calibrations(self) -> list:
        """Confidence beside accuracy in bins, the first network before and after the temperature."""
        from backlit.measure import calibration

        return [calibration(each[0], self.labels) for each in (self.probabilities, self.tempered)]

    @property
    def errors(self) -> tuple[float, float]:
        """Expected calibration error before and after the temperature, mean over networks."""
        from backlit.measure import calibration

        before, after = (
            float(np.mean([calibration(each, self.labels).error for each in probabilities]))
            for probabilities in (self.probabilities, self.tempered)
        )
        return before, after

    @property
    def top_bin(self) -> dict[str, float]:
        """The bin of the first network with the largest part in its error: borders, rows, confidence, accuracy."""
        first = self.calibrations[0]
        parts = np.nan_to_num(first.weights * np.abs(first.confidence - first.accuracy))
        i = int(parts.argmax())
        return {
            "low": float(first.edges[i]),
            "high": float(first.edges[i + 1]),
            "rows": int(first.n_rows[i]),
            "confidence": float(first.confidence[i]),
            "accuracy": float(first.accuracy[i]),
            "part": float(parts[i]),
        }

    @property
    def matrix(self) -> np.ndarray:
        """Confusion matrix of the first network, (true, predicted)."""
        from backlit.measure import confusion_matrix

        return confusion_matrix(self.labels, self.logits[0].argmax(1), n_classes=N_CLASSES)

    @property
    def mistakes(self) -> list[dict[str, int]]:
        """The first network's three most frequent mistakes: what was there, what it said, how often."""
        from backlit.measure import most_frequent_mistakes

        found = [
            {"true": each.true, "predicted": each.predicted, "rows": each.n_rows}
            for each in most_frequent_mistakes(self.matrix, n=3)
        ]
        return found + [{"true": 0, "predicted": 0, "rows": 0}] * (3 - len(found))

    @property
    def hardest(self) -> int:
        """The digit that the first network finds least often."""
        from backlit.measure import recall

        return int(np.nanargmin(recall(self.matrix)))

    @property
    def hardest_rows(self) -> int:
        """How many images of it there are."""
        return int(self.matrix[self.hardest].sum())

    @property
    def hardest_found(self) -> int:
        """How many of them the first network gets right."""
        return int(self.matrix[self.hardest, self.hardest])

    @property
    def hardest_called(self) -> int:
        """How many images it calls so, right or wrong."""
        return int(self.matrix[:, self.hardest].sum())

    @property
    def row(self) -> int:
        """The image that is followed: of the wrong answers of the first network the one it is surest of."""
        wrong = np.where(self.is_right[0], -1.0, self.confidences[0])
        return int(wrong.argmax())

    @property
    def label(self) -> int:
        """What is on that image."""
        return int(self.labels[self.row])

    @property
    def answer(self) -> int:
        """What the network says."""
        return int(self.logits[0, self.row].argmax())

    @property
    def sums(self) -> np.ndarray:
        """Logits of that image."""
        return self.logits[0, self.row]

    @property
    def powers(self) -> np.ndarray:
        """Their exponentials, the largest logit taken away first."""
        return np.exp(self.sums - self.sums.max())

    @property
    def total(self) -> float:
        """Sum of the exponentials."""
        return float(self.powers.sum())

    @property
    def chances(self) -> np.ndarray:
        """Probabilities of that image."""
        return self.powers / self.total

    @property
    def temperature(self) -> float:
        """Temperature of the first network."""
        return float(self.temperatures[0])

    @property
    def sure_frac(self) -> float:
        """Share of the known digits' images of which a network is sure."""
        return float((self.confidences >= SURE).mean())

    @property
    def foreign_confidence(self) -> float:
        """Mean confidence on the digit that was kept back."""
        return float(self.foreign_probabilities.max(2).mean())

    @property
    def foreign_wrong_frac(self) -> float:
        """Share of its images that were answered wrongly."""
        return float((self.foreign_logits.argmax(2) != self.foreign).mean())

    @property
    def sure_and_wrong_frac(self) -> float:
        """Share of its images that were answered wrongly by a network that was sure."""
        probabilities = self.foreign_probabilities
        return float(((probabilities.argmax(2) != self.foreign) & (probabilities.max(2) >= SURE)).mean())

    @property
    def foreign_answers(self) -> np.ndarray:
        """Share of its images that were given each class, over all networks."""
        return (
            np.bincount(self.foreign_logits.argmax(2).ravel(), minlength=N_CLASSES) / self.foreign_logits[..., 0].size
        )

    @property
    def favourite(self) -> int:
        """What it is most often taken for."""
        return int(self.foreign_answers.argmax())

    @property
    def favourite_frac(self) -> float:
        """How often."""
        return float(self.foreign_answers.max())


def measure(*, seed: int, rows: int, left_out: str, temperature: str, epochs: int, rate: float) -> Result:
    """Trains on few images without one digit, and looks at what it says of others.

    Args:
        seed: Of the choice of rows and of the first weights.
        rows: Training rows.
        left_out: The digit that is kept back, or `none`.
        temperature: `fitted` to held-out rows, or `off`, which is a temperature of one.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import digits_network
    from backlit.measure import fitted_temperature

    data = bl.load("digits")
    foreign = IF_NONE if left_out == "none" else int(left_out)
    order = np.random.default_rng(seed).permutation(len(data))
    allowed = order if left_out == "none" else order[data.targets[order] != foreign]
    train, held, unseen = np.split(allowed, [rows, rows + N_HELD])
    used = np.concatenate([train, held])
    strangers = np.setdiff1d(np.flatnonzero(data.targets == foreign), used)
    data = replace(data, splits=Splits.of_rows(train, held), recipe=None)
    run = bl.fit(
        digits_network(units=UNITS),
        data,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer="adam",
        learning_rate=rate,
        metrics=[],
        seeds=list(range(seed * N_SEEDS, (seed + 1) * N_SEEDS)),
        save=False,
        verbose=False,
    )
    images, labels = flat(data.inputs, data.targets)
    networks = [[np.asarray(part, np.float64) for part in run.weights(member)] for member in range(len(run))]

    def logits(chosen: np.ndarray) -> np.ndarray:
        return np.array([forward(weights, images[chosen], activation="relu")[0][-1] for weights in networks])

    return Result(
        labels=labels[unseen],
        logits=logits(unseen),
        foreign=foreign,
        foreign_logits=logits(strangers),
        is_left_out=left_out != "none",
        temperatures=np.array([fitted_temperature(each, labels[held]) for each in logits(held)])
        if temperature == "fitted"
        else np.ones(len(networks)),
        train_losses=curves(run, "loss", split="train"),
        held_losses=curves(run, "loss", split="validation"),
        n_train=len(train),
        n_held=len(held),
    )


def _softmax(logits: np.ndarray) -> np.ndarray:
    from backlit.measure import tempered

    return tempered(logits, 1.0)


def charts(result: Result) -> tuple[Chart, ...]:
    """Probabilities of one image, the confusion matrix, confidence and accuracy, losses, confidence on the stranger."""
    digit = Axis(Words(en="digit", zh="数字"), labels=DIGITS)
    bins = result.calibrations[0]
    middles = (bins.edges[1:] + bins.edges[:-1]) / 2
    borders = tuple(Words(en=f"{low:.1f}–{low + 0.1:.1f}", zh=f"{low:.1f}–{low + 0.1:.1f}") for low in bins.edges[:-1])
    places = range(N_CLASSES)
    epochs = range(1, result.train_losses.shape[1] + 1)
    return (
        Chart(
            "probabilities",
            title=Words(en="Probabilities for one image", zh="一张图像的概率"),
            x=digit,
            y=Axis(Words(en="probability", zh="概率")),
            series=(Series(Words(en="network", zh="网络"), places, result.chances, kind="bars"),),
        ),
        Chart(
            "confusion",
            title=Words(
                en="Confusion matrix of the first network, root of the counts",
                zh="第一个网络的混淆矩阵，颜色为个数的平方根",
            ),
            x=Axis(Words(en="what it said", zh="网络的回答")),
            y=Axis(Words(en="what was there", zh="实际的数字")),
            surface=Surface(
                Words(en="root of the number of images", zh="图像个数的平方根"),
                np.arange(N_CLASSES, dtype=float),
                np.arange(N_CLASSES, dtype=float),
                np.sqrt(result.matrix),
            ),
        ),
        Chart(
            "losses",
            title=Words(en="Loss, epoch by epoch", zh="逐轮次的损失"),
            x=EPOCH,
            y=Axis(Words(en="loss", zh="损失"), unit="nat", is_log=True),
            series=(
                Series(Words(en="training rows", zh="训练样本"), epochs, result.train_losses.mean(0)),
                Series(Words(en="held-out rows", zh="留出的样本"), epochs, result.held_losses.mean(0)),
            ),
        ),
        Chart(
            "reliability",
            title=Words(en="Sure and right, first network", zh="把握与准确，第一个网络"),
            x=Axis(Words(en="mean confidence of the bin", zh="一组图像的平均置信度")),
            y=ACCURACY,
            series=(
                Series(Words(en="as sure as right", zh="置信度等于准确率"), [0.0, 1.0], [0.0, 1.0]),
                *(
                    Series(words, np.where(each.n_rows, each.confidence, middles), each.accuracy, kind="points")
                    for words, each in zip(
                        (Words(en="as it is", zh="原样"), Words(en="with its temperature", zh="除以温度之后")),
                        result.calibrations,
                        strict=True,
                    )
                ),
            ),
        ),
        Chart(
            "strangers",
            title=Words(en="How sure the networks are", zh="网络有多大把握"),
            x=Axis(Words(en="confidence", zh="置信度"), labels=borders),
            y=Axis(Words(en="share of the images", zh="占图像的比例")),
            series=(
                Series(
                    Words(en="digits it learned", zh="学过的数字"),
                    places,
                    _histogram(result.confidences, bins.edges),
                    kind="bars",
                ),
                Series(
                    Words(en="the other digit", zh="另外那个数字"),
                    places,
                    _histogram(result.foreign_probabilities.max(2), bins.edges),
                    kind="bars",
                ),
            ),
        ),
    )


def _histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(values, bins=edges)[0] / values.size


def _answer(result: Result) -> str:
    if result.foreign_wrong_frac < 0.5:
        return "D"
    unsure = 2 / N_CLASSES  # twice what equal probabilities would give
    return "A" if result.foreign_confidence < unsure else "B" if result.foreign_confidence < 0.5 else "C"


LESSON = Lesson(
    number=11,
    title=Words(en="Predicting", zh="预测"),
    measure=measure,
    charts=charts,
    guess=Guess("ABCD", answer=_answer),
    knobs=(
        Knob("rows", Words(en="training rows", zh="训练样本条数"), 60, low=20, high=600),
        Knob(
            "left_out",
            Words(en="the digit that is kept back", zh="不让网络看到的数字"),
            "9",
            choices=("none", *(str(digit) for digit in range(N_CLASSES))),
        ),
        Knob(
            "temperature",
            Words(en="whether a temperature is fitted", zh="是否拟合温度"),
            "fitted",
            choices=("fitted", "off"),
        ),
        epochs_knob(300, high=1000),
        rate_knob(0.02, high=1.0),
    ),
    claims=(
        Claim(
            "sure-is-right",
            words=Words(
                en="Where a network is surer, it is more often right.",
                zh="网络的把握越大，答对得越多。",
            ),
            quantity=Words(
                en="accuracy, surer half of the images − the other half", zh="准确率，把握较大的一半 − 另一半"
            ),
            value=lambda r: r.halves[1] - r.halves[0],
            above=0.1,
            null={"rate": 1e-6},
        ),
        Claim(
            "too-sure",
            words=Words(
                en="Trained for long on few rows, it is surer than it is right.",
                zh="用少量样本训练很久，它的置信度会高过准确率。",
            ),
            quantity=Words(en="mean confidence − accuracy", zh="平均置信度 − 准确率"),
            value=lambda r: r.excess,
            above=0.02,
            null={"epochs": 3},
        ),
        Claim(
            "one-number-mends",
            words=Words(
                en="One fitted number takes away a good part of that.", zh="拟合一个数，就能纠正其中的一大部分。"
            ),
            quantity=Words(en="calibration error, with temperature / without", zh="校准误差，除以温度后 / 原来"),
            value=lambda r: r.errors[1] / r.errors[0],
            below=0.7,
            null={"temperature": "off"},
        ),
        Claim(
            "sure-and-wrong",
            words=Words(
                en="A digit never seen is answered wrongly, and often with certainty.",
                zh="从没见过的数字会被答错，而且常常答得十拿九稳。",
            ),
            quantity=Words(
                en="share of its images answered wrongly by a network that was sure",
                zh="这个数字的图像中，网络有把握却答错的比例",
            ),
            value=lambda r: r.sure_and_wrong_frac,
            above=0.15,
            null={"left_out": "none"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(_softmax(r.sums / EXAMPLE_TEMPERATURE)[r.answer]), tolerance=0.03),
        Exercise(answer=lambda r: r.hardest_found / max(r.hardest_called, 1)),
        Exercise(answer=lambda r: r.top_bin["part"], tolerance=0.05),
    ),
    lessons=(8, 10, 12, 14, 18),
    sources=("bridle-1990", "guo-2017", "hendrycks-gimpel-2017", "hein-2019"),
)
