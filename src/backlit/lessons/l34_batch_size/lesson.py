"""Lesson 34, batch size: from one row to all rows for a step, with the rate scaled along and not.

The same network learns the same thousand digits in batches of 1, 10, 100 and 1000. The engine trains; everything that
is said about gradients (their noise, its dependence on the batch, ten small steps against one large) is computed by
plain NumPy from the gradient of every single row.

Whether small batches generalise better is asked fairly: both ends train until the product of rate and steps is the
same, and the answer is an interval over seeds.

Source:
    mccandlish-2018 (noise scale), goyal-2017 (the linear rule), hoffer-2017 (train longer),
    smith-le-2018 (rate / batch).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.views.chart import Axis, Chart, Series

N_ROWS = 1000
SIZES = (1, 10, 100, 1000)
BASE_SIZE = 10  # the batch size that the knob `rate` belongs to
MIDDLE_SIZE = 32  # of the null variant in which all batches are equal
N_SEEDS = 5
FULL_FACTOR = 20  # the full batch's rate, in the long training, as a multiple of the base rate
NOISE_SIZES = (1, 3, 10, 30, 100, 300)
N_DRAWS = 200
ANY_SIZE, NOISE_SIZE, SHARE_SIZE = 30, 250, 40  # of the exercises
T_QUANTILE = 2.776  # Student's, 97.5 %, for five seeds
Weights = list[np.ndarray]


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        sizes: Rows of one step in each training.
        rates: Learning rate with the rule applied, for each size.
        rate: Learning rate without it.
        n_epochs: Passes over the rows.
        curves: Training loss after each epoch at the same rate, (size, seed, epoch), in nats.
        scaled_curves: The same with the scaled rates.
        losses: Loss of all training rows after training at the same rate, (size, seed), in nats.
        scaled_losses: The same with the scaled rates.
        accuracies: Share of the unseen rows that are right, same rate, (size, seed).
        scaled_accuracies: The same with the scaled rates.
        epoch_s: Seconds of one epoch of all seeds together, for each size.
        long_epochs: Epochs of the long training with full batches.
        long_accuracies: Share of the unseen rows that it gets right, for each seed.
        small_train: Share of the training rows that the smallest batch's networks get right, for each seed.
        long_train: The same for the long training with full batches.
        noise_sizes: Batch sizes at which the noise was measured.
        noise: Root mean squared distance of a batch's gradient from that of all rows, before training.
        noise_formula: The same by the formula.
        variance: Sum over all weights of the variance of a single row's gradient, before training.
        noise_scale: Batch size at which noise and gradient are equally long, before training, over the seeds.
        late_noise_scale: The same after training in batches of ten.
        small_moves: How far each of ten steps in batches of ten moved one weight.
        large_rate: Learning rate of the one step with the hundred rows.
        large_move: How far the one step with the hundred rows moved it.
        way_left: Distance of the large step's end from the small steps' end, as a share of their way.
        n_unseen: Rows that were not trained on.
    """

    sizes: np.ndarray
    rates: np.ndarray
    rate: float
    n_epochs: int
    curves: np.ndarray
    scaled_curves: np.ndarray
    losses: np.ndarray
    scaled_losses: np.ndarray
    accuracies: np.ndarray
    scaled_accuracies: np.ndarray
    epoch_s: np.ndarray
    long_epochs: int
    long_accuracies: np.ndarray
    small_train: np.ndarray
    long_train: np.ndarray
    noise_sizes: np.ndarray
    noise: np.ndarray
    noise_formula: np.ndarray
    variance: float
    noise_scale: float
    late_noise_scale: float
    small_moves: np.ndarray
    large_rate: float
    large_move: float
    way_left: float
    n_unseen: int
    n_rows: int = field(default=N_ROWS)
    any_size: int = field(default=ANY_SIZE)
    noise_size: int = field(default=NOISE_SIZE)
    share_size: int = field(default=SHARE_SIZE)
    full_factor: int = field(default=FULL_FACTOR)

    @property
    def n_seeds(self) -> int:
        """Networks of each size."""
        return self.losses.shape[1]

    @property
    def steps_per_epoch(self) -> np.ndarray:
        """Steps of one epoch, for each size."""
        return -(-N_ROWS // self.sizes)

    @property
    def n_steps(self) -> np.ndarray:
        """Steps of the whole training, for each size."""
        return self.steps_per_epoch * self.n_epochs

    @property
    def clocks(self) -> np.ndarray:
        """Rate times steps at the same rate, for each size."""
        return self.rate * self.n_steps

    @property
    def scaled_clocks(self) -> np.ndarray:
        """Rate times steps with the scaled rates."""
        return self.rates * self.n_steps

    @property
    def long_rate(self) -> float:
        """Learning rate of the long training with full batches."""
        return FULL_FACTOR * self.rate

    @property
    def long_clock(self) -> float:
        """Rate times steps of the long training."""
        return self.long_rate * self.long_epochs

    @property
    def loss(self) -> np.ndarray:
        """Training loss at the same rate, mean over seeds."""
        return self.losses.mean(1)

    @property
    def scaled_loss(self) -> np.ndarray:
        """Training loss with the scaled rates, mean over seeds."""
        return self.scaled_losses.mean(1)

    @property
    def accuracy(self) -> np.ndarray:
        """Share of the unseen rows that are right at the same rate, mean over seeds."""
        return self.accuracies.mean(1)

    @property
    def scaled_accuracy(self) -> np.ndarray:
        """The same with the scaled rates."""
        return self.scaled_accuracies.mean(1)

    @property
    def long_accuracy(self) -> float:
        """Share of the unseen rows that the long training gets right, mean over seeds."""
        return float(self.long_accuracies.mean())

    @property
    def small_fit(self) -> float:
        """Share of the training rows that the smallest batch's networks get right, mean over seeds."""
        return float(self.small_train.mean())

    @property
    def long_fit(self) -> float:
        """The same for the long training with full batches."""
        return float(self.long_train.mean())

    @property
    def lead(self) -> np.ndarray:
        """Smallest batch minus long full batch on unseen rows, for each seed, in percentage points."""
        return 100 * (self.accuracies[0] - self.long_accuracies)

    @property
    def lead_mean(self) -> float:
        """Its mean, in percentage points."""
        return float(self.lead.mean())

    @property
    def lead_half(self) -> float:
        """Half of its 95 % interval by Student's t over the seeds, in percentage points."""
        return float(T_QUANTILE * self.lead.std(ddof=1) / np.sqrt(len(self.lead)))

    @property
    def lead_low(self) -> float:
        """Lower end of the interval."""
        return self.lead_mean - self.lead_half

    @property
    def lead_high(self) -> float:
        """Upper end of the interval."""
        return self.lead_mean + self.lead_half

    @property
    def samples_ratio(self) -> float:
        """How many times as many rows the long training read as the smallest batch's."""
        return self.long_epochs / self.n_epochs

    @property
    def time_ratio(self) -> float:
        """Time of an epoch with the smallest batch, as a multiple of one with full batches."""
        return float(self.epoch_s[0] / self.epoch_s[-1])

    @property
    def small_total(self) -> float:
        """How far the ten small steps moved the weight together."""
        return float(self.small_moves.sum())

    def noise_at(self, size: int) -> float:
        """Noise of a batch by the formula, before training."""
        return float(noise_formula(self.variance, np.array([size]))[0])


def measure(*, seed: int, rate: float, epochs: int, scaling: str, spread: str, full_batch: str, draw: str) -> Result:
    """Trains every batch size at the same rate and at the scaled one, and measures gradients row by row.

    Args:
        seed: First of the seeds, and of which rows are trained on.
        rate: Learning rate for batches of ten, and of all batches where it is not scaled.
        epochs: Passes over the rows.
        scaling: How the rate grows with the batch size: `linear`, `root` or `none`.
        spread: `wide` takes batches of 1, 10, 100 and 1000; `equal` gives every network the same size.
        full_batch: How long full batches train in the comparison on unseen rows: until rate times steps is the
            `same-distance`, or the `same-epochs`.
        draw: Whether a batch in the measurement of the noise holds `different` rows or `copies` of one.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import digits_network

    rng = np.random.default_rng(seed)
    data = bl.load("digits")
    shuffled = rng.permutation(len(data.inputs))
    splits = Splits.of_rows(np.sort(shuffled[:N_ROWS]), test=np.sort(shuffled[N_ROWS:]))
    data = replace(data, splits=splits, recipe=None)
    sizes = np.array(SIZES if spread == "wide" else [MIDDLE_SIZE] * len(SIZES))
    power = {"linear": 1.0, "root": 0.5, "none": 0.0}[scaling]
    rates = rate * (sizes / (BASE_SIZE if spread == "wide" else MIDDLE_SIZE)) ** power
    long_epochs = epochs * (N_ROWS // FULL_FACTOR if full_batch == "same-distance" else 1)

    def train(points: list[tuple[int, float, int]]) -> Any:
        sizes, rates, passes = (list(column) for column in zip(*points, strict=True))
        return bl.fit(
            digits_network(),
            data,
            vary=bl.zipped(batch_size=sizes, learning_rate=rates, epochs=passes),
            optimizer="sgd",
            metrics=[],  # scored below, on the second road; a program without them compiles in two thirds of the time
            seeds=list(range(seed, seed + N_SEEDS)),
            save=False,
            verbose=False,
        )

    # Two calls of the same shapes, so that each batch size compiles once.
    same = train([*((int(size), rate, epochs) for size in sizes), (N_ROWS, FULL_FACTOR * rate, long_epochs)])
    scaled = train([(int(size), float(own), epochs) for size, own in zip(sizes, rates, strict=True)])

    train_rows, unseen = _flat(*data.train), _flat(*data.test)
    n = len(sizes)
    scores, fits = _scores(same, unseen), _scores(same, train_rows)
    scaled_scores, scaled_fits = _scores(scaled, unseen), _scores(scaled, train_rows)
    times = [_epoch_times(run) for run in (same, scaled)]
    epoch_s = [min(own[_member(i)] for own in times) for i in range(n)]
    if sizes[-1] == N_ROWS:
        epoch_s[-1] = min(epoch_s[-1], times[0][_member(n)])  # the long training measures the same, for longer

    start, *others = (glorot_weights(rng) for _ in range(N_SEEDS))
    early = row_gradients(start, *train_rows)
    first = [early, *(row_gradients(weights, *train_rows) for weights in others)]
    late = [row_gradients(same.weights(_member(1) + i), *train_rows) for i in range(N_SEEDS)]
    noise = [_measured_noise(early, size, draw, rng) for size in NOISE_SIZES]
    large_rate = rate * 10**power
    small, large = _ten_steps_and_one(start, train_rows, rate=rate, large_rate=large_rate)
    moved = np.diff(small, axis=0)
    most = int(np.abs(moved.sum(0)).argmax())  # the weight that moved farthest is the one shown
    return Result(
        sizes=sizes,
        rates=rates,
        rate=rate,
        n_epochs=epochs,
        curves=_curves(same, n, epochs),
        scaled_curves=_curves(scaled, n, epochs),
        losses=fits[:n, :, 0],
        scaled_losses=scaled_fits[:, :, 0],
        accuracies=scores[:n, :, 1],
        scaled_accuracies=scaled_scores[:, :, 1],
        epoch_s=np.array(epoch_s),
        long_epochs=long_epochs,
        long_accuracies=scores[n, :, 1],
        small_train=fits[0, :, 1],
        long_train=fits[n, :, 1],
        noise_sizes=np.array(NOISE_SIZES),
        noise=np.array(noise),
        noise_formula=noise_formula(_total_variance(early), np.array(NOISE_SIZES)),
        variance=_total_variance(early),
        noise_scale=noise_scale(first),
        late_noise_scale=noise_scale(late),
        small_moves=moved[:, most],
        large_rate=large_rate,
        large_move=float(large[most] - small[0, most]),
        way_left=float(np.linalg.norm(large - small[-1]) / max(np.linalg.norm(small[-1] - small[0]), 1e-300)),
        n_unseen=len(unseen[1]),
    )


def row_gradients(weights: Weights, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Gradient of the cross-entropy of every single row, by the chain rule in plain NumPy.

    Args:
        weights: Of one hidden layer with ReLU and a softmax layer: kernel, bias, kernel, bias.
        rows: Inputs, (row, feature).
        labels: Classes.

    Returns:
        One gradient for each row, all weights in one line.
    """
    hidden, logits = _forward(weights, rows)
    errors = np.exp(logits - logits.max(1, keepdims=True))
    errors /= errors.sum(1, keepdims=True)
    errors[np.arange(len(rows)), labels] -= 1.0
    back = (errors @ weights[2].T) * (hidden > 0)
    parts = (rows[:, :, None] * back[:, None, :], back, hidden[:, :, None] * errors[:, None, :], errors)
    return np.concatenate([part.reshape(len(rows), -1) for part in parts], axis=1)


def noise_scale(gradients: list[np.ndarray]) -> float:
    """Batch size at which a batch's noise is as long as the gradient of all rows.

    Args:
        gradients: For each network, the gradients of all rows, (row, weight).

    Returns:
        Mean variance over mean squared length of the gradient, over the networks.

    Source:
        mccandlish-2018, section 2.2 (the simple noise scale).
    """
    lengths = [float((one.mean(0) ** 2).sum()) for one in gradients]
    return float(np.mean([_total_variance(one) for one in gradients]) / np.mean(lengths))


def noise_formula(variance: float, size: np.ndarray) -> np.ndarray:
    """Root mean squared distance of a batch's gradient from that of all rows, drawn without putting back.

    Args:
        variance: Sum over the weights of the variance of a single row's gradient.
        size: Rows of a batch.

    Returns:
        The distance, in the unit of a gradient.
    """
    return np.sqrt(variance / size * (N_ROWS - size) / (N_ROWS - 1))


def glorot_weights(rng: np.random.Generator) -> Weights:
    """First weights of the digits network, as Keras draws them.

    Args:
        rng: Where from.

    Returns:
        Kernel, bias, kernel, bias.

    Source:
        glorot-bengio-2010, equation 16.
    """
    from backlit.lessons.networks import digits_network

    shapes = [weight.shape for weight in digits_network().get_weights()]
    return [
        rng.uniform(-1, 1, shape) * np.sqrt(6 / sum(shape)) if len(shape) == 2 else np.zeros(shape) for shape in shapes
    ]


def _flat(inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(inputs, np.float64).reshape(len(inputs), -1), np.asarray(targets, int).ravel()


def _forward(weights: Weights, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hidden = np.maximum(rows @ weights[0] + weights[1], 0.0)
    return hidden, hidden @ weights[2] + weights[3]


def _member(point: int) -> int:
    """Number of a point's first member."""
    return point * N_SEEDS


def _epoch_times(run: Any) -> dict[int, float]:
    """Seconds of one epoch of all seeds together, by member; members of a group share its time."""
    return {
        member: one.result.run_s * N_SEEDS / (len(one.group.members) * one.group.structure["epochs"])
        for one in run.trained.groups
        for member in one.group.members
    }


def _scores(run: Any, rows: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Loss and share of right answers of every member, (point, seed, 2); a diverged member guesses."""
    inputs, labels = rows
    scores = np.empty((len(run), 2))
    for member in range(len(run)):
        _, logits = _forward([np.asarray(w, np.float64) for w in run.weights(member)], inputs)
        logits = logits - logits.max(1, keepdims=True)
        loss = np.log(np.exp(logits).sum(1)) - logits[np.arange(len(labels)), labels]
        scores[member] = loss.mean(), (logits.argmax(1) == labels).mean()
    return scores.reshape(-1, N_SEEDS, 2)


def _curves(run: Any, n: int, epochs: int) -> np.ndarray:
    """Training loss of the first points, (point, seed, epoch)."""
    history = run.history
    history = history.filter((history["metric"] == "loss") & (history["split"] == "train"))
    curves = np.full((n * N_SEEDS, epochs), np.nan)
    member, epoch = history["member"].to_numpy(), history["epoch"].to_numpy() - 1
    kept = member < n * N_SEEDS
    curves[member[kept], epoch[kept]] = history["value"].to_numpy()[kept]
    return curves.reshape(n, N_SEEDS, epochs)


def _total_variance(gradients: np.ndarray) -> float:
    return float(gradients.var(axis=0).sum())


def _measured_noise(gradients: np.ndarray, size: int, draw: str, rng: np.random.Generator) -> float:
    """Draws many batches and measures how far their gradients lie from that of all rows."""
    whole = gradients.mean(0)
    share = np.zeros((N_DRAWS, len(gradients)))
    for one in share:
        if draw == "different":
            one[rng.choice(len(gradients), size, replace=False)] = 1 / size
        else:
            one[rng.integers(len(gradients))] = 1.0
    return float(np.sqrt((((share @ gradients) - whole) ** 2).sum(1).mean()))


def _ten_steps_and_one(
    start: Weights, rows: tuple[np.ndarray, np.ndarray], *, rate: float, large_rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ten steps in batches of ten, and one step with the same hundred rows; weights as one line."""
    inputs, labels = (part[: 10 * BASE_SIZE] for part in rows)
    shapes = [weight.shape for weight in start]
    ends = np.cumsum([weight.size for weight in start])[:-1]
    path = [np.concatenate([weight.ravel() for weight in start])]
    for first in range(0, len(inputs), BASE_SIZE):
        here = [part.reshape(shape) for part, shape in zip(np.split(path[-1], ends), shapes, strict=True)]
        batch = slice(first, first + BASE_SIZE)
        path.append(path[-1] - rate * row_gradients(here, inputs[batch], labels[batch]).mean(0))
    return np.array(path), path[0] - large_rate * row_gradients(start, inputs, labels).mean(0)


def charts(result: Result) -> tuple[Chart, ...]:
    """Noise, loss by batch size, curves over the distance walked, time, unseen rows."""
    size = Axis(Words(en="batch size", zh="批量大小"), is_log=True)
    loss = Axis(Words(en="training loss", zh="训练损失"), unit="nat", is_log=True)
    same, scaled = Words(en="same rate", zh="学习率不变"), Words(en="rate scaled", zh="学习率随批量缩放")
    accuracy = Words(en="right on unseen rows", zh="未见样本的准确率")
    return (
        Chart(
            "noise",
            title=Words(en="Noise of a batch's gradient, before training", zh="训练之前，一个批次的梯度噪声"),
            x=size,
            y=Axis(Words(en="distance from the gradient of all rows", zh="与全部样本的梯度相距"), is_log=True),
            series=(
                Series(Words(en="formula", zh="公式"), result.noise_sizes, result.noise_formula),
                Series(Words(en="measured", zh="实测"), result.noise_sizes, result.noise, kind="points"),
            ),
        ),
        Chart(
            "loss",
            title=Words(en="Training loss after the same epochs", zh="同样轮次之后的训练损失"),
            x=size,
            y=loss,
            series=(
                _by_size(same, result.sizes, result.losses),
                _by_size(scaled, result.sizes, result.scaled_losses),
            ),
        ),
        Chart(
            "distance",
            title=Words(en="Training loss by rate × steps, rate scaled", zh="训练损失与 学习率 × 步数（学习率缩放）"),
            x=Axis(Words(en="rate × steps", zh="学习率 × 步数"), is_log=True),
            y=loss,
            series=tuple(
                Series(
                    Words(en=f"batches of {size}", zh=f"批量 {size}"),
                    own * steps * np.arange(1, result.n_epochs + 1),
                    curve.mean(0),
                )
                for size, own, steps, curve in zip(
                    result.sizes, result.rates, result.steps_per_epoch, result.scaled_curves, strict=True
                )
            ),
        ),
        Chart(
            "time",
            title=Words(en="Time of one epoch, all seeds at once", zh="一个轮次的时间（所有随机种子同时训练）"),
            x=size,
            y=Axis(Words(en="time", zh="时间"), unit="ms"),
            series=(Series(Words(en="measured", zh="实测"), result.sizes, 1000 * result.epoch_s),),
        ),
        Chart(
            "unseen",
            title=Words(en="Unseen rows: who walked how far", zh="未见样本：谁走了多远"),
            x=Axis(Words(en="rate × steps", zh="学习率 × 步数"), is_log=True),
            y=Axis(accuracy),
            series=(
                Series(same, result.clocks, result.accuracy, kind="points"),
                Series(scaled, result.scaled_clocks, result.scaled_accuracy, kind="points"),
                Series(
                    Words(en="full batch, long", zh="全批量，长时间训练"),
                    [result.long_clock],
                    [result.long_accuracy],
                    kind="points",
                ),
            ),
        ),
    )


def _by_size(words: Words, sizes: np.ndarray, values: np.ndarray) -> Series:
    return Series(words, sizes, values.mean(1), lo=values.min(1), hi=values.max(1))


def _answer(result: Result) -> str:
    """A where all rows at once end lowest, C where single rows do, B where no size is twice as low as another."""
    if result.loss.max() < 2 * result.loss.min():
        return "B"
    return {0: "C", len(result.sizes) - 1: "A"}.get(int(result.loss.argmin()), "B")


LESSON = Lesson(
    number=34,
    title=Words(en="Batch size", zh="批量大小"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("rate", Words(en="learning rate for batches of ten", zh="批量为十时的学习率"), 0.05, low=1e-6, high=10.0),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 20, low=1, high=60),
        Knob(
            "scaling",
            Words(en="how the rate grows with the batch", zh="学习率怎样随批量增大"),
            "linear",
            choices=("linear", "root", "none"),
        ),
        Knob(
            "spread",
            Words(en="four batch sizes, or one size four times", zh="四种批量，还是同一种用四次"),
            "wide",
            choices=("wide", "equal"),
        ),
        Knob(
            "full_batch",
            Words(en="how long full batches train before they are compared", zh="全批量训练多久才来比较"),
            "same-distance",
            choices=("same-distance", "same-epochs"),
        ),
        Knob(
            "draw",
            Words(en="what a batch holds when noise is measured", zh="测量噪声时批次里装什么"),
            "different",
            choices=("different", "copies"),
        ),
    ),
    claims=(
        Claim(
            "noise-falls",
            words=Words(
                en="The noise of a batch falls with the root of its size, as the formula says.",
                zh="批次的噪声随批量的平方根下降，与公式一致。",
            ),
            quantity=Words(en="largest deviation of measured / formula from 1", zh="实测 / 公式偏离 1 的最大值"),
            value=lambda r: float(np.abs(r.noise / r.noise_formula - 1).max()),
            below=0.15,
            null={"draw": "copies"},
        ),
        Claim(
            "few-steps",
            words=Words(
                en="At the same rate, a full batch has learnt far less in the same epochs.",
                zh="学习率相同、轮次相同，全批量学到的少得多。",
            ),
            quantity=Words(en="training loss, full batch / single rows", zh="训练损失，全批量 / 逐条样本"),
            value=lambda r: float(r.loss[-1] / r.loss[0]),
            above=5.0,
            null={"spread": "equal"},
        ),
        Claim(
            "epoch-time",
            words=Words(
                en="An epoch of single rows takes longer than one of full batches.",
                zh="逐条样本训练一个轮次，比全批量训练一个轮次更久。",
            ),
            quantity=Words(en="time of an epoch, single rows / full batch", zh="一个轮次的时间，逐条样本 / 全批量"),
            value=lambda r: r.time_ratio,
            above=1.2,
            null={"spread": "equal"},
        ),
        Claim(
            "linear-rule",
            words=Words(
                en="With the rate scaled along, batches from one to a hundred end at the same loss.",
                zh="学习率随批量缩放之后，批量从一到一百，最后的损失相同。",
            ),
            quantity=Words(en="highest / lowest of the three training losses", zh="三个训练损失中最高 / 最低"),
            value=lambda r: float(r.scaled_loss[:3].max() / r.scaled_loss[:3].min()),
            below=1.3,
            null={"scaling": "none"},
        ),
        Claim(
            "rule-breaks",
            words=Words(
                en="Scaled up to the full batch, the rate is too large to learn.",
                zh="一直缩放到全批量，学习率就大得学不成了。",
            ),
            quantity=Words(
                en="training loss, full batch / batches of ten, rate scaled",
                zh="学习率缩放后的训练损失，全批量 / 批量十",
            ),
            value=lambda r: float(r.scaled_loss[-1] / r.scaled_loss[1]),
            above=3.0,
            null={"rate": 0.0005},
        ),
        Claim(
            "noise-scale-grows",
            words=Words(
                en="As the network learns, ever larger batches pay.",
                zh="网络越学越好，值得使用的批量也越来越大。",
            ),
            quantity=Words(en="noise scale after / before training", zh="训练后 / 训练前的噪声尺度"),
            value=lambda r: r.late_noise_scale / r.noise_scale,
            above=3.0,
            null={"rate": 1e-6},
        ),
        Claim(
            "no-gap",
            words=Words(
                en="Trained over the same distance, single rows and full batches differ little on unseen rows.",
                zh="走过同样的路程之后，逐条样本与全批量在未见样本上相差无几。",
            ),
            quantity=Words(
                en="far end of the interval of the difference, percentage points", zh="差值区间较远的一端，百分点"
            ),
            value=lambda r: abs(r.lead_mean) + r.lead_half,
            below=3.0,
            null={"full_batch": "same-epochs", "rate": 0.002},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: -(-N_ROWS // ANY_SIZE) * r.n_epochs, tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: r.noise_at(NOISE_SIZE)),
        Exercise(answer=lambda r: 1 / (1 + r.late_noise_scale / SHARE_SIZE)),
    ),
    lessons=(7, 9, 12, 36),
    sources=(
        "mccandlish-2018",
        "goyal-2017",
        "keskar-2017",
        "hoffer-2017",
        "smith-le-2018",
        "shallue-2019",
        "bottou-2018",
    ),
    quick={"epochs": 12},
)
