"""Lesson 7, how a network learns: new weight = old weight − rate × gradient, checked to the last digit; epochs.

The network of lesson 3 takes one step on one batch of real rows. backlit's engine takes it by automatic
differentiation in float32. The lesson finds the same gradient without any calculus: it nudges each weight up and down
and watches the loss, in float64. Then the rule is applied by subtraction, and the two are compared.

Source:
    rumelhart-1986 (the rule), cauchy-1847 (steps against the gradient), goodfellow-2016 section 8.1.3 (batches).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.l03_artificial_neural_networks.lesson import COLUMNS, by_hand
from backlit.views.chart import Axis, Chart, Series

NUDGE = 1e-5
OTHER_BATCH_SIZE, OTHER_EPOCHS = 50, 7  # of an exercise
Weights = list[np.ndarray]


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        rate: The learning rate.
        old: Weights before the step: into the hidden layer, its biases, into the outputs, their biases.
        gradient: Slope of the loss along each weight, found by nudging.
        by_rule: Old minus rate times gradient (or plus, if the knob says so), float64.
        by_engine: Weights after the engine's step, float32.
        loss_old: Loss of the batch before the step, in nats.
        loss_new: Loss of the batch with the weights of the rule.
        line_t: Multiples of the gradient walked, from behind the start to beyond the step.
        line_loss: Loss of the batch there.
        n_rows: Training rows.
        batch_size: Rows of one step.
        n_epochs: Passes over the training rows.
        steps_counted: Steps that the engine took in these epochs, by its optimiser's own counter.
        steps_formula: Steps that the formula says.
        curve: Training loss after each epoch.
        validation_curve: Validation loss after each epoch.
        angle_deg: Angle between the first step and the straight way to where training ended, in degrees.
    """

    rate: float
    old: Weights
    gradient: Weights
    by_rule: Weights
    by_engine: Weights
    loss_old: float
    loss_new: float
    line_t: np.ndarray
    line_loss: np.ndarray
    n_rows: int
    batch_size: int
    n_epochs: int
    steps_counted: int
    steps_formula: int
    curve: np.ndarray
    validation_curve: np.ndarray
    angle_deg: float
    nudge: float = field(default=NUDGE)
    other_batch_size: int = field(default=OTHER_BATCH_SIZE)
    other_epochs: int = field(default=OTHER_EPOCHS)

    @property
    def w_old(self) -> np.ndarray:
        """Weights into the hidden layer before the step, (2, 3)."""
        return self.old[0]

    @property
    def slope(self) -> np.ndarray:
        """Their gradient."""
        return self.gradient[0]

    @property
    def w_new(self) -> np.ndarray:
        """The same weights by the rule."""
        return self.by_rule[0]

    @property
    def w_engine(self) -> np.ndarray:
        """The same weights by the engine."""
        return self.by_engine[0]

    @property
    def n_weights(self) -> int:
        """How many numbers the step moved."""
        return sum(part.size for part in self.old)

    @property
    def worst(self) -> float:
        """Largest difference between rule and engine over all weights."""
        return max(float(np.abs(a - b).max()) for a, b in zip(self.by_rule, self.by_engine, strict=True))

    @property
    def squared_length(self) -> float:
        """Squared length of the gradient."""
        return sum(float((part**2).sum()) for part in self.gradient)

    @property
    def promised(self) -> float:
        """Fall of the loss that the gradient promises for this step."""
        return self.rate * self.squared_length

    @property
    def kept(self) -> float:
        """Fall of the loss that came."""
        return self.loss_old - self.loss_new

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch, as the engine counted."""
        return self.steps_counted // max(self.n_epochs, 1)

    @property
    def last_batch(self) -> int:
        """Rows of the last batch of an epoch."""
        return self.n_rows - (self.steps_per_epoch - 1) * self.batch_size

    @property
    def curve_first(self) -> float:
        """Training loss of the first epoch."""
        return float(self.curve[0])

    @property
    def curve_last(self) -> float:
        """Training loss of the last epoch."""
        return float(self.curve[-1])


def measure(
    *, seed: int, rate: float, batch_size: int, epochs: int, direction: str, gradient_of: str, rounding: str
) -> Result:
    """Takes one step three ways, then counts the steps of whole epochs.

    Args:
        seed: Of the first weights and of the batch.
        rate: Learning rate.
        batch_size: Rows of one step.
        epochs: Passes over the training rows.
        direction: Whether the rule goes `against` the gradient or `along` it.
        gradient_of: Whether the rule uses the gradient of `this` batch or of `another`.
        rounding: Whether the formula for the steps rounds `up` or `down`.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.data import Splits
    from backlit.lessons.networks import two_three_two

    data = bl.load("breast-cancer")
    data = replace(
        data,
        inputs=np.ascontiguousarray(data.inputs[:, COLUMNS]),
        feature_names=tuple(data.feature_names[i] for i in COLUMNS),
        preparation=None,
        recipe=None,
    )
    rng = np.random.default_rng(seed)
    model = two_three_two()
    old = [rng.normal(0.0, 0.7, weight.shape).astype(np.float32) for weight in model.get_weights()]
    model.set_weights(old)
    old = [weight.astype(np.float64) for weight in old]

    drawn = rng.permutation(data.splits.train)
    batch_size = min(batch_size, len(drawn))
    batch, another = drawn[:batch_size], drawn[-batch_size:]
    settings = {"optimizer": "sgd", "batch_size": batch_size, "save": False, "verbose": False}
    one_step = replace(data, splits=Splits.of_rows(batch))
    by_engine = bl.fit(model, one_step, epochs=1, learning_rate=rate, **settings).weights(0)

    rows, labels = data.inputs.astype(np.float64), data.targets
    used = batch if gradient_of == "this" else another
    slope = nudged_gradient(old, rows[used], labels[used])
    sign = -1.0 if direction == "against" else 1.0
    by_rule = [weight + sign * rate * part for weight, part in zip(old, slope, strict=True)]
    line_t = np.linspace(-0.5, 2.0, 51) * rate

    run = bl.fit(model, data, epochs=epochs, learning_rate=rate, **settings)
    n_rows = len(data.splits.train)
    per_epoch = -(-n_rows // batch_size) if rounding == "up" else n_rows // batch_size
    return Result(
        rate=rate,
        old=old,
        gradient=slope,
        by_rule=by_rule,
        by_engine=[np.asarray(weight, np.float64) for weight in by_engine],
        loss_old=mean_loss(old, rows[batch], labels[batch]),
        loss_new=mean_loss(by_rule, rows[batch], labels[batch]),
        line_t=line_t,
        line_loss=np.array(
            [
                mean_loss([w - t * g for w, g in zip(old, slope, strict=True)], rows[batch], labels[batch])
                for t in line_t
            ]
        ),
        n_rows=n_rows,
        batch_size=batch_size,
        n_epochs=epochs,
        steps_counted=int(np.ravel(run.trained.groups[0].result.optimizer[0])[0]),
        steps_formula=epochs * per_epoch,
        curve=_curve(run, "train"),
        validation_curve=_curve(run, "validation"),
        angle_deg=_angle_deg(slope, old, run.weights(0)),
    )


def mean_loss(weights: Weights, rows: np.ndarray, labels: np.ndarray) -> float:
    """Cross-entropy of the network of lesson 3 on some rows.

    Args:
        weights: Its four arrays.
        rows: Inputs, (sample, 2).
        labels: Classes.

    Returns:
        Mean over the rows, in nats.
    """
    sums = by_hand(rows, *weights).output_sums
    top = sums.max(1)
    totals = top + np.log(np.exp(sums - top[:, None]).sum(1))  # softmax's denominator, safe for large sums
    return float((totals - sums[np.arange(len(rows)), labels]).mean())


def nudged_gradient(weights: Weights, rows: np.ndarray, labels: np.ndarray) -> Weights:
    """Slope of the loss along each weight, by moving that weight alone a little up and a little down.

    Args:
        weights: Where.
        rows: Inputs of the batch.
        labels: Its classes.

    Returns:
        Central differences, in the shape of the weights.
    """
    slopes = []
    for i, part in enumerate(weights):
        slope = np.empty(part.shape)
        for place in np.ndindex(part.shape):
            ends = []
            for sign in (1.0, -1.0):
                moved = [weight.copy() for weight in weights]
                moved[i][place] += sign * NUDGE
                ends.append(mean_loss(moved, rows, labels))
            slope[place] = (ends[0] - ends[1]) / (2 * NUDGE)
        slopes.append(slope)
    return slopes


def _curve(run: object, split: str) -> np.ndarray:
    history = run.history  # pyright: ignore[reportAttributeAccessIssue]  a Run
    return history.filter((history["split"] == split) & (history["metric"] == "loss"))["value"].to_numpy()


def _angle_deg(slope: Weights, start: Weights, end: Weights) -> float:
    downhill = -np.concatenate([part.ravel() for part in slope])
    way = np.concatenate([(b - a).ravel() for a, b in zip(start, end, strict=True)])
    lengths = np.linalg.norm(downhill) * np.linalg.norm(way)
    return float(np.degrees(np.arccos(np.clip(downhill @ way / lengths, -1, 1)))) if lengths > 0 else float("nan")


def charts(result: Result) -> tuple[Chart, ...]:
    """Rule beside engine, the loss along the step, the loss by epoch."""
    names = tuple(Words(en=f"w_{i + 1}{j + 1}", zh=f"w_{i + 1}{j + 1}") for i in range(2) for j in range(3))
    change = lambda new: (new - result.w_old).ravel()  # noqa: E731  said twice below
    loss = Axis(Words(en="loss of the batch", zh="这一批的损失"), unit="nat")
    tangent = result.loss_old - result.line_t * result.squared_length
    epochs = range(1, result.n_epochs + 1)
    return (
        Chart(
            "step",
            title=Words(en="How one step moved the weights of the hidden layer", zh="一步怎样移动隐藏层的权重"),
            x=Axis(Words(en="weight", zh="权重"), labels=names),
            y=Axis(Words(en="new − old", zh="新值 − 旧值")),
            series=(
                Series(Words(en="by the rule", zh="按规则"), range(6), change(result.w_new), kind="bars"),
                Series(Words(en="by the engine", zh="由引擎"), range(6), change(result.w_engine), kind="bars"),
            ),
        ),
        Chart(
            "promise",
            title=Words(
                en="The loss along the step, and what the gradient promised", zh="沿这一步的损失，以及梯度的承诺"
            ),
            x=Axis(
                Words(
                    en="distance walked against the gradient (the step ends at the rate)",
                    zh="逆梯度走多远（步的终点是学习率）",
                )
            ),
            y=loss,
            series=(
                Series(Words(en="loss", zh="损失"), result.line_t, result.line_loss),
                Series(Words(en="promise: a straight line", zh="承诺：一条直线"), result.line_t, tangent),
                Series(
                    Words(en="before and after", zh="之前与之后"),
                    [0.0, result.rate],
                    [result.loss_old, result.loss_new],
                    kind="points",
                ),
            ),
        ),
        Chart(
            "epochs",
            title=Words(en="The same step, many times", zh="同样的一步，重复许多次"),
            x=Axis(Words(en="epoch", zh="轮次")),
            y=Axis(Words(en="loss", zh="损失"), unit="nat"),
            series=(
                Series(Words(en="training", zh="训练"), epochs, result.curve),
                Series(Words(en="validation", zh="验证"), epochs, result.validation_curve),
            ),
        ),
    )


def _answer(result: Result) -> str:
    """A where every weight moved against its gradient, B where every weight moved with it, else C."""
    moved = np.concatenate([(new - old).ravel() for new, old in zip(result.by_engine, result.old, strict=True)])
    slope = np.concatenate([part.ravel() for part in result.gradient])
    is_against = (moved * slope <= 0)[np.abs(slope) > 1e-6]
    return "A" if is_against.all() else "C" if is_against.any() else "B"


LESSON = Lesson(
    number=7,
    title=Words(en="How a network learns", zh="神经网络如何学习"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("rate", Words(en="learning rate", zh="学习率"), 0.1, low=0.0, high=100.0),
        Knob("batch_size", Words(en="rows of one step", zh="一步用多少条样本"), 32, low=1, high=399),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 20, low=1, high=300),
        Knob(
            "direction",
            Words(en="which way the rule goes", zh="规则朝哪个方向走"),
            "against",
            choices=("against", "along"),
        ),
        Knob(
            "gradient_of",
            Words(en="whose gradient the rule uses", zh="规则用哪一批的梯度"),
            "this",
            choices=("this", "another"),
        ),
        Knob(
            "rounding",
            Words(en="how the formula rounds the steps", zh="公式怎样取整步数"),
            "up",
            choices=("up", "down"),
        ),
    ),
    claims=(
        Claim(
            "one-step",
            words=Words(
                en="Every new weight is the old one minus rate times gradient.",
                zh="每个新权重都等于旧权重减去学习率乘以梯度。",
            ),
            quantity=Words(en="largest difference between rule and engine", zh="规则与引擎之间最大的差"),
            value=lambda r: r.worst,
            below=1e-6,
            null={"gradient_of": "another"},
        ),
        Claim(
            "downhill",
            words=Words(en="The step lowers the loss of its batch.", zh="这一步使这一批的损失下降。"),
            quantity=Words(en="loss after / before", zh="之后的损失 / 之前的损失"),
            value=lambda r: r.loss_new / r.loss_old,
            below=0.995,
            null={"direction": "along"},
        ),
        Claim(
            "promise-kept",
            words=Words(en="A small step keeps what the gradient promised.", zh="步子小，梯度的承诺就能兑现。"),
            quantity=Words(en="distance of fall / promise from 1", zh="实际下降与承诺之比偏离 1 多少"),
            value=lambda r: abs(r.kept / r.promised - 1) if r.promised else float("nan"),
            below=0.3,
            null={"rate": 50.0},
        ),
        Claim(
            "epoch-steps",
            words=Words(
                en="An epoch has rows / batch size steps, rounded up.",
                zh="一个轮次的步数是样本数除以批量大小，向上取整。",
            ),
            quantity=Words(en="steps counted − steps by the formula", zh="实际步数 − 公式步数"),
            value=lambda r: abs(r.steps_counted - r.steps_formula),
            below=0.5,
            null={"rounding": "down"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.w_old[1, 0] - r.rate * r.slope[1, 0]), tolerance=0.005),
        Exercise(answer=lambda r: float(-r.rate / 2 * r.slope[0, 0]), tolerance=0.02),
        Exercise(answer=lambda r: -(-r.n_rows // OTHER_BATCH_SIZE) * OTHER_EPOCHS, tolerance=0.0),
    ),
    lessons=(6, 8, 9, 23, 34),
    sources=("cauchy-1847", "robbins-monro-1951", "rumelhart-1986", "goodfellow-2016", "bottou-2018"),
    quick={"epochs": 3},
)
