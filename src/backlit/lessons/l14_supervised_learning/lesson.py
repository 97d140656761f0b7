"""Lesson 14, supervised learning: labels steer it, and some of them may be wrong; how many, and of what kind?

In the training rows a growing share of the labels is replaced, by chance (each wrong label another class) or by a
system (each class is called the next one). The unseen rows keep their true labels. Beside the network stands the
nearest neighbour, which learns by heart and nothing else. The shares differ in the targets alone, so they share one
compiled program.

Source:
    angluin-laird-1988 (learning from wrong labels), zhang-2017 (networks can fit any labels), arpit-2017 (but fit the
    pattern first), rolnick-2017 (how much noise is borne).
"""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import softmax

from backlit.language import Words
from backlit.lessons.deep import flat, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import EPOCH, UNSEEN, curves, epochs_knob, rate_knob, spread_line
from backlit.views.chart import Axis, Chart, Series

N_SHARES = 5
N_SEEDS = 2
N_CLASSES = 10
N_TRAIN = 600
BATCH_SIZE = 32
EARLY = 5  # epochs
CLEAN, HALF, MOST, ALL = 0, 2, 3, 4  # which of the shares is looked at closely
ASKED = 1  # which share an exercise asks for
DOUBTFUL = 0.6  # probability of the true class of the row that is followed, as nearly as there is one


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        shares: Share of the training labels that are wrong.
        curves: Share of the unseen rows right after each epoch, (share, seed, epoch).
        nearest: Share of the unseen rows that the nearest training row gets right, for each share.
        repeated: Share of the wrongly labelled training rows for which the network gives the wrong label, (share,
            seed); NaN where no label is wrong.
        restored: Share of them for which it gives the true class nevertheless, (share, seed).
        n_train: Training rows.
        n_unseen: Unseen rows.
        errors: Of what kind the wrong labels are.
        label: True class of the row that is followed.
        wrong_label: The other class that this network finds most probable for it.
        probabilities: What a network that learned from true labels says of this row.
    """

    shares: np.ndarray
    curves: np.ndarray
    nearest: np.ndarray
    repeated: np.ndarray
    restored: np.ndarray
    n_train: int
    n_unseen: int
    errors: str
    label: int
    wrong_label: int
    probabilities: np.ndarray
    n_classes: int = field(default=N_CLASSES)

    @property
    def n_seeds(self) -> int:
        """Networks for each share."""
        return self.curves.shape[1]

    @property
    def n_epochs(self) -> int:
        """Passes over the training rows."""
        return self.curves.shape[2]

    @property
    def early_epochs(self) -> int:
        """After how many of them the network is looked at for the first time."""
        return min(EARLY, self.n_epochs)

    @property
    def early(self) -> np.ndarray:
        """Share of the unseen rows right at that time, mean over seeds, for each share."""
        return self.curves[:, :, self.early_epochs - 1].mean(1)

    @property
    def end(self) -> np.ndarray:
        """The same after the last epoch."""
        return self.curves[:, :, -1].mean(1)

    @property
    def fall(self) -> float:
        """What the wrong labels of the largest share cost after the last epoch."""
        return float(self.end[CLEAN] - self.end[ALL])

    @property
    def forgotten(self) -> float:
        """What training on costs, from the early look to the last epoch, at the share in the middle."""
        return float(self.early[HALF] - self.end[HALF])

    @property
    def repeats(self) -> np.ndarray:
        """Share of the wrong labels that the network repeats, mean over seeds; 0 where none is wrong."""
        return np.nan_to_num(self.repeated.mean(1))

    @property
    def restores(self) -> np.ndarray:
        """Share of the wrong labels that it does not believe and answers rightly, mean over seeds."""
        return np.nan_to_num(self.restored.mean(1))

    @property
    def n_wrong(self) -> list[int]:
        """How many training labels are wrong, for each share."""
        return [round(float(share) * self.n_train) for share in self.shares]

    @property
    def right_frac(self) -> float:
        """Of the training images of one class, how many have the right label at the second largest share."""
        return float(1 - self.shares[MOST])

    @property
    def other_frac(self) -> float:
        """And how many have one particular wrong label, if wrong labels are scattered."""
        return float(self.shares[MOST] / (N_CLASSES - 1))

    @property
    def right_probability(self) -> float:
        """Probability of the true class for the row that is followed."""
        return float(self.probabilities[self.label])

    @property
    def wrong_probability(self) -> float:
        """Probability of the wrong label."""
        return float(self.probabilities[self.wrong_label])

    @property
    def right_loss(self) -> float:
        """Cross-entropy of the row with its true label, in nats."""
        return float(-np.log(self.right_probability))

    @property
    def wrong_loss(self) -> float:
        """Cross-entropy of the row with the wrong label, in nats."""
        return float(-np.log(self.wrong_probability))

    @property
    def pull_right(self) -> float:
        """Gradient of the loss by the true class's sum, if the label is true."""
        return self.right_probability - 1

    @property
    def pull_wrong(self) -> float:
        """Gradient of the loss by the wrong label's sum, if that is the label."""
        return self.wrong_probability - 1


def measure(*, seed: int, highest: float, errors: str, units: int, epochs: int, rate: float) -> Result:
    """Trains on labels of which more and more are wrong.

    Args:
        seed: Of the wrong labels and of the first weights.
        highest: Largest share of wrong labels.
        errors: `scattered` over the other classes, or `systematic`: always the next class.
        units: Neurons of the hidden layer.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import digits_network

    data = bl.load("digits")
    rng = np.random.default_rng(seed)
    splits = Splits.of_rows(*np.split(rng.permutation(len(data)), [N_TRAIN]))
    train, data = splits.train, replace(data, splits=splits, recipe=None)
    shares = np.linspace(0.0, highest, N_SHARES)
    order = rng.permutation(len(train))  # a label that is wrong at one share stays wrong at the next
    shifts = rng.integers(1, N_CLASSES, len(train)) if errors == "scattered" else np.ones(len(train), int)
    others = (data.targets[train] + shifts) % N_CLASSES
    images, truth = flat(*data.train)
    unseen_images, unseen_truth = flat(*data.validation)
    neighbours = nearest_rows(images, unseen_images)
    network = digits_network(units=units)
    seen, nearest, repeated, restored, trained = [], [], [], [], []
    for share in shares:
        wrong = order[: round(float(share) * len(train))]
        targets = np.array(data.targets)
        targets[train[wrong]] = others[wrong]
        run = bl.fit(
            network,
            replace(data, targets=targets),
            epochs=epochs,
            batch_size=BATCH_SIZE,
            optimizer="adam",
            learning_rate=rate,
            seeds=list(range(seed * N_SEEDS, (seed + 1) * N_SEEDS)),
            save=False,
            verbose=False,
        )
        seen.append(curves(run, "accuracy"))
        nearest.append((targets[train][neighbours] == unseen_truth).mean())
        trained.append([run.weights(i) for i in range(N_SEEDS)])
        answers = np.array([_sums(weights, images[wrong]).argmax(1) for weights in trained[-1]])
        repeated.append(_mean(answers == others[wrong]))
        restored.append(_mean(answers == truth[wrong]))
    chances = softmax(_sums(trained[CLEAN][0], unseen_images), axis=1)
    right = np.take_along_axis(chances, unseen_truth[:, None], axis=1)[:, 0]
    row = int(np.abs(right - DOUBTFUL).argmin())
    rivals = np.where(np.arange(N_CLASSES) == unseen_truth[row], -1.0, chances[row])
    return Result(
        shares=shares,
        curves=np.array(seen),
        nearest=np.array(nearest),
        repeated=np.array(repeated),
        restored=np.array(restored),
        n_train=len(train),
        n_unseen=len(unseen_truth),
        errors=errors,
        label=int(unseen_truth[row]),
        wrong_label=int(rivals.argmax()),
        probabilities=chances[row],
    )


def nearest_rows(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """For each row that is asked about, the number of the most similar one.

    Args:
        rows: Rows to choose from, (row, feature).
        asked: Rows that are asked about.

    Returns:
        Numbers of rows; similar is what lies at the smallest Euclidean distance.

    Example:
        >>> nearest_rows(np.array([[0.0], [3.0]]), np.array([[1.0], [2.0], [9.0]])).tolist()
        [0, 1, 1]
    """
    squares = (rows**2).sum(1) - 2 * asked @ rows.T  # the asked row's own square is the same for all
    return squares.argmin(1)


def _sums(weights: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
    return forward(weights, rows, activation="relu")[0][-1]


def _mean(hits: np.ndarray) -> np.ndarray:
    """Mean over the rows for each network; NaN where there are none."""
    return hits.mean(1) if hits.shape[1] else np.full(len(hits), np.nan)


def charts(result: Result) -> tuple[Chart, ...]:
    """Accuracy by share of wrong labels, epoch by epoch, and what the network makes of the wrong labels."""
    share = Axis(Words(en="share of wrong labels", zh="错误标签的比例"))
    some = (CLEAN, HALF, ALL)
    names = tuple(Words(en=f"{each:.0%} wrong", zh=f"{each:.0%} 有错") for each in result.shares)
    return (
        Chart(
            "shares",
            title=Words(en="Unseen rows with true labels", zh="未见样本（标签都是对的）"),
            x=share,
            y=UNSEEN,
            series=(
                spread_line(
                    Words(en="network, early", zh="网络，训练初期"),
                    result.shares,
                    result.curves[:, :, result.early_epochs - 1].T,
                ),
                spread_line(
                    Words(en="network, at the end", zh="网络，训练结束"), result.shares, result.curves[:, :, -1].T
                ),
                Series(Words(en="nearest row", zh="最近的样本"), result.shares, result.nearest),
                Series(Words(en="share of right labels", zh="正确标签的比例"), result.shares, 1 - result.shares),
            ),
        ),
        Chart(
            "epochs",
            title=Words(en="Unseen rows, epoch by epoch", zh="未见样本上的准确率，逐轮次"),
            x=EPOCH,
            y=UNSEEN,
            series=tuple(Series(names[i], range(1, result.n_epochs + 1), result.curves[i].mean(0)) for i in some),
        ),
        Chart(
            "believed",
            title=Words(en="Wrongly labelled training rows, at the end", zh="标错的训练样本，训练结束时"),
            x=Axis(Words(en="share of wrong labels", zh="错误标签的比例"), labels=names),
            y=Axis(Words(en="share of these rows", zh="占这些样本的比例")),
            series=(
                Series(
                    Words(en="repeats the wrong label", zh="照着错的说"), range(N_SHARES), result.repeats, kind="bars"
                ),
                Series(
                    Words(en="says the true class", zh="说出真正的类别"), range(N_SHARES), result.restores, kind="bars"
                ),
            ),
        ),
    )


def _answer(result: Result) -> str:
    """How accurate the network is early on at the second largest share, beside the share of labels that are right."""
    accuracy = float(result.early[MOST])
    if accuracy > result.right_frac + 0.15:
        return "C"
    return "B" if accuracy > result.right_frac - 0.15 else "A"


LESSON = Lesson(
    number=14,
    title=Words(en="Supervised learning", zh="监督学习"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("highest", Words(en="largest share of wrong labels", zh="错误标签的最大比例"), 0.8, low=0.0, high=0.95),
        Knob(
            "errors",
            Words(en="of what kind the wrong labels are", zh="标签是怎么错的"),
            "scattered",
            choices=("scattered", "systematic"),
        ),
        Knob("units", Words(en="neurons of the hidden layer", zh="隐藏层的神经元个数"), 128, low=2, high=512),
        epochs_knob(60, high=300),
        rate_knob(0.005, high=1.0),
    ),
    claims=(
        Claim(
            "labels-steer",
            words=Words(en="Wrong labels make it worse.", zh="标签错了，结果就变差。"),
            quantity=Words(
                en="accuracy at the end, no wrong labels − the largest share",
                zh="训练结束时的准确率，没有错误标签 − 错得最多",
            ),
            value=lambda r: r.fall,
            above=0.3,
            null={"highest": 0.0},
        ),
        Claim(
            "outvoted",
            words=Words(
                en="Scattered errors are outvoted: more answers are right than labels were.",
                zh="分散的错误会被多数压倒：答对的比例超过标签正确的比例。",
            ),
            quantity=Words(
                en="accuracy, early, at the second largest share − share of right labels",
                zh="错误第二多时，训练初期的准确率 − 正确标签的比例",
            ),
            value=lambda r: float(r.early[MOST] - r.right_frac),
            above=0.2,
            null={"errors": "systematic"},
        ),
        Claim(
            "learned-by-heart",
            words=Words(
                en="Trained on, the network takes over the errors and gets worse.",
                zh="一直训练下去，网络会把错误也学进去，变得更差。",
            ),
            quantity=Words(
                en="accuracy at the middle share, early − at the end", zh="错误居中时的准确率，训练初期 − 训练结束"
            ),
            value=lambda r: r.forgotten,
            above=0.05,
            null={"highest": 0.0},
        ),
        Claim(
            "believes-anything",
            words=Words(
                en="In the end it repeats most wrong labels of its training rows.",
                zh="到最后，训练样本上的错误标签，它大多照说不误。",
            ),
            quantity=Words(en="share of the wrong labels repeated, middle share", zh="错误居中时，照着错的说的比例"),
            value=lambda r: float(r.repeats[HALF]),
            above=0.5,
            null={"epochs": EARLY},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.n_wrong[ASKED], tolerance=0.005, spec=".0f"),
        Exercise(answer=lambda r: (N_CLASSES - 1) / N_CLASSES if r.errors == "scattered" else 0.5),
        Exercise(answer=lambda r: r.wrong_loss - r.right_loss),
    ),
    lessons=(1, 8, 10, 12, 15, 16),
    sources=("angluin-laird-1988", "zhang-2017", "arpit-2017", "rolnick-2017"),
)
