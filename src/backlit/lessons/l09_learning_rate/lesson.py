"""Lesson 9, the learning rate: nine rates on five seeds each, trained at once on the digits; then the range test.

The forty-five networks are one population: they differ in numbers alone, so they share one compiled program. The range
test is a second, small population whose rate grows with every step.

Source:
    bengio-2012 (the rate matters most), smith-2017 (the range test), goodfellow-2016 section 4.3 (the valley).
"""

from dataclasses import dataclass, field

import numpy as np

from backlit.errors import LessonError
from backlit.language import Words, text, verbatim
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.views.chart import Axis, Chart, Series

N_RATES = 9
N_SEEDS = 5
BATCH_SIZE = 32
RANGE_EPOCHS = 24
N_CLASSES = 10
CAREFUL_RATE = 0.1  # of the exercise; any rate below the valley's limit would do
VALLEY_STEPS = 3


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        rates: The nine rates, rising.
        losses: Training loss after each epoch, (rate, seed, epoch), in nats.
        validation: Validation loss after the last epoch, (rate, seed), in nats.
        accuracies: Validation accuracy after the last epoch, (rate, seed).
        test_accuracy: Share of the test rows that the best rate's networks get right, mean over seeds.
        n_rows: Training rows.
        n_diverged: Networks whose loss or weights stopped being numbers.
        range_rates: Rate in the middle of each epoch of the range test.
        range_losses: Its training loss, (seed, epoch), in nats.
        read_at: Where the learner reads the range test.
        curvature: Second derivative of a real valley of one weight (see `valley_curvature`).
        train_s: Seconds that training the forty-five took, compilation apart.
    """

    rates: np.ndarray
    losses: np.ndarray
    validation: np.ndarray
    accuracies: np.ndarray
    test_accuracy: float
    n_rows: int
    n_diverged: int
    range_rates: np.ndarray
    range_losses: np.ndarray
    read_at: str
    curvature: float
    train_s: float
    careful_rate: float = field(default=CAREFUL_RATE)

    @property
    def n_networks(self) -> int:
        """How many networks were trained at once."""
        return self.validation.size

    @property
    def n_rates(self) -> int:
        """How many rates."""
        return len(self.rates)

    @property
    def n_seeds(self) -> int:
        """How many seeds."""
        return self.validation.shape[1]

    @property
    def n_epochs(self) -> int:
        """How many epochs."""
        return self.losses.shape[2]

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch, the short last batch included."""
        return -(-self.n_rows // BATCH_SIZE)

    @property
    def mean_loss(self) -> np.ndarray:
        """Validation loss of each rate, mean over seeds."""
        return self.validation.mean(1)

    @property
    def best(self) -> int:
        """Which rate has the lowest validation loss."""
        return int(np.nanargmin(self.mean_loss))

    @property
    def best_rate(self) -> float:
        """The rate with the lowest validation loss."""
        return float(self.rates[self.best])

    @property
    def best_loss(self) -> float:
        """Its validation loss."""
        return float(self.mean_loss[self.best])

    @property
    def lowest_loss(self) -> float:
        """Validation loss of the smallest rate."""
        return float(self.mean_loss[0])

    @property
    def highest_loss(self) -> float:
        """Validation loss of the largest rate."""
        return float(self.mean_loss[-1])

    @property
    def lowest_accuracy(self) -> float:
        """Validation accuracy of the smallest rate."""
        return float(self.accuracies[0].mean())

    @property
    def best_accuracy(self) -> float:
        """Validation accuracy of the best rate."""
        return float(self.accuracies[self.best].mean())

    @property
    def highest_accuracy(self) -> float:
        """Validation accuracy of the largest rate."""
        return float(self.accuracies[-1].mean())

    @property
    def seeds_agreeing(self) -> int:
        """In how many seeds this same rate is the best."""
        return int((np.nanargmin(self.validation, axis=0) == self.best).sum())

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of the answer that gives every class the same probability, in nats."""
        return float(np.log(N_CLASSES))

    @property
    def step_ratio(self) -> float:
        """Each rate is this many times the one before."""
        return float(self.rates[1] / self.rates[0])

    @property
    def range_mean(self) -> np.ndarray:
        """Loss of the range test, mean over seeds."""
        return self.range_losses.mean(0)

    @property
    def picked_rate(self) -> float:
        """The rate that the range test suggests: where the loss falls fastest, or what the learner reads instead."""
        if self.read_at == "end":
            return float(self.range_rates[-1])
        return float(self.range_rates[1:][np.diff(self.range_mean).argmin()])

    @property
    def turning_rate(self) -> float:
        """The rate of the range test at which the loss was lowest, before it rose again."""
        return float(self.range_rates[np.nanargmin(self.range_mean)])

    @property
    def limit_rate(self) -> float:
        """Above this rate the steps in the valley grow."""
        return 2.0 / self.curvature

    def left_over(self, rate: float, n_steps: int) -> float:
        """Share of the distance to the valley's floor that is left after some steps."""
        return abs(1.0 - rate * self.curvature) ** n_steps

    @property
    def factors(self) -> np.ndarray:
        """What one step multiplies the distance by, for each rate."""
        return 1.0 - self.rates * self.curvature


def measure(
    *, seed: int, lowest: float, highest: float, epochs: int, optimizer: str, spread: str, read_at: str
) -> Result:
    """Trains the population, then the range test.

    Args:
        seed: First of the five seeds.
        lowest: Smallest rate.
        highest: Largest rate.
        epochs: Passes over the training rows.
        optimizer: sgd or adam.
        spread: `wide` spaces the rates by equal factors; `equal` gives every network the rate in the middle.
        read_at: Where the range test is read: `steepest` or `end`.

    Returns:
        The result.

    Raises:
        LessonError: If the smallest rate is not below the largest.
    """
    if lowest >= highest:
        raise LessonError(
            "rates-order",
            what=text("Spacing the rates"),
            expected=text("`lowest` below `highest`"),
            received=verbatim(f"lowest={lowest:g}, highest={highest:g}"),
            fix=text("Turn one of the two: `--set highest={rate:g}`.", rate=lowest * 1e6),
        )
    import keras

    import backlit as bl
    from backlit.lessons.networks import digits_network

    data = bl.load("digits")
    n_rows = len(data.splits.train)
    rates = np.geomspace(lowest, highest, N_RATES)
    trained = np.full(N_RATES, np.sqrt(lowest * highest)) if spread == "equal" else rates
    seeds = list(range(seed, seed + N_SEEDS))
    run = bl.fit(
        digits_network(),
        data,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer=optimizer,
        learning_rate=trained.tolist(),
        seeds=seeds,
        save=False,
        verbose=False,
    )
    by_member = (N_RATES, N_SEEDS)
    members, history = run.members, run.history
    losses = history.filter((history["split"] == "train") & (history["metric"] == "loss"))
    curve = np.full((N_RATES * N_SEEDS, epochs), np.nan)
    curve[losses["member"].to_numpy(), losses["epoch"].to_numpy() - 1] = losses["value"].to_numpy()
    validation = members["val_loss"].to_numpy().astype(float).reshape(by_member)
    tested = run.evaluate("test")["accuracy"].to_numpy().reshape(by_member)

    growth = (highest / lowest) ** (1 / (RANGE_EPOCHS * -(-n_rows // BATCH_SIZE)))
    schedule = keras.optimizers.schedules.ExponentialDecay(lowest, decay_steps=1, decay_rate=growth)
    rising = bl.fit(
        digits_network(),
        data,
        epochs=RANGE_EPOCHS,
        batch_size=BATCH_SIZE,
        optimizer=optimizer,
        learning_rate=schedule,
        seeds=seeds,
        save=False,
        verbose=False,
    ).history
    rising = rising.filter((rising["split"] == "train") & (rising["metric"] == "loss"))
    return Result(
        rates=trained,
        losses=curve.reshape(*by_member, epochs),
        validation=validation,
        accuracies=members["val_accuracy"].to_numpy().astype(float).reshape(by_member),
        test_accuracy=float(tested[int(np.nanargmin(validation.mean(1)))].mean()),
        n_rows=n_rows,
        n_diverged=len(run) - len(run.finished),
        range_rates=lowest * (highest / lowest) ** ((np.arange(RANGE_EPOCHS) + 0.5) / RANGE_EPOCHS),
        range_losses=rising["value"].to_numpy().reshape(N_SEEDS, RANGE_EPOCHS),
        read_at=read_at,
        curvature=valley_curvature(),
        train_s=run.run_s,
    )


def valley_curvature() -> float:
    """Curvature of the squared error of a line through real data, along its slope.

    For the slope w of a line fitted to the diabetes patients' body-mass index, standardised, the mean squared error is
    a parabola in w whose second derivative is twice the mean of the squared inputs.

    Returns:
        Second derivative of the loss, in units of the loss for each squared unit of w.

    Source:
        efron-2004 (data).
    """
    import backlit as bl

    data = bl.load("diabetes")
    inputs = data.train[0][:, data.feature_names.index("bmi")]
    return float(2 * (np.asarray(inputs, np.float64) ** 2).mean())


def charts(result: Result) -> tuple[Chart, ...]:
    """The U, the curves of four rates, the range test."""
    rate, loss = Words(en="learning rate", zh="学习率"), Words(en="loss", zh="损失")
    return (
        Chart(
            "u-shape",
            title=Words(en="Validation loss after training, by rate", zh="训练之后的验证损失与学习率"),
            x=Axis(rate, is_log=True),
            y=Axis(loss, unit="nat", is_log=True),
            series=(
                Series(
                    Words(en="mean of the seeds (dots: best and worst)", zh="各随机种子的均值（小点：最好与最差）"),
                    result.rates,
                    result.mean_loss,
                    lo=result.validation.min(1),
                    hi=result.validation.max(1),
                ),
            ),
        ),
        Chart(
            "curves",
            title=Words(en="Training loss, epoch by epoch", zh="每个轮次的训练损失"),
            x=Axis(Words(en="epoch", zh="轮次")),
            y=Axis(loss, unit="nat", is_log=True),
            series=tuple(
                _curve(result, i) for i in sorted({0, result.best, min(result.best + 1, N_RATES - 1), N_RATES - 1})
            ),
        ),
        Chart(
            "range-test",
            title=Words(en="The range test: the rate grows with every step", zh="学习率范围测试：学习率逐步增大"),
            x=Axis(rate, is_log=True),
            y=Axis(loss, unit="nat"),
            series=(
                Series(Words(en="mean of the seeds", zh="各随机种子的均值"), result.range_rates, result.range_mean),
            ),
        ),
    )


def _curve(result: Result, i: int) -> Series:
    name = f"{result.rates[i]:.2g}"
    return Series(Words(en=name, zh=name), range(1, result.n_epochs + 1), result.losses[i].mean(0))


def _stuck_frac(result: Result) -> float:
    """Share of the largest rate's networks that end no better than equal probabilities, or diverge."""
    ends = result.losses[-1, :, -1]
    return float((~np.isfinite(ends) | (ends >= result.guessing_loss)).mean())


LESSON = Lesson(
    number=9,
    title=Words(en="The learning rate", zh="学习率"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: {0: "A", N_RATES - 1: "C"}.get(r.best, "B")),
    knobs=(
        Knob("lowest", Words(en="smallest rate", zh="最小的学习率"), 1e-4, low=1e-7, high=1e3),
        Knob("highest", Words(en="largest rate", zh="最大的学习率"), 100.0, low=1e-6, high=1e4),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 10, low=1, high=60),
        Knob("optimizer", Words(en="optimiser", zh="优化器"), "sgd", choices=("sgd", "adam")),
        Knob(
            "spread",
            Words(en="nine rates, or one rate nine times", zh="九个学习率，还是同一个用九次"),
            "wide",
            choices=("wide", "equal"),
        ),
        Knob(
            "read_at",
            Words(en="where the range test is read", zh="在范围测试的哪里读数"),
            "steepest",
            choices=("steepest", "end"),
        ),
    ),
    claims=(
        Claim(
            "u-shape",
            words=Words(
                en="A rate in between beats the smallest and the largest by far.",
                zh="居中的学习率远胜最小和最大的学习率。",
            ),
            quantity=Words(
                en="loss of the better end / best loss, validation", zh="两端中较好者的验证损失 / 最低验证损失"
            ),
            value=lambda r: min(r.lowest_loss, r.highest_loss) / r.best_loss,
            above=3.0,
            null={"spread": "equal"},
        ),
        Claim(
            "too-small-crawls",
            words=Words(en="The smallest rate has hardly begun to learn.", zh="最小的学习率几乎还没有开始学习。"),
            quantity=Words(en="its training loss / loss of guessing", zh="它的训练损失 / 瞎猜的损失"),
            value=lambda r: float(r.losses[0, :, -1].mean()) / r.guessing_loss,
            above=0.9,
            null={"lowest": 0.1},
        ),
        Claim(
            "too-large-fails",
            words=Words(
                en="The largest rate leaves every network no better than guessing.",
                zh="最大的学习率下，每个网络都不比瞎猜好。",
            ),
            quantity=Words(en="share of its networks stuck or diverged", zh="停滞或发散的网络所占比例"),
            value=_stuck_frac,
            above=0.9,
            null={"highest": 0.5},
        ),
        Claim(
            "range-test",
            words=Words(
                en="The range test finds the best rate to within a factor of ten.",
                zh="范围测试找到的学习率与最佳学习率相差不到十倍。",
            ),
            quantity=Words(en="distance in powers of ten", zh="相差多少个数量级"),
            value=lambda r: abs(float(np.log10(r.picked_rate / r.best_rate))),
            below=1.0,
            null={"read_at": "end"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.left_over(CAREFUL_RATE, VALLEY_STEPS)),
        Exercise(answer=lambda r: r.limit_rate),
        Exercise(answer=lambda r: r.n_networks * r.n_epochs * r.steps_per_epoch, tolerance=0.0, spec=".0f"),
    ),
    lessons=(6, 7, 8, 29, 34, 36),
    sources=("bengio-2012", "smith-2017", "goodfellow-2016", "lecun-1998", "kingma-2015"),
    quick={"epochs": 4},
)
