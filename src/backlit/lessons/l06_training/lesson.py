"""Lesson 6, training: stochastic gradient descent moves through a loss surface, step by step.

A line through real data has two weights, so its whole loss surface can be drawn, and its lowest point is known by
linear algebra. backlit trains it; the lesson takes the same steps by plain arithmetic and must arrive at the same
place. Then a real network with thousands of weights is looked at along one line through its surface.

Source:
    robbins-monro-1951 (stochastic steps), goodfellow-2015 section 3 (the line from first to last weights), efron-2004.
"""

from dataclasses import dataclass, replace

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.views.chart import Axis, Chart, Series, Surface

NETWORK_EPOCHS = 8
NETWORK_RATE = 0.1
LINE = np.linspace(-0.25, 1.5, 36)  # 0 is the first weights, 1 the last


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        feature: Name of the input.
        x: Training inputs, standardised.
        y: Training targets, in points of the disease score.
        path: Weight and bias after each step, the start first, (step + 1, 2).
        losses: Loss of all training rows at each place of the path, in squared points.
        first_rows: Rows of the first step.
        engine_end: Weight and bias after the engine's training.
        lowest: Weight and bias at the lowest point of the surface, by linear algebra.
        lowest_loss: Loss there.
        unseen_explained: Share of the unseen targets' variance that the line explains; 0 is the mean's.
        steps_per_epoch: Steps of one epoch.
        rate: Learning rate.
        network_loss: Training loss of the digits network along the line.
        n_network_weights: Its learnable parameters.
        direction: Along which line it was looked at.
    """

    feature: str
    x: np.ndarray
    y: np.ndarray
    path: np.ndarray
    losses: np.ndarray
    first_rows: np.ndarray
    engine_end: np.ndarray
    lowest: np.ndarray
    lowest_loss: float
    unseen_explained: float
    steps_per_epoch: int
    rate: float
    network_loss: np.ndarray
    n_network_weights: int
    direction: str

    @property
    def start(self) -> np.ndarray:
        """Weight and bias before training."""
        return self.path[0]

    @property
    def end(self) -> np.ndarray:
        """Weight and bias after training, by hand."""
        return self.path[-1]

    @property
    def loss_start(self) -> float:
        """Loss before training."""
        return float(self.losses[0])

    @property
    def loss_end(self) -> float:
        """Loss after training."""
        return float(self.losses[-1])

    @property
    def n_steps(self) -> int:
        """How many steps were taken."""
        return len(self.path) - 1

    @property
    def n_rows(self) -> int:
        """Training rows."""
        return len(self.x)

    @property
    def distance_start(self) -> float:
        """Distance of the start from the lowest point."""
        return float(np.linalg.norm(self.start - self.lowest))

    @property
    def distance_end(self) -> float:
        """Distance of the end from the lowest point."""
        return float(np.linalg.norm(self.end - self.lowest))

    @property
    def n_uphill(self) -> int:
        """Steps after which the loss of all rows was higher than before."""
        return int((np.diff(self.losses) > 0).sum())

    @property
    def engine_distance(self) -> float:
        """Difference between the engine's end and the end by hand, as a share of the way."""
        way = float(np.linalg.norm(self.end - self.start))
        return float(np.abs(self.engine_end - self.end).max()) / max(way, 1e-9)

    @property
    def batch_x(self) -> np.ndarray:
        """Inputs of the first step."""
        return self.x[self.first_rows]

    @property
    def batch_y(self) -> np.ndarray:
        """Targets of the first step."""
        return self.y[self.first_rows]

    @property
    def errors(self) -> np.ndarray:
        """Prediction minus target for the rows of the first step."""
        return self.start[0] * self.batch_x + self.start[1] - self.batch_y

    @property
    def slope_w(self) -> float:
        """Gradient of the first batch along the weight."""
        return float(2 * (self.errors * self.batch_x).mean())

    @property
    def slope_b(self) -> float:
        """Gradient of the first batch along the bias."""
        return float(2 * self.errors.mean())

    @property
    def slope_at_lowest(self) -> float:
        """Gradient of all training rows along the weight, at the lowest point."""
        return float(2 * ((np.polyval(self.lowest, self.x) - self.y) * self.x).mean())

    @property
    def network_ratio(self) -> float:
        """Lowest loss along the line, as a share of the loss at its start."""
        return float(self.network_loss[LINE > 0].min() / np.interp(0.0, LINE, self.network_loss))

    @property
    def network_start(self) -> float:
        """Loss of the network before training."""
        return float(np.interp(0.0, LINE, self.network_loss))

    @property
    def network_end(self) -> float:
        """Loss of the network at the far end of the way."""
        return float(np.interp(1.0, LINE, self.network_loss))


def measure(
    *, seed: int, rate: float, batch_size: int, epochs: int, targets: str, order: str, direction: str
) -> Result:
    """Trains the line by the engine and by hand, and looks at a network along a line.

    Args:
        seed: Of the start, and of the network.
        rate: Learning rate of the line.
        batch_size: Rows of one step.
        epochs: Passes over the training rows.
        targets: `true`, or `shuffled`: each patient is given another's target.
        order: Whether the arithmetic takes the rows in the `same` order as the engine, or in `another`.
        direction: Look at the network along the way that training went (`training`), or along a `random` one.

    Returns:
        The result.
    """
    import keras

    import backlit as bl
    from backlit.engine.orders import epoch_order

    data = bl.load("diabetes")
    column = data.feature_names.index("bmi")
    rng = np.random.default_rng(seed)
    outputs = data.targets.copy()
    if targets == "shuffled":
        outputs[data.splits.train] = outputs[rng.permutation(data.splits.train)]
    data = replace(
        data,
        inputs=np.ascontiguousarray(data.inputs[:, [column]]),
        targets=outputs,
        feature_names=("bmi",),
        preparation=None,
        recipe=None,
    )
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    start = np.array([rng.uniform(-60, -30), rng.uniform(20, 60)], np.float32)
    line.set_weights([start[:1].reshape(1, 1), start[1:]])
    settings = {"optimizer": "sgd", "save": False, "verbose": False}
    run = bl.fit(line, data, epochs=epochs, batch_size=batch_size, learning_rate=rate, loss="mse", **settings)

    x, y = (np.asarray(part, np.float64).ravel() for part in data.train)
    batch_size = min(batch_size, len(x))
    orders = [
        epoch_order(len(x), data_seed=0 if order == "same" else 1, epoch=epoch, shuffle=True) for epoch in range(epochs)
    ]
    path = walk(x, y, start=start.astype(np.float64), orders=orders, batch_size=batch_size, rate=rate)
    lowest = np.polyfit(x, y, 1)
    unseen = np.concatenate([data.splits.validation, data.splits.test])  # neither chose anything here
    unseen_x, unseen_y = (np.asarray(part[unseen], np.float64).ravel() for part in (data.inputs, data.targets))
    missed = ((unseen_x * path[-1, 0] + path[-1, 1] - unseen_y) ** 2).mean()
    network_loss, n_weights = _network_line(seed, direction)
    return Result(
        feature=data.feature_names[0],
        x=x,
        y=y,
        path=path,
        losses=np.array([((w * x + b - y) ** 2).mean() for w, b in path]),
        first_rows=orders[0][:batch_size] if orders else np.arange(batch_size),
        engine_end=np.array([float(np.ravel(part)[0]) for part in run.weights(0)]),
        lowest=lowest,
        lowest_loss=float(((np.polyval(lowest, x) - y) ** 2).mean()),
        unseen_explained=float(1 - missed / ((unseen_y - y.mean()) ** 2).mean()),
        steps_per_epoch=-(-len(x) // batch_size),
        rate=rate,
        network_loss=network_loss,
        n_network_weights=n_weights,
        direction=direction,
    )


def walk(
    x: np.ndarray, y: np.ndarray, *, start: np.ndarray, orders: list[np.ndarray], batch_size: int, rate: float
) -> np.ndarray:
    """Stochastic gradient descent on a line, by plain arithmetic.

    Args:
        x: Inputs.
        y: Targets.
        start: Weight and bias.
        orders: The order of the rows in each epoch.
        batch_size: Rows of one step; the last step of an epoch takes what is left.
        rate: Learning rate.

    Returns:
        Weight and bias after each step, the start first.

    Example:
        >>> one = np.array([1.0])
        >>> walk(one, 3 * one, start=np.zeros(2), orders=[np.array([0])], batch_size=1, rate=0.25).tolist()
        [[0.0, 0.0], [1.5, 1.5]]
    """
    w, b = start
    path = [(w, b)]
    for order in orders:
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            errors = w * x[rows] + b - y[rows]
            w, b = w - rate * 2 * (errors * x[rows]).mean(), b - rate * 2 * errors.mean()
            path.append((w, b))
    return np.array(path)


def _network_line(seed: int, direction: str) -> tuple[np.ndarray, int]:
    """Training loss of the digits network along a line through its first weights; and how many weights it has."""
    import backlit as bl
    from backlit.lessons.networks import digits_network

    data = bl.load("digits")
    rng = np.random.default_rng([seed, 1])
    model = digits_network()
    first = [_drawn(rng, weight.shape) for weight in model.get_weights()]
    model.set_weights(first)
    run = bl.fit(
        model,
        data,
        epochs=NETWORK_EPOCHS,
        optimizer="sgd",
        learning_rate=NETWORK_RATE,
        save=False,
        verbose=False,
    )
    last = run.weights(0)
    way = [end - begin for begin, end in zip(first, last, strict=True)]
    if direction == "random":
        noise = [rng.normal(size=part.shape) for part in way]
        length = np.sqrt(sum((part**2).sum() for part in way) / sum((part**2).sum() for part in noise))
        way = [part * length for part in noise]
    images, labels = data.train
    images = images.reshape(len(images), -1).astype(np.float64)
    losses = [_network_loss([w + t * d for w, d in zip(first, way, strict=True)], images, labels) for t in LINE]
    return np.array(losses), model.count_params()


def _drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Glorot's uniform weights, zero biases (glorot-bengio-2010, equation 16)."""
    if len(shape) == 1:
        return np.zeros(shape, np.float32)
    edge = np.sqrt(6 / sum(shape))
    return rng.uniform(-edge, edge, shape).astype(np.float32)


def _network_loss(weights: list[np.ndarray], images: np.ndarray, labels: np.ndarray) -> float:
    hidden = np.maximum(0.0, images @ weights[0] + weights[1])
    sums = hidden @ weights[2] + weights[3]
    sums -= sums.max(1, keepdims=True)
    return float((np.log(np.exp(sums).sum(1)) - sums[np.arange(len(labels)), labels]).mean())


def charts(result: Result) -> tuple[Chart, ...]:
    """The surface with the path, the loss step by step, the network along its line."""
    around = np.vstack([result.path, result.lowest])
    low, high = around.min(0), around.max(0)
    room = np.maximum(high - low, 20.0) * 0.25
    ws, bs = (np.linspace(low[i] - room[i], high[i] + room[i], 60) for i in range(2))
    x, y = result.x, result.y
    # mean((w x + b − y)²), multiplied out, so that the grid needs no rows
    height = (
        ws[None, :] ** 2 * (x**2).mean()
        + bs[:, None] ** 2
        + (y**2).mean()
        + 2 * ws[None, :] * bs[:, None] * x.mean()
        - 2 * ws[None, :] * (x * y).mean()
        - 2 * bs[:, None] * y.mean()
    )
    loss = Words(en="loss", zh="损失")
    steps = Axis(Words(en="step", zh="步"))
    return (
        Chart(
            "surface",
            title=Words(en="The path over the loss surface", zh="损失曲面上的路径"),
            x=Axis(Words(en="weight w", zh="权重 w")),
            y=Axis(Words(en="bias b", zh="偏置 b")),
            series=(
                Series(Words(en="path", zh="路径"), result.path[:, 0], result.path[:, 1]),
                Series(Words(en="lowest point", zh="最低点"), result.lowest[:1], result.lowest[1:], kind="points"),
            ),
            surface=Surface(loss, ws, bs, height, unit="points²"),
        ),
        Chart(
            "descent",
            title=Words(en="Loss of all training rows, step by step", zh="全部训练样本的损失，逐步变化"),
            x=steps,
            y=Axis(loss, unit="points²"),
            series=(
                Series(loss, range(len(result.losses)), result.losses),
                Series(
                    Words(en="lowest possible", zh="可能的最低值"),
                    [0, len(result.losses) - 1],
                    [result.lowest_loss, result.lowest_loss],
                ),
            ),
        ),
        Chart(
            "line",
            title=Words(en="A real network's loss along one straight line", zh="真实网络的损失，沿一条直线"),
            x=Axis(
                Words(
                    en="place on the line: 0 first weights, 1 last weights",
                    zh="直线上的位置：0 为最初权重，1 为最终权重",
                )
            ),
            y=Axis(loss, unit="nat"),
            series=(Series(loss, LINE, result.network_loss),),
        ),
    )


def _answer(result: Result) -> str:
    if result.n_uphill == 0:
        return "A"
    return "B" if result.loss_end < result.loss_start else "C"


LESSON = Lesson(
    number=6,
    title=Words(en="Training", zh="训练神经网络"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("rate", Words(en="learning rate", zh="学习率"), 0.03, low=0.0, high=10.0),
        Knob("batch_size", Words(en="rows of one step", zh="一步用多少条样本"), 16, low=1, high=309),
        Knob("epochs", Words(en="epochs of training", zh="训练轮次"), 8, low=1, high=100),
        Knob(
            "order",
            Words(en="order of the rows in the arithmetic by hand", zh="手算时样本的顺序"),
            "same",
            choices=("same", "another"),
        ),
        Knob("targets", Words(en="whose targets", zh="用谁的目标值"), "true", choices=("true", "shuffled")),
        Knob(
            "direction",
            Words(en="the line through the network's surface", zh="穿过网络曲面的直线"),
            "training",
            choices=("training", "random"),
        ),
    ),
    claims=(
        Claim(
            "loss-falls",
            words=Words(en="Training lowers the loss.", zh="训练使损失下降。"),
            quantity=Words(en="loss after / before", zh="之后的损失 / 之前的损失"),
            value=lambda r: r.loss_end / r.loss_start,
            below=0.5,
            null={"rate": 0.0},
        ),
        Claim(
            "weights-arrive",
            words=Words(
                en="The weights move next to the lowest point of the surface.", zh="权重移动到曲面最低点的旁边。"
            ),
            quantity=Words(en="distance to it after / before", zh="之后的距离 / 之前的距离"),
            value=lambda r: r.distance_end / r.distance_start,
            below=0.15,
            null={"rate": 0.0},
        ),
        Claim(
            "same-path",
            words=Words(en="Steps by hand end where the engine ends.", zh="手算的每一步，终点与引擎相同。"),
            quantity=Words(en="difference / length of the way", zh="差 / 路程"),
            value=lambda r: r.engine_distance,
            below=1e-5,
            null={"order": "another"},
        ),
        Claim(
            "learned-something",
            words=Words(en="What was learned holds for patients never seen.", zh="学到的东西对没见过的病人也成立。"),
            quantity=Words(en="share of the variance explained, unseen rows", zh="未见样本上解释的方差比例"),
            value=lambda r: r.unseen_explained,
            above=0.1,
            null={"targets": "shuffled"},
        ),
        Claim(
            "direction-matters",
            words=Words(
                en="Along the way that training went, the network's loss falls by more than half.",
                zh="沿着训练走过的方向，网络的损失下降一半以上。",
            ),
            quantity=Words(en="lowest loss on the line / loss at the start", zh="直线上的最低损失 / 起点的损失"),
            value=lambda r: r.network_ratio,
            below=0.5,
            null={"direction": "random"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.start[0] - r.rate * r.slope_w), tolerance=0.01),
        Exercise(answer=lambda r: float(r.errors[0] ** 2), tolerance=0.02),
        Exercise(answer=lambda r: r.slope_at_lowest, spec=".3f"),
    ),
    lessons=(3, 7, 8, 9, 34),
    sources=("robbins-monro-1951", "bottou-2018", "goodfellow-2015", "goodfellow-2016"),
    quick={"epochs": 6},
)
