"""Lesson 35, fine-tuning: a network that knows the ten digits learns to tell odd from even, from a few labels.

Five ways from the same base, on the same few labelled images, drawn several times: from scratch; with a frozen body;
layer by layer; everything at once; and with a body that is frozen except that batch normalisation still takes the
statistics of its batches. Each is judged by the new question, and by the old one, with the old head put back on.

Source:
    yosinski-2014 (what can be handed on), howard-ruder-2018 section 3.3 (gradual unfreezing), ioffe-szegedy-2015.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import UNITS, Weights, flat, standard_digits
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.l36_batch_normalisation.lesson import normalised_forward, normalised_network
from backlit.lessons.parts import ACCURACY
from backlit.views.chart import Axis, Chart, Series

N_DRAWS = 8
DEPTH = 2
N_BASE = 900  # training images that the base learns from; labelled ones are drawn from the others
N_CLASSES = 2  # odd and even
BATCH_SIZE = 4
FEW = 2  # rows of a batch in the way in which statistics move
MOMENTUM = 0.9
N_EPOCHS = 40
BASE_RATE = 0.003
OTHER_CLASSES = 3  # of an exercise
WAYS = ("scratch", "frozen", "staged", "all", "moving")
NAMES = (
    Words(en="from scratch", zh="从头训练"),
    Words(en="frozen body", zh="冻结主体"),
    Words(en="layer by layer", zh="逐层解冻"),
    Words(en="all at once", zh="一次全放开"),
    Words(en="frozen, but moving", zh="冻结，但统计量在动"),
)


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        base_epochs: Passes of the base over its images.
        base_old: Its accuracy on unseen images: which digit is it?
        n_labels: Labelled images of each new class.
        rate: Learning rate of the new head.
        new: Accuracy on unseen images by the new question, (way, draw).
        old: Accuracy on unseen images by the old question, with the old head put back on, (way, draw).
        learned: Numbers that learn in each way, in its last stage.
        total: Numbers of the network.
        means: Moving means of the first hidden layer, after each way of the first draw, (way, unit).
        base_means: The same before.
        few_means: Means of the same sums over the few labelled images of the first draw.
        kernel_moved: Largest change of a frozen kernel where the statistics moved.
    """

    base_epochs: int
    base_old: float
    n_labels: int
    rate: float
    new: np.ndarray
    old: np.ndarray
    learned: np.ndarray
    total: int
    means: np.ndarray
    base_means: np.ndarray
    few_means: np.ndarray
    kernel_moved: float
    n_draws: int = field(default=N_DRAWS)
    n_units: int = field(default=UNITS)
    n_epochs: int = field(default=N_EPOCHS)
    n_base_rows: int = field(default=N_BASE)
    n_classes: int = field(default=N_CLASSES)
    batch_size: int = field(default=BATCH_SIZE)
    few: int = field(default=FEW)
    momentum: float = field(default=MOMENTUM)
    other_classes: int = field(default=OTHER_CLASSES)

    def _new(self, way: str) -> float:
        return float(self.new[WAYS.index(way)].mean())

    def _old(self, way: str) -> float:
        return float(self.old[WAYS.index(way)].mean())

    @property
    def accuracy(self) -> np.ndarray:
        """Accuracy by the new question, mean over draws, for each way."""
        return self.new.mean(1)

    @property
    def old_accuracy(self) -> np.ndarray:
        """Accuracy by the old question, mean over draws, for each way."""
        return self.old.mean(1)

    @property
    def n_labelled(self) -> int:
        """Labelled images of each draw."""
        return self.n_labels * N_CLASSES

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch over the labelled images, in the way in which statistics move."""
        return -(-self.n_labelled // FEW)

    @property
    def gain(self) -> float:
        """Frozen body above from scratch by the new question, in percentage points."""
        return 100 * (self._new("frozen") - self._new("scratch"))

    @property
    def stages_gain(self) -> float:
        """Layer by layer above from scratch by the new question, in percentage points."""
        return 100 * (self._new("staged") - self._new("scratch"))

    @property
    def frozen_forgot(self) -> float:
        """What the frozen body lost by the old question, in percentage points."""
        return 100 * (self.base_old - self._old("frozen"))

    @property
    def all_forgot(self) -> float:
        """What learning all at once lost by the old question, in percentage points."""
        return 100 * (self.base_old - self._old("all"))

    @property
    def moving_forgot(self) -> float:
        """What the moving statistics lost by the old question, in percentage points."""
        return 100 * (self.base_old - self._old("moving"))

    @property
    def moving_new(self) -> float:
        """What the moving statistics gained by the new question over a body that stands still, in percentage points."""
        return 100 * (self._new("moving") - self._new("frozen"))

    @property
    def moved_means(self) -> np.ndarray:
        """Moving means of the first hidden layer where they moved, first draw."""
        return self.means[WAYS.index("moving")]

    @property
    def left_over(self) -> float:
        """Share of a moving average that is still the base's after one epoch."""
        return self.momentum**self.steps_per_epoch

    @property
    def n_head(self) -> int:
        """Numbers of the new head."""
        return (UNITS + 1) * N_CLASSES

    @property
    def n_frozen(self) -> int:
        """Numbers that stand still in a frozen body."""
        return self.total - self.n_head


def measure(*, seed: int, pretraining: int, labels: int, rate: float, statistics: str) -> Result:
    """Trains a base on the ten digits, and puts it to new use in five ways.

    Args:
        seed: Of the base, of the new heads and of which images are labelled.
        pretraining: Passes of the base over its images.
        labels: Labelled images of each new class.
        rate: Learning rate of the new head; layers of the base that learn late take a tenth.
        statistics: In the last way, whether the frozen body's batch normalisation is `moving` or kept `still`.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Dataset, Splits, given_rows

    digits = standard_digits()
    rows, truth = flat(digits.inputs, digits.targets)
    train = digits.splits.train
    unseen = np.setdiff1d(np.arange(len(rows)), train)
    parity = truth % N_CLASSES
    base_rows, new_rows = np.split(np.random.default_rng([35, seed]).permutation(train), [N_BASE])

    def some_digits(chosen: np.ndarray, ids: np.ndarray, n_classes: int) -> Dataset:
        names = tuple(str(one) for one in range(n_classes))
        splits = Splits.of_rows(range(len(chosen)))
        inputs = digits.inputs[chosen]
        return Dataset("digits", inputs, ids.astype(np.int32), task="classification", splits=splits, class_names=names)

    settings: dict[str, Any] = {"optimizer": "adam", "metrics": [], "save": False, "verbose": False}
    base = bl.fit(
        normalised_network(depth=DEPTH, activation="relu", momentum=MOMENTUM),
        some_digits(base_rows, truth[base_rows], 10),
        epochs=pretraining,
        learning_rate=BASE_RATE,
        seeds=[seed],
        **settings,
    ).model
    body: Weights = base.get_weights()
    rng = np.random.default_rng([35, seed])
    draws = [
        np.concatenate(
            [rng.choice(np.flatnonzero(parity[new_rows] == one), labels, replace=False) for one in range(N_CLASSES)]
        )
        for _ in range(N_DRAWS)
    ]
    tuned = {
        way: bl.fine_tune(
            base,
            some_digits(new_rows, parity[new_rows], N_CLASSES),
            stages="frozen" if way == "moving" else way,
            batch_norm="training" if way == "moving" and statistics == "moving" else "inference",
            epochs=N_EPOCHS,
            batch_size=FEW if way == "moving" else BATCH_SIZE,
            learning_rate=rate,
            rows=given_rows([draw.tolist() for draw in draws], seeds=list(range(seed, seed + N_DRAWS))),
            **settings,
        )
        for way in WAYS
    }
    weights = {way: [one.run.layer_weights(draw) for draw in range(N_DRAWS)] for way, one in tuned.items()}

    def accuracy(one: Weights, ids: np.ndarray) -> float:
        said = normalised_forward(one, rows[unseen], activation="relu", statistics="moving", epsilon=1e-3)[0].argmax(1)
        return float((said == ids[unseen]).mean())

    first_sums = rows[new_rows[draws[0]]] @ body[0].astype(float)
    return Result(
        base_epochs=pretraining,
        base_old=accuracy(body, truth),
        n_labels=labels,
        rate=rate,
        new=np.array([[accuracy(one, parity) for one in weights[way]] for way in WAYS]),
        old=np.array([[accuracy([*one[:-2], *body[-2:]], truth) for one in weights[way]] for way in WAYS]),
        learned=np.array([tuned[way].params[-1][0] for way in WAYS]),
        total=sum(tuned["frozen"].params[-1]),
        means=np.array([weights[way][0][3] for way in WAYS], float),
        base_means=body[3].astype(float),
        few_means=first_sums.mean(0),
        kernel_moved=float(np.abs(weights["moving"][0][0] - body[0]).max()),
    )


def charts(result: Result) -> tuple[Chart, ...]:
    """The new question, the old one, and where the moving averages went."""
    way = Axis(Words(en="way", zh="方式"), labels=NAMES)
    mean = Words(en="mean of the draws", zh="各次抽取的均值")
    means = Words(en="mean of a neuron's sums", zh="神经元加权和的均值")
    order = np.argsort(result.base_means)
    return (
        Chart(
            "new",
            title=Words(en="Odd or even? Accuracy on unseen images", zh="奇数还是偶数？未见图像上的准确率"),
            x=way,
            y=ACCURACY,
            series=(Series(mean, range(len(WAYS)), result.accuracy, kind="bars"),),
        ),
        Chart(
            "old",
            title=Words(en="Which digit? With the old head: what is left", zh="是哪个数字？装回旧输出层：还剩多少"),
            x=way,
            y=ACCURACY,
            series=(Series(mean, range(len(WAYS)), result.old_accuracy, kind="bars"),),
        ),
        Chart(
            "averages",
            title=Words(en="Moving means of the first normalisation", zh="第一个归一化层的移动平均"),
            x=Axis(Words(en="neuron, by the base's mean", zh="神经元，按基础网络的均值排列")),
            y=Axis(means),
            series=(
                Series(Words(en="of the base", zh="基础网络的"), range(UNITS), result.base_means[order]),
                Series(
                    Words(en="after the training with moving statistics", zh="统计量移动着训练之后"),
                    range(UNITS),
                    result.moved_means[order],
                    kind="points",
                ),
            ),
        ),
    )


LESSON = Lesson(
    number=35,
    title=Words(en="Fine-tuning", zh="微调"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: "A" if r.gain > 2 else "C" if r.gain < -2 else "B"),
    knobs=(
        Knob("pretraining", Words(en="epochs of the base", zh="基础网络的训练轮次"), 20, low=0, high=100),
        Knob("labels", Words(en="labelled images of each new class", zh="每个新类别的带标签图像"), 6, low=1, high=100),
        Knob("rate", Words(en="learning rate of the new head", zh="新输出层的学习率"), 0.01, low=1e-7, high=1.0),
        Knob(
            "statistics",
            Words(en="batch normalisation of a frozen body", zh="冻结主体里的批量归一化"),
            "moving",
            choices=("moving", "still"),
        ),
    ),
    claims=(
        Claim(
            "body-helps",
            words=Words(
                en="With few labels, a body that has learnt another question beats a start from scratch.",
                zh="标签很少时，学过另一个问题的主体胜过从头训练。",
            ),
            quantity=Words(en="frozen body − from scratch, percentage points", zh="冻结主体 − 从头训练，百分点"),
            value=lambda r: r.gain,
            above=2.0,
            null={"pretraining": 0},
        ),
        Claim(
            "all-at-once-forgets",
            words=Words(
                en="What learns all at once forgets the old question; a frozen body cannot.",
                zh="一次全放开，就会忘掉旧问题；冻结的主体不会。",
            ),
            quantity=Words(
                en="accuracy lost, all at once − frozen, percentage points", zh="丢掉的准确率，全放开 − 冻结，百分点"
            ),
            value=lambda r: r.all_forgot - r.frozen_forgot,
            above=15.0,
            null={"rate": 1e-6},
        ),
        Claim(
            "frozen-yet-moving",
            words=Words(
                en="A body whose batch normalisation was not frozen forgets, though no kernel moved.",
                zh="主体冻结了，只漏了批量归一化：权重矩阵没动，还是忘了。",
            ),
            quantity=Words(en="accuracy lost by the old question, percentage points", zh="旧问题丢掉的准确率，百分点"),
            value=lambda r: r.moving_forgot,
            above=0.5,
            null={"statistics": "still"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: (r.n_units + 1) * r.other_classes, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.left_over),
        Exercise(answer=lambda r: r.n_head / r.total),
    ),
    lessons=(9, 16, 31, 36),
    sources=("yosinski-2014", "howard-ruder-2018", "ioffe-szegedy-2015"),
)
