"""Lesson 16, semi-supervised learning: five labels a class and pseudo-labels, against fewer and against all labels.

A teacher learns a few labelled digits and labels the others, as far as it is sure; a student learns from both, and
becomes a teacher in its turn. Every seed has labelled images of its own. All trainings have as many rows and steps, so
that they differ in nothing but what they are told; all members and rounds share one compiled program. Then the images
without labels are of digits that nobody asked for, and the same procedure does harm.

Source:
    lee-2013 (pseudo-labels), arazo-2020 (mistakes that confirm themselves), oliver-2018 (foreign rows).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import Weights, flat, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY, spread_line
from backlit.views.chart import Axis, Chart, Series

N_SEEDS = 5
N_EPOCHS = 8
BATCH_SIZE = 32
N_CLASSES = 10
N_ASKED = 5  # digits from zero on, in the experiment with foreign images
SURENESSES = np.linspace(0.3, 0.99, 24)  # at which being sure is compared with being right
Rows = np.ndarray


@dataclass(frozen=True)
class Rounds:
    """Teachers and students.

    Attributes:
        accuracies: On unseen images, the teachers first, (round, seed).
        n_pseudo: Pseudo-labels that each round's students learnt from, (round, seed); none at first.
        n_right: How many of them were right.
        odds: Probabilities that the first teachers give for the images without labels, for each seed.
    """

    accuracies: np.ndarray
    n_pseudo: np.ndarray
    n_right: np.ndarray
    odds: tuple[np.ndarray, ...]

    @property
    def gains(self) -> np.ndarray:
        """Last students above the first teachers, for each seed, in percentage points."""
        return 100 * (self.accuracies[-1] - self.accuracies[0])


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        n_rows: Training images, with a label and without.
        n_labels: Labels of each class.
        threshold: How sure a teacher must be.
        main: Teachers and students on all ten digits.
        all_labels: Accuracy with all labels, for each seed.
        known_right: Whether the first teacher's likeliest class is right, for each image without a label.
        sureness: How sure it is of this class.
        kin: Teachers and students on five digits, with more images of these without labels.
        foreign: The same with images of the five other digits.
        pool: Which of the two the claims look at.
        step_p: Probability that the first teacher gives to the class of its first pseudo-label.
        doubt_p: The same for the image that it is least sure of.
    """

    n_rows: int
    n_labels: int
    threshold: float
    main: Rounds
    all_labels: np.ndarray
    known_right: np.ndarray
    sureness: np.ndarray
    kin: Rounds
    foreign: Rounds
    pool: str
    step_p: float
    doubt_p: float
    n_seeds: int = field(default=N_SEEDS)
    n_asked: int = field(default=N_ASKED)
    n_epochs: int = field(default=N_EPOCHS)
    batch_size: int = field(default=BATCH_SIZE)

    @property
    def n_labelled(self) -> int:
        """Labelled images of each seed."""
        return self.n_labels * N_CLASSES

    @property
    def n_rounds(self) -> int:
        """Rounds of students."""
        return len(self.main.accuracies) - 1

    @property
    def accuracy(self) -> np.ndarray:
        """Accuracy on unseen images after each round, mean over seeds."""
        return self.main.accuracies.mean(1)

    @property
    def teacher_accuracy(self) -> float:
        """Accuracy with the few labels alone, mean over seeds."""
        return float(self.accuracy[0])

    @property
    def student_accuracy(self) -> float:
        """Accuracy of the last students, mean over seeds."""
        return float(self.accuracy[-1])

    @property
    def all_accuracy(self) -> float:
        """Accuracy with all labels, mean over seeds."""
        return float(self.all_labels.mean())

    @property
    def gain(self) -> float:
        """Students above teachers, in percentage points, mean over seeds."""
        return float(self.main.gains.mean())

    @property
    def lacking(self) -> float:
        """All labels above students, in percentage points."""
        return 100 * (self.all_accuracy - self.student_accuracy)

    @property
    def is_sure(self) -> np.ndarray:
        """Of which images the first teacher is sure."""
        return self.sureness >= self.threshold

    @property
    def sure_frac(self) -> float:
        """Share of the images without a label that the first teacher is sure of."""
        return float(self.is_sure.mean())

    @property
    def sure_right(self) -> float:
        """Share of these that it gets right; 0 if there are none."""
        return float(self.known_right[self.is_sure].mean()) if self.is_sure.any() else 0.0

    @property
    def all_right(self) -> float:
        """Share of all images without a label that it gets right."""
        return float(self.known_right.mean())

    @property
    def n_first(self) -> int:
        """Pseudo-labels of the first seed in the first round."""
        return int(self.main.n_pseudo[1, 0])

    @property
    def n_first_right(self) -> int:
        """How many of them are right."""
        return int(self.main.n_right[1, 0])

    @property
    def step_loss(self) -> float:
        """Loss of a pseudo-label that the teacher is sure of, in nats."""
        return float(-np.log(self.step_p))

    @property
    def doubt_loss(self) -> float:
        """Loss of the pseudo-label that it is least sure of, in nats."""
        return float(-np.log(self.doubt_p))

    @property
    def chosen_gain(self) -> float:
        """Gain with the images without labels that the knob chose, in percentage points."""
        return float((self.foreign if self.pool == "foreign" else self.kin).gains.mean())

    @property
    def kin_gain(self) -> float:
        """Gain with images of the same digits, in percentage points."""
        return float(self.kin.gains.mean())

    @property
    def foreign_gain(self) -> float:
        """Gain with images of other digits, in percentage points."""
        return float(self.foreign.gains.mean())

    @property
    def foreign_sure(self) -> float:
        """Share of the images of other digits of which the first teachers are sure."""
        return float(np.mean([(odds.max(1) >= self.threshold).mean() for odds in self.foreign.odds]))


def measure(*, seed: int, labels: int, threshold: float, rounds: int, balance: bool, pool: str) -> Result:
    """Trains teachers and students on few labels, on all, and with images that nobody asked for.

    Args:
        seed: First of the seeds, and of which images are labelled.
        labels: Labelled images of each class.
        threshold: How sure a teacher must be to give a label, from 0 to 1.
        rounds: How often students are trained.
        balance: Whether no class may give more pseudo-labels than the median class.
        pool: Images without labels that the claims look at in the second experiment: of the same digits (`kin`), or of
            others (`foreign`).

    Returns:
        The result.
    """
    import backlit as bl

    digits = bl.load("digits")
    images, truth = flat(digits.inputs, digits.targets)
    train = digits.splits.train
    unseen = np.setdiff1d(np.arange(len(images)), train)
    trainings = _Trainings(digits, images, truth, tuple(range(seed, seed + N_SEEDS)), len(train))
    mine = [_drawn(truth, train, labels, number) for number in trainings.seeds]
    settings = {"threshold": threshold, "n_rounds": rounds, "is_balanced": balance}

    others = [np.setdiff1d(train, rows) for rows in mine]
    main = trainings.rounds(mine, others, unseen, **settings)
    everything = trainings.learn([(train, truth[train])] * N_SEEDS)

    asked = [rows[truth[rows] < N_ASKED] for rows in mine]
    judges = unseen[truth[unseen] < N_ASKED]
    kin_rows = [rows[truth[rows] < N_ASKED] for rows in others]
    kin = trainings.rounds(asked, kin_rows, judges, **settings)
    foreign = trainings.rounds(asked, [train[truth[train] >= N_ASKED]] * N_SEEDS, judges, **settings)

    odds = main.odds[0]
    sure = odds.max(1)
    given = sure[sure >= threshold]
    return Result(
        n_rows=len(train),
        n_labels=labels,
        threshold=threshold,
        main=main,
        all_labels=np.array([trainings.accuracy(weights, unseen) for weights in everything]),
        known_right=odds.argmax(1) == truth[others[0]],
        sureness=sure,
        kin=kin,
        foreign=foreign,
        pool=pool,
        step_p=float(given[0]) if len(given) else 1.0,
        doubt_p=float(sure.min()),
    )


@dataclass(frozen=True)
class _Trainings:
    """Trains one network for each seed, always on as many rows, so that every training is the same program."""

    digits: Any
    images: np.ndarray
    truth: np.ndarray
    seeds: tuple[int, ...]
    size: int

    def learn(self, sets: list[tuple[Rows, np.ndarray]]) -> list[Weights]:
        """A network for each seed, from (rows, what they are said to be), as many as the size says."""
        import backlit as bl
        from backlit.data import Splits, given_rows
        from backlit.lessons.networks import digits_network

        rows, said = (np.concatenate([one[part] for one in sets]) for part in (0, 1))
        data = replace(
            self.digits,
            inputs=self.digits.inputs[rows],
            targets=said.astype(self.digits.targets.dtype),
            splits=Splits.of_rows(range(len(rows))),
            recipe=None,
        )
        own = np.arange(len(rows)).reshape(len(sets), self.size)
        run = bl.fit(
            digits_network(),
            data,
            rows=given_rows(own.tolist(), seeds=list(self.seeds)),
            epochs=N_EPOCHS,
            batch_size=BATCH_SIZE,
            optimizer="adam",
            learning_rate=0.005,
            metrics=[],  # accuracies are counted below
            save=False,
            verbose=False,
        )
        return [run.weights(i) for i in range(len(sets))]

    def odds(self, weights: Weights, rows: Rows) -> np.ndarray:
        """Probabilities of the classes, (row, class)."""
        logits = forward(weights, self.images[rows], activation="relu")[0][-1]
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return odds / odds.sum(1, keepdims=True)

    def accuracy(self, weights: Weights, rows: Rows) -> float:
        """Share of the rows that a network gets right."""
        return float((self.odds(weights, rows).argmax(1) == self.truth[rows]).mean())

    def rounds(
        self,
        labelled: list[Rows],
        pools: list[Rows],
        judges: Rows,
        *,
        threshold: float,
        n_rounds: int,
        is_balanced: bool,
    ) -> Rounds:
        """Teachers, and students that learn from them: each seed with its own labelled rows and its own pool."""
        from backlit.measure.pseudo_labels import filled_rows, sure_rows

        none = np.zeros(0, int)
        given = [(none, none)] * len(labelled)
        accuracies, n_pseudo, n_right, first = [], [], [], []
        for number in range(n_rounds + 1):
            sets = []
            for mine, (pseudo, said) in zip(labelled, given, strict=True):
                places = filled_rows(np.arange(len(mine)), len(mine) + np.arange(len(pseudo)), size=self.size)
                rows, names = np.concatenate([mine, pseudo]), np.concatenate([self.truth[mine], said])
                sets.append((rows[places], names[places]))
            n_pseudo.append([len(pseudo) for pseudo, _ in given])
            n_right.append([int((self.truth[pseudo] == said).sum()) for pseudo, said in given])
            networks = self.learn(sets)
            accuracies.append([self.accuracy(weights, judges) for weights in networks])
            odds = [self.odds(weights, pool) for weights, pool in zip(networks, pools, strict=True)]
            first = odds if number == 0 else first
            sure = [sure_rows(one, threshold=threshold, is_balanced=is_balanced) for one in odds]
            given = [(pool[places], said) for pool, (places, said) in zip(pools, sure, strict=True)]
        return Rounds(np.array(accuracies), np.array(n_pseudo), np.array(n_right), tuple(first))


def _drawn(truth: np.ndarray, train: Rows, n: int, seed: int) -> Rows:
    """So many labelled rows of each class."""
    rng = np.random.default_rng([16, seed])
    return np.concatenate([rng.choice(train[truth[train] == one], n, replace=False) for one in range(N_CLASSES)])


def charts(result: Result) -> tuple[Chart, ...]:
    """Rounds, sure against right, and what images without labels do, of the right kind and of another."""
    rounds = range(result.n_rounds + 1)
    labels = Words(en="labels alone", zh="只用标签")
    is_sure = [result.sureness >= one for one in SURENESSES]
    points = Axis(Words(en="students − teachers", zh="学生 − 老师"), unit="%")
    return (
        Chart(
            "rounds",
            title=Words(en="Accuracy on unseen images, round by round", zh="未见图像上的准确率，一轮一轮"),
            x=Axis(Words(en="round (0: teacher)", zh="轮（0 为老师）")),
            y=ACCURACY,
            series=(
                spread_line(Words(en="pseudo-labels", zh="伪标签"), rounds, result.main.accuracies.T),
                Series(labels, rounds, [result.teacher_accuracy] * len(rounds)),
                Series(Words(en="all labels", zh="全部标签"), rounds, [result.all_accuracy] * len(rounds)),
            ),
        ),
        Chart(
            "sure",
            title=Words(en="Sure and right: the first teacher", zh="有把握与答对：第一位老师"),
            x=Axis(Words(en="threshold", zh="阈值")),
            y=Axis(Words(en="share", zh="比例")),
            series=(
                Series(Words(en="sure, of all", zh="有把握的占全部"), SURENESSES, [one.mean() for one in is_sure]),
                Series(
                    Words(en="right, of those", zh="其中答对的"),
                    SURENESSES,
                    [result.known_right[one].mean() if one.any() else np.nan for one in is_sure],
                ),
            ),
        ),
        Chart(
            "seeds",
            title=Words(en="What pseudo-labels changed, seed by seed", zh="伪标签改变了多少，逐个随机种子"),
            x=Axis(Words(en="seed", zh="随机种子")),
            y=points,
            series=tuple(
                Series(words, range(N_SEEDS), one.gains, kind="points")
                for words, one in (
                    (Words(en="all ten digits", zh="全部十个数字"), result.main),
                    (Words(en="five digits, others without labels", zh="五个数字，无标签的是另外五个"), result.foreign),
                )
            ),
        ),
        Chart(
            "pools",
            title=Words(en="Five digits asked for: which had no label?", zh="只问五个数字：哪些没有标签？"),
            x=Axis(
                Words(en="images without labels", zh="没有标签的图像"),
                labels=(
                    Words(en="of the same digits", zh="同样的数字"),
                    Words(en="of the others", zh="其余的数字"),
                ),
            ),
            y=points,
            series=(
                Series(Words(en="mean", zh="均值"), range(2), [result.kin_gain, result.foreign_gain], kind="bars"),
            ),
        ),
    )


LESSON = Lesson(
    number=16,
    title=Words(en="Semi-supervised learning", zh="半监督学习"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: "A" if r.gain > 1 else "C" if r.gain < -1 else "B"),
    knobs=(
        Knob("labels", Words(en="labelled images of each class", zh="每个类别的带标签图像"), 5, low=1, high=100),
        Knob("threshold", Words(en="how sure a teacher must be", zh="老师要有多大把握"), 0.8, low=0.0, high=1.0),
        Knob("rounds", Words(en="rounds of students", zh="学生有几轮"), 3, low=1, high=8),
        Knob("balance", Words(en="no class gives more than the median class", zh="各类伪标签不超过中位数"), False),
        Knob(
            "pool",
            Words(en="images without labels in the second experiment", zh="第二个实验里没有标签的图像"),
            "foreign",
            choices=("foreign", "kin"),
        ),
    ),
    claims=(
        Claim(
            "pseudo-labels-help",
            words=Words(en="Students of sure teachers beat their teachers.", zh="老师有把握才开口，学生就胜过老师。"),
            quantity=Words(en="accuracy gained, percentage points", zh="提高的准确率，百分点"),
            value=lambda r: r.gain,
            above=2.0,
            null={"threshold": 1.0},
        ),
        Claim(
            "sure-is-more-often-right",
            words=Words(en="Where the teacher is sure, it is right more often.", zh="老师有把握的地方，更容易答对。"),
            quantity=Words(en="share that is right, sure − all", zh="答对的比例，有把握的 − 全部"),
            value=lambda r: r.sure_right - r.all_right,
            above=0.04,
            null={"threshold": 0.0},
        ),
        Claim(
            "labels-are-better",
            words=Words(en="Real labels are better still.", zh="真正的标签还是更好。"),
            quantity=Words(en="accuracy, all labels − students, percentage points", zh="全部标签 − 学生，百分点"),
            value=lambda r: r.lacking,
            above=3.0,
            null={"labels": 100},
        ),
        Claim(
            "foreign-images-harm",
            words=Words(
                en="Images of things that nobody asked for make students worse than their teachers.",
                zh="没有人问的东西混进来，学生反而不如老师。",
            ),
            quantity=Words(en="accuracy gained, percentage points", zh="提高的准确率，百分点"),
            value=lambda r: r.chosen_gain,
            below=-1.0,
            null={"pool": "kin"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: -np.log(max(r.threshold, 1e-9))),
        Exercise(answer=lambda r: (r.n_labelled + r.n_first_right) / (r.n_labelled + r.n_first), tolerance=0.005),
        Exercise(answer=lambda r: r.n_epochs * -(-r.n_rows // BATCH_SIZE), tolerance=0.0, spec=".0f"),
    ),
    lessons=(14, 15, 17, 35),
    sources=("lee-2013", "arazo-2020", "oliver-2018"),
)
