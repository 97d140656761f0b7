"""Lesson 10, training, validation and test sets: what a score is worth that was used to choose.

Many networks that differ in nothing but their seed learn a few digits. Which rows of the unseen ones choose the best of
them, and which judge it, is drawn again and again from what they got right; so one training answers for hundreds of
draws, and what is left over is large enough to be called the truth. Two leaks follow: rows that occur more than once
(digits), and a test set that is scaled by its own mean (tumours, measured by an instrument that has moved).

Source:
    ripley-1996 (the three sets), cawley-talbot-2010 (choosing overfits, too), kaufman-2012 (leaks).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import Weights, flat, forward
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import ACCURACY, EPOCH, curves, spread_line
from backlit.views.chart import Axis, Chart, Series

N_NETWORKS = 20  # trained; the knob says how many of them one may choose from
N_TRAIN = 150
N_VALIDATION = 100
N_EPOCHS = 20
N_DRAWS = 400  # of the rows that choose
MANY_ROWS = 500  # a choosing set as large as one would wish
N_IMAGES = 120  # different ones, of the data with copies
N_REPEATS = 8  # of the data with copies; each has few different rows to test on
N_SEEDS = 5  # of the tumour networks
OTHER_ROWS = 400  # of the exercises
OTHER_SHARE = 0.2


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        train_curves: Training loss after each epoch, (network, epoch), in nats.
        validation_curves: Validation loss after each epoch, (network, epoch), in nats.
        moved: Largest difference of any weight between two trainings that differ in their validation labels.
        scores: Accuracy of each network on the rows that choose, (draw, network).
        fresh: Accuracy of each network on the rows that neither choose nor judge, (draw, network).
        third: Accuracy of the chosen network on the third set, for each draw.
        many_scores: As `scores`, for a large choosing set.
        many_fresh: As `fresh`, for a large choosing set.
        choosing_rows: Rows of the choosing set.
        reported: Accuracy on the test rows of the data with copies, for each repeat.
        truth: Accuracy of the same networks on images of which they saw no copy, for each repeat.
        copied_frac: Share of these test rows that have a copy among the training rows, mean over repeats.
        n_copied_rows: Rows of the data with copies.
        copies: How often each image occurs in them.
        drifts: By how many spreads the instrument has moved, rising; the middle one is the knob's.
        own_scaled: Accuracy on tumours scaled by the test set's own mean and spread, (drift, seed).
        train_scaled: Accuracy on the same tumours scaled as the training rows were, (drift, seed).
        together_scaled: Accuracy of networks for which all rows were scaled together, no drift, for each seed.
        n_tumours: Rows of their training and of their test set.
    """

    train_curves: np.ndarray
    validation_curves: np.ndarray
    moved: float
    scores: np.ndarray
    fresh: np.ndarray
    third: np.ndarray
    many_scores: np.ndarray
    many_fresh: np.ndarray
    choosing_rows: int
    reported: np.ndarray
    truth: np.ndarray
    copied_frac: float
    n_copied_rows: int
    copies: int
    drifts: np.ndarray
    own_scaled: np.ndarray
    train_scaled: np.ndarray
    together_scaled: np.ndarray
    n_tumours: tuple[int, int]
    n_train: int = field(default=N_TRAIN)
    n_validation: int = field(default=N_VALIDATION)
    n_draws: int = field(default=N_DRAWS)
    many_rows: int = field(default=MANY_ROWS)
    n_images: int = field(default=N_IMAGES)
    n_repeats: int = field(default=N_REPEATS)
    n_seeds: int = field(default=N_SEEDS)
    other_rows: int = field(default=OTHER_ROWS)
    other_share: float = field(default=OTHER_SHARE)

    @property
    def n_networks(self) -> int:
        """How many networks there were to choose from."""
        return self.scores.shape[1]

    @property
    def chosen_score(self) -> float:
        """Accuracy of the chosen network on the rows that chose it, mean over draws."""
        return float(self.scores.max(1).mean())

    @property
    def third_score(self) -> float:
        """Its accuracy on the third set, mean over draws."""
        return float(self.third.mean())

    @property
    def fresh_score(self) -> float:
        """Its accuracy on all other rows, mean over draws."""
        return float(self.fresh[np.arange(N_DRAWS), self.scores.argmax(1)].mean())

    @property
    def mean_score(self) -> float:
        """Accuracy of all networks on these rows, mean over networks and draws."""
        return float(self.fresh.mean())

    @property
    def optimism(self) -> float:
        """By how much the chosen network's score is too good, in percentage points."""
        return float(optimism_by_choice(self.scores, self.fresh)[-1])

    @property
    def third_error(self) -> float:
        """By how much its score on the third set is off, in percentage points."""
        return 100 * (self.third_score - self.fresh_score)

    @property
    def deviation(self) -> float:
        """Standard deviation of one network's accuracy on so many rows, by the formula."""
        return accuracy_deviation(self.mean_score, self.choosing_rows)

    @property
    def measured_deviation(self) -> float:
        """The same as it came out: over the draws, mean over the networks."""
        return float(self.scores.std(0).mean())

    @property
    def copies_gain(self) -> float:
        """By how much copies make the score too good, in percentage points."""
        return 100 * float((self.reported - self.truth).mean())

    @property
    def reported_score(self) -> float:
        """Accuracy on the test rows of the data with copies, mean over repeats."""
        return float(self.reported.mean())

    @property
    def true_score(self) -> float:
        """Accuracy of the same networks on images never seen, mean over repeats."""
        return float(self.truth.mean())

    @property
    def drift(self) -> float:
        """By how many spreads the instrument has moved."""
        return float(self.drifts[len(self.drifts) // 2])

    @property
    def own_score(self) -> float:
        """Accuracy with the test set scaled by its own numbers, at the drift, mean over seeds."""
        return float(self.own_scaled[len(self.drifts) // 2].mean())

    @property
    def met_score(self) -> float:
        """Accuracy on the same rows scaled as the training rows were, at the drift, mean over seeds."""
        return float(self.train_scaled[len(self.drifts) // 2].mean())

    @property
    def still_score(self) -> float:
        """The same without any drift."""
        return float(self.train_scaled[0].mean())

    @property
    def together_score(self) -> float:
        """Accuracy of networks for which all rows were scaled together, without drift, mean over seeds."""
        return float(self.together_scaled.mean())

    @property
    def scaling_gain(self) -> float:
        """By how much the own scale makes the score too good, in percentage points."""
        return 100 * (self.own_score - self.met_score)


def accuracy_deviation(accuracy: float, n_rows: int) -> float:
    """Standard deviation of an accuracy that is counted on some rows.

    Args:
        accuracy: The share that would be right on endless rows.
        n_rows: Rows that were counted.

    Returns:
        Root of p (1 − p) / n.

    Source:
        kohavi-1995, section 2.1.
    """
    return float(np.sqrt(accuracy * (1 - accuracy) / n_rows))


def optimism_by_choice(scores: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """By how much the best of the first 1, 2, 3, … networks looks better than it is.

    Args:
        scores: Accuracy on the rows that choose, (draw, network).
        fresh: Accuracy on other rows, (draw, network).

    Returns:
        For each number of networks the mean over draws, in percentage points.
    """
    draws = np.arange(len(scores))
    best = [scores[:, : n + 1].argmax(1) for n in range(scores.shape[1])]
    return np.array([100 * (scores[draws, one] - fresh[draws, one]).mean() for one in best])


def measure(
    *,
    seed: int,
    candidates: int,
    choosing_rows: int,
    judge: str,
    validation: str,
    copies: int,
    split_by: str,
    drift: float,
) -> Result:
    """Trains the candidates, draws who chooses and who judges, and lets test rows leak in two ways.

    Args:
        seed: First of the seeds, and of every draw of rows.
        candidates: Networks to choose from.
        choosing_rows: Rows of the set that chooses.
        judge: Whether the third set is `untouched`, or once more the one that chose: `choosing`.
        validation: Whether the validation rows stay `apart`, or are `trained-on`, too.
        copies: How often each image occurs in the data with copies.
        split_by: Whether these are dealt out by `row`, or all copies of an `image` to one side.
        drift: By how many spreads the tumours' instrument has moved before the test rows were measured.

    Returns:
        The result.
    """
    import backlit as bl

    rng = np.random.default_rng(seed)
    digits = bl.load("digits")
    rows, labels = flat(digits.inputs, digits.targets)
    order = rng.permutation(len(rows))
    train, held, unseen = np.split(order, [N_TRAIN, N_TRAIN + N_VALIDATION])
    seeds = range(seed, seed + N_NETWORKS)
    shuffled = rng.permutation(labels[held])
    run, other = (
        _train_with_validation(digits, train, held, said, seeds=seeds, is_apart=validation == "apart")
        for said in (labels[held], shuffled)
    )
    right = np.array([_is_right(run.weights(i), rows[unseen], labels[unseen]) for i in range(N_NETWORKS)])
    scores, fresh, third = _draws(right[:candidates], choosing_rows, rng)
    many_scores, many_fresh, _ = _draws(right[:candidates], MANY_ROWS, rng)

    repeats = [_with_copies(digits, copies=copies, split_by=split_by, rng=rng, seed=seed) for _ in range(N_REPEATS)]
    drifts = np.linspace(0.0, 2.0 * drift, 5)
    own_scaled, train_scaled, together_scaled, n_tumours = _tumours(drifts, seed=seed)
    return Result(
        train_curves=curves(run, "loss", split="train"),
        validation_curves=curves(run, "loss"),
        moved=max(
            float(np.abs(one - same).max())
            for i in range(N_NETWORKS)
            for one, same in zip(run.weights(i), other.weights(i), strict=True)
        ),
        scores=scores,
        fresh=fresh,
        third=third if judge == "untouched" else scores.max(1),
        many_scores=many_scores,
        many_fresh=many_fresh,
        choosing_rows=choosing_rows,
        reported=np.array([reported for reported, _, _ in repeats]),
        truth=np.array([truth for _, truth, _ in repeats]),
        copied_frac=float(np.mean([copied for _, _, copied in repeats])),
        n_copied_rows=copies * N_IMAGES,
        copies=copies,
        drifts=drifts,
        own_scaled=own_scaled,
        train_scaled=train_scaled,
        together_scaled=together_scaled,
        n_tumours=n_tumours,
    )


def _train_with_validation(
    digits: Any, train: np.ndarray, held: np.ndarray, said: np.ndarray, *, seeds: range, is_apart: bool
) -> Any:
    """The candidates, with validation rows whose labels are `said`; these take part in training unless kept apart."""
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import digits_network

    inputs = digits.inputs[np.concatenate([train, held, held])]
    targets = np.concatenate([digits.targets[train], said, said]).astype(digits.targets.dtype)
    first, second = len(train), len(train) + len(held)
    also = () if is_apart else range(second, len(inputs))  # as many rows train either way, so it is one program
    splits = Splits.of_rows([*range(first - len(also)), *also], range(first, second))
    return bl.fit(
        digits_network(),
        replace(digits, inputs=inputs, targets=targets, splits=splits, recipe=None),
        optimizer="adam",
        learning_rate=0.01,
        epochs=N_EPOCHS,
        metrics=[],  # accuracies are counted below, row by row
        seeds=list(seeds),
        save=False,
        verbose=False,
    )


def _is_right(weights: Weights, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which rows a network of dense layers with ReLU gets right."""
    return forward(weights, rows, activation="relu")[0][-1].argmax(1) == labels


def _draws(right: np.ndarray, n_rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Accuracies on a choosing set, on what is left over, and the chosen network's on a third set; for each draw."""
    scores, fresh, third = [], [], []
    for _ in range(N_DRAWS):
        mixed = right[:, rng.permutation(right.shape[1])]
        choosing, judging, rest = np.split(mixed, [n_rows, 2 * n_rows], axis=1)
        scores.append(choosing.mean(1))
        fresh.append(rest.mean(1))
        third.append(judging[choosing.mean(1).argmax()].mean())
    return np.array(scores), np.array(fresh), np.array(third)


def _with_copies(
    digits: Any, *, copies: int, split_by: str, rng: np.random.Generator, seed: int
) -> tuple[float, float, float]:
    """Reported and true accuracy on data with copies, and the share of test rows that have one in training."""
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import digits_network

    images, others = np.split(rng.permutation(len(digits)), [N_IMAGES])
    which = np.tile(np.arange(N_IMAGES), copies)
    n_train = 7 * len(which) // 10
    mixed = rng.permutation(len(which)) if split_by == "row" else np.argsort(which, kind="stable")
    train, test = mixed[:n_train], mixed[n_train:]
    run = bl.fit(
        digits_network(),
        replace(
            digits,
            inputs=digits.inputs[images[which]],
            targets=digits.targets[images[which]],
            splits=Splits.of_rows(train, test=test),
            recipe=None,
        ),
        optimizer="adam",
        learning_rate=0.01,
        epochs=N_EPOCHS,
        metrics=[],
        seed=seed,
        save=False,
        verbose=False,
    )
    rows, labels = flat(digits.inputs, digits.targets)
    reported, true = (_is_right(run.weights(0), rows[some], labels[some]) for some in (images[which[test]], others))
    return float(reported.mean()), float(true.mean()), float(np.isin(which[test], which[train]).mean())


def _tumours(drifts: np.ndarray, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """Accuracy by the test rows' own scale, by the training rows' scale, and with all rows scaled together."""
    import keras

    import backlit as bl
    from backlit.data import Dataset

    data = bl.load("breast-cancer", validation_split=0.0, test_split=0.5, seed=seed)  # scaled by the training rows
    rows, labels = flat(data.inputs, data.targets)
    together = (rows - rows.mean(0)) / rows.std(0)
    model = keras.Sequential(
        [
            keras.Input(shape=data.input_shape),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )

    def networks(inputs: np.ndarray) -> list[Weights]:
        run = bl.fit(
            model,
            Dataset(data.name, inputs.astype(np.float32), data.targets, task="classification", splits=data.splits),
            optimizer="adam",
            learning_rate=0.01,
            epochs=N_EPOCHS,
            metrics=[],
            seeds=list(range(seed, seed + N_SEEDS)),
            save=False,
            verbose=False,
        )
        return [run.weights(i) for i in range(N_SEEDS)]

    def accuracies(of: list[Weights], inputs: np.ndarray) -> list[float]:
        return [float(_is_right(weights, inputs, labels[data.splits.test]).mean()) for weights in of]

    apart, test = networks(rows), rows[data.splits.test]
    moved = [test + drift for drift in drifts]  # the unit is the training rows' standard deviation
    return (
        np.array([accuracies(apart, (one - one.mean(0)) / one.std(0)) for one in moved]),
        np.array([accuracies(apart, one) for one in moved]),
        np.array(accuracies(networks(together), together[data.splits.test])),
        (len(data.splits.train), len(test)),
    )


def charts(result: Result) -> tuple[Chart, ...]:
    """Two curves of one training, what choosing costs, what copies and an own scale hide."""
    n, epochs = range(1, result.n_networks + 1), range(1, N_EPOCHS + 1)
    mean = Words(en="mean", zh="均值")
    return (
        Chart(
            "curves",
            title=Words(en="One loss to learn from, one to look at", zh="一个损失用来学，一个损失用来看"),
            x=EPOCH,
            y=Axis(Words(en="loss", zh="损失"), unit="nat"),
            series=(
                spread_line(Words(en="training rows", zh="训练样本"), epochs, result.train_curves),
                spread_line(Words(en="validation rows", zh="验证样本"), epochs, result.validation_curves),
            ),
        ),
        Chart(
            "three",
            title=Words(en="The chosen network on three sets", zh="被选中的网络在三个集合上"),
            x=Axis(
                Words(en="rows", zh="样本"),
                labels=(
                    Words(en="that chose it", zh="选它的样本"),
                    Words(en="of the third set", zh="第三个集合"),
                    Words(en="all the others", zh="其余全部"),
                ),
            ),
            y=ACCURACY,
            series=(
                Series(mean, range(3), [result.chosen_score, result.third_score, result.fresh_score], kind="bars"),
            ),
        ),
        Chart(
            "optimism",
            title=Words(en="How much too good the best one looks", zh="最好的那个看上去好了多少"),
            x=Axis(Words(en="networks to choose from", zh="供挑选的网络个数")),
            y=Axis(Words(en="score − truth", zh="分数 − 真实水平"), unit="%"),
            series=(
                Series(
                    Words(en=f"chosen on {result.choosing_rows} rows", zh=f"用 {result.choosing_rows} 条样本挑选"),
                    n,
                    optimism_by_choice(result.scores, result.fresh),
                ),
                Series(
                    Words(en=f"chosen on {MANY_ROWS} rows", zh=f"用 {MANY_ROWS} 条样本挑选"),
                    n,
                    optimism_by_choice(result.many_scores, result.many_fresh),
                ),
            ),
        ),
        Chart(
            "copies",
            title=Words(en="Test rows that have copies among the training rows", zh="测试样本在训练样本里有副本"),
            x=Axis(
                Words(en="counted on", zh="在哪里计分"),
                labels=(Words(en="the test set", zh="测试集"), Words(en="images never seen", zh="从未见过的图像")),
            ),
            y=ACCURACY,
            series=(Series(mean, range(2), [result.reported_score, result.true_score], kind="bars"),),
        ),
        Chart(
            "drift",
            title=Words(en="When the instrument moves", zh="仪器发生漂移之后"),
            x=Axis(Words(en="drift of the test rows, in spreads", zh="测试样本的漂移（以标准差计）")),
            y=ACCURACY,
            series=(
                spread_line(
                    Words(en="test set scaled by itself", zh="测试集按自己缩放"), result.drifts, result.own_scaled.T
                ),
                spread_line(
                    Words(en="scaled as the training rows", zh="按训练样本的尺度缩放"),
                    result.drifts,
                    result.train_scaled.T,
                ),
            ),
        ),
    )


def _answer(result: Result) -> str:
    """B where the score was too good by more than one point, C where too bad, else A."""
    return "B" if result.optimism > 1 else "C" if result.optimism < -1 else "A"


LESSON = Lesson(
    number=10,
    title=Words(en="Training, validation and test sets", zh="训练集、验证集、测试集"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob(
            "candidates", Words(en="networks to choose from", zh="供挑选的网络个数"), N_NETWORKS, low=1, high=N_NETWORKS
        ),
        Knob("choosing_rows", Words(en="rows that choose", zh="用来挑选的样本数"), 50, low=10, high=600),
        Knob(
            "judge",
            Words(en="which rows the third set holds", zh="第三个集合由哪些样本组成"),
            "untouched",
            choices=("untouched", "choosing"),
        ),
        Knob(
            "validation",
            Words(en="whether validation rows are kept out of training", zh="验证样本是否不参与训练"),
            "apart",
            choices=("apart", "trained-on"),
        ),
        Knob("copies", Words(en="how often each image occurs", zh="每张图像出现几次"), 3, low=1, high=6),
        Knob(
            "split_by",
            Words(en="what is dealt out: rows, or images with all copies", zh="按样本分，还是连同副本按图像分"),
            "row",
            choices=("row", "image"),
        ),
        Knob("drift", Words(en="drift of the instrument, in spreads", zh="仪器的漂移，以标准差计"), 1.0, low=0, high=5),
    ),
    claims=(
        Claim(
            "choosing-is-optimistic",
            words=Words(
                en="On the rows that chose it, the best network looks better than it is.",
                zh="在选出它的那些样本上，最好的网络看上去比实际更好。",
            ),
            quantity=Words(en="score − truth, percentage points", zh="分数 − 真实水平，百分点"),
            value=lambda r: r.optimism,
            above=1.5,
            null={"candidates": 1},
        ),
        Claim(
            "third-set-is-honest",
            words=Words(
                en="A third set that did not choose tells the truth.", zh="没有参与挑选的第三个集合说的是实话。"
            ),
            quantity=Words(en="how far its score is off, percentage points", zh="它的分数偏离多少，百分点"),
            value=lambda r: abs(r.third_error),
            below=1.0,
            null={"judge": "choosing"},
        ),
        Claim(
            "validation-moves-nothing",
            words=Words(en="Validation rows move no weight.", zh="验证样本不改变任何权重。"),
            quantity=Words(
                en="largest change of a weight when their labels are shuffled", zh="打乱它们的标签后，权重的最大变化"
            ),
            value=lambda r: r.moved,
            below=1e-6,
            null={"validation": "trained-on"},
        ),
        Claim(
            "copies-leak",
            words=Words(en="Copies on both sides make the score too good.", zh="两边都有副本，分数就偏高。"),
            quantity=Words(en="test set − images never seen, percentage points", zh="测试集 − 从未见过的图像，百分点"),
            value=lambda r: r.copies_gain,
            above=5.0,
            null={"split_by": "image"},
        ),
        Claim(
            "own-scale-hides",
            words=Words(
                en="A test set scaled by itself hides that the instrument has moved.",
                zh="测试集按自己缩放，就看不出仪器已经漂移。",
            ),
            quantity=Words(
                en="scaled by itself − scaled as in training, percentage points",
                zh="按自己缩放 − 按训练样本缩放，百分点",
            ),
            value=lambda r: r.scaling_gain,
            above=10.0,
            null={"drift": 0.0},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: 100 * accuracy_deviation(r.mean_score, OTHER_ROWS)),
        Exercise(answer=lambda r: r.mean_score * (1 - r.mean_score) / 0.01**2),
        Exercise(answer=lambda r: OTHER_SHARE + (1 - OTHER_SHARE) * r.true_score, tolerance=0.005),
    ),
    lessons=(6, 11, 12, 34),
    sources=(
        "ripley-1996",
        "kohavi-1995",
        "cawley-talbot-2010",
        "kaufman-2012",
        "kapoor-narayanan-2023",
        "street-1993",
    ),
)
