r"""Lesson 26, backpropagation, part four: ∂C/∂w for one weight and one tumour, then for all weights and a batch.

The four lines of backpropagation are carried out in NumPy. The gradient that they give is compared with nudging, with
JAX's automatic differentiation of the Keras model, and over many sizes of the nudge with both kinds of differences.

Source:
    street-1993 (data), rumelhart-1986 (equations 4 to 9), baydin-2018 section 2.1 (how far differences can be trusted).
"""

from dataclasses import dataclass, field

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob
from backlit.lessons.traced import ROW, Followed, follow, follow_unseen, name_of, trained
from backlit.views.chart import Axis, Chart, Series

SIZES = 10.0 ** -np.arange(1, 14)  # of the nudge
SHOWN = (("w", 3, (0, 0)), ("w", 2, (0, 0)), ("w", 1, (0, 0)), ("b", 1, (0,)))
CHOSEN = SHOWN[1]  # whose derivative is followed from tumour to tumour


@dataclass(frozen=True)
class Roads:
    """One number of the batch's gradient, on three roads.

    Attributes:
        by_formula: By the four lines.
        by_autodiff: By JAX, of the Keras model.
        by_nudging: By a central difference.
    """

    by_formula: float
    by_autodiff: float
    by_nudging: float


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        net: One tumour's pass, forward and back.
        nudge: How far a number is moved to each side.
        one_by_formula: Its gradient by the four lines, in the order of `net.numbers()`.
        one_by_nudging: The same by nudging.
        each: Gradients of all tumours of the batch, (tumour, number).
        by_formula: Gradient of the batch by the four lines.
        by_autodiff: The same by JAX.
        by_nudging: The same by nudging.
        central: Largest error of central differences for each size of the nudge, as a share of the largest derivative.
        one_sided: The same of one-sided differences.
    """

    net: Followed
    nudge: float
    one_by_formula: np.ndarray
    one_by_nudging: np.ndarray
    each: np.ndarray
    by_formula: np.ndarray
    by_autodiff: np.ndarray
    by_nudging: np.ndarray
    central: np.ndarray
    one_sided: np.ndarray
    shown_names: tuple[str, ...] = field(default=tuple(name_of(number) for number in SHOWN))

    @property
    def n_numbers(self) -> int:
        """How many weights and biases."""
        return self.net.n_numbers

    @property
    def n_tumours(self) -> int:
        """How many tumours the batch has."""
        return len(self.each)

    @property
    def slope(self) -> np.ndarray:
        """Slope of tanh at the sums of layer 2."""
        return 1 - self.net.a[2] ** 2

    @property
    def shown(self) -> tuple[Roads, ...]:
        """Some numbers of the batch's gradient, on three roads."""
        places = [list(self.net.numbers()).index(number) for number in SHOWN]
        roads = (self.by_formula, self.by_autodiff, self.by_nudging)
        return tuple(Roads(*(float(road[place]) for road in roads)) for place in places)

    @property
    def followed(self) -> np.ndarray:
        """Derivative by the chosen weight, tumour by tumour."""
        return self.each[:, list(self.net.numbers()).index(CHOSEN)]

    @property
    def followed_mean(self) -> float:
        """Their mean."""
        return float(self.followed.mean())

    @property
    def followed_low(self) -> float:
        """The smallest of them."""
        return float(self.followed.min())

    @property
    def followed_high(self) -> float:
        """The largest of them."""
        return float(self.followed.max())

    @property
    def one_error(self) -> float:
        """Between formulas and nudging for one tumour, as a share of its largest derivative."""
        return _share(self.one_by_formula, self.one_by_nudging)

    @property
    def autodiff_error(self) -> float:
        """Between formulas and JAX for the batch, as a share of the largest derivative."""
        return _share(self.by_formula, self.by_autodiff)

    @property
    def nudging_error(self) -> float:
        """Between nudging and JAX for the batch, as a share of the largest derivative."""
        return _share(self.by_nudging, self.by_autodiff)

    @property
    def length(self) -> float:
        """Length of the batch's gradient."""
        return float(np.linalg.norm(self.by_formula))

    @property
    def typical_length(self) -> float:
        """Mean length of its tumours' gradients."""
        return float(np.linalg.norm(self.each, axis=1).mean())

    @property
    def shortening(self) -> float:
        """The one as a share of the other."""
        return self.length / self.typical_length

    @property
    def best_central(self) -> float:
        """Smallest error of central differences."""
        return float(self.central.min())

    @property
    def best_size(self) -> float:
        """The nudge that has it."""
        return float(SIZES[self.central.argmin()])

    @property
    def best_one_sided(self) -> float:
        """Smallest error of one-sided differences."""
        return float(self.one_sided.min())


def measure(*, seed: int, row: int, epochs: int, tumours: int, nudge: float, slope: str, average: str) -> Result:
    """Computes the gradient on four roads.

    Args:
        seed: Of the first weights and of the batch.
        row: Which unseen tumour, counted from the one with the largest loss.
        epochs: Passes over the training rows.
        tumours: Rows of the batch.
        nudge: How far a number is moved to each side.
        slope: Whether the formulas are carried out `with` the slope of the activation functions or `without`.
        average: Whether the batch's gradient is the `mean` or the `sum` of its tumours'.

    Returns:
        The result.
    """
    from backlit.explain.agreement import autodiff

    model, data = trained(seed=seed, epochs=epochs)
    net = follow_unseen(model, data, row=row)
    batch = np.random.default_rng(seed).permutation(data.splits.train)[:tumours]
    rows, targets = data.inputs[batch], data.targets[batch]
    whole = follow(model, rows, targets)
    each = by_formulas(whole, has_slope=slope == "with")
    graph, trace = whole.explanation.graph, whole.explanation.trace
    by_autodiff = whole.ordered(autodiff(model, graph, trace, targets=targets)[1])
    central, one_sided = _errors(whole, by_autodiff)
    return Result(
        net=net,
        nudge=nudge,
        one_by_formula=by_formulas(net, has_slope=slope == "with")[0],
        one_by_nudging=np.array([net.nudged(number, nudge) for number in net.numbers()]),
        each=each,
        by_formula=each.mean(0) if average == "mean" else each.sum(0),
        by_autodiff=by_autodiff,
        by_nudging=np.array([whole.nudged(number, nudge) for number in whole.numbers()]),
        central=central,
        one_sided=one_sided,
    )


def by_formulas(net: Followed, *, has_slope: bool = True) -> np.ndarray:
    """The four lines of backpropagation, for each sample by itself.

    Args:
        net: A pass of one sample or of several; its way back is not used.
        has_slope: False leaves g' out, as one must not.

    Returns:
        (sample, number), in the order of `net.numbers()`.
    """
    y, a = np.atleast_2d(net.y), [np.atleast_2d(part) for part in net.a]
    parts: list[np.ndarray] = []
    at_a = 2 / y.shape[1] * (a[-1] - y)  # ∂C/∂a of the outputs
    for layer in range(net.n_layers, 0, -1):
        bend = a[layer] * (1 - a[layer]) if layer == net.n_layers else 1 - a[layer] ** 2
        at_z = at_a * bend if has_slope else at_a
        at_w = a[layer - 1][:, :, None] * at_z[:, None, :]
        parts = [at_w.reshape(len(y), -1), at_z, *parts]
        at_a = at_z @ net.w[layer].T
    return np.concatenate(parts, axis=1)


def _errors(net: Followed, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest error of both kinds of differences, for each size of the nudge."""
    central, one_sided = [], []
    numbers = list(net.numbers())
    for size in SIZES:
        up = np.array([net.cost_after(number, size) for number in numbers])
        down = np.array([net.cost_after(number, -size) for number in numbers])
        central.append(_share((up - down) / (2 * size), truth))
        one_sided.append(_share((up - net.cost) / size, truth))
    return np.array(central), np.array(one_sided)


def _share(found: np.ndarray, truth: np.ndarray) -> float:
    """Largest difference, as a share of the largest entry."""
    return float(np.abs(found - truth).max() / np.abs(truth).max())


def charts(result: Result) -> tuple[Chart, ...]:
    """Three roads, errors of differences, one weight from tumour to tumour."""
    places = range(1, result.n_numbers + 1)
    tumours = np.arange(1, result.n_tumours + 1)
    return (
        Chart(
            "roads",
            title=Words(en="The gradient of the batch on three roads", zh="三条路得到的批次梯度"),
            x=Axis(Words(en="weight or bias, layer by layer", zh="权重或偏置，逐层排列")),
            y=Axis(Words(en="derivative of the loss", zh="损失的导数")),
            series=(
                Series(Words(en="by the formulas", zh="公式"), places, result.by_formula),
                Series(Words(en="by JAX", zh="JAX"), places, result.by_autodiff, kind="points"),
                Series(Words(en="by nudging", zh="逐个微调"), places, result.by_nudging, kind="points"),
            ),
        ),
        Chart(
            "tumours",
            title=Words(
                en=f"The derivative by {name_of(CHOSEN)}, tumour by tumour",
                zh=f"对 {name_of(CHOSEN)} 的导数，逐个肿瘤",
            ),
            x=Axis(Words(en="tumour of the batch", zh="批次里的肿瘤")),
            y=Axis(Words(en="derivative", zh="导数")),
            series=(
                Series(Words(en="of this tumour", zh="这个肿瘤的"), tumours, result.followed, kind="points"),
                Series(Words(en="mean so far", zh="到此为止的平均"), tumours, np.cumsum(result.followed) / tumours),
            ),
        ),
        Chart(
            "sizes",
            title=Words(en="How wrong differences are, by the size of the nudge", zh="差商的误差随微调幅度变化"),
            x=Axis(Words(en="size of the nudge", zh="微调的幅度"), is_log=True),
            y=Axis(Words(en="largest error, as a share", zh="最大误差（份额）"), is_log=True),
            series=(
                Series(Words(en="up and down", zh="上下各一次"), SIZES, result.central),
                Series(Words(en="up alone", zh="只往上一次"), SIZES, result.one_sided),
            ),
        ),
    )


def _answer(result: Result) -> str:
    return "B" if result.shortening < 0.7 else "A" if result.shortening < 1.4 else "C"


LESSON = Lesson(
    number=26,
    title=Words(en="Backpropagation, part four: the gradient", zh="反向传播（四）：计算梯度"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        ROW,
        epochs_knob(20, high=300),
        Knob("tumours", Words(en="tumours in the batch", zh="批次里有多少个肿瘤"), 32, low=1, high=399),
        Knob("nudge", Words(en="how far a number is nudged", zh="每个数微调多少"), 1e-5, low=1e-12, high=10.0),
        Knob(
            "slope",
            Words(en="the formulas with or without g'", zh="公式里带不带 g'"),
            "with",
            choices=("with", "without"),
        ),
        Knob(
            "average",
            Words(en="the batch's gradient is the mean, or the sum", zh="批次的梯度取平均，还是求和"),
            "mean",
            choices=("mean", "sum"),
        ),
    ),
    claims=(
        Claim(
            "one-tumour",
            words=Words(
                en="For one tumour, the four lines find what nudging finds.",
                zh="对一个肿瘤，四行公式得到的就是逐个微调得到的。",
            ),
            quantity=Words(en="largest difference, as a share of the largest", zh="最大的差占最大导数的份额"),
            value=lambda r: r.one_error,
            below=1e-5,
            null={"slope": "without"},
        ),
        Claim(
            "autodiff",
            words=Words(
                en="For a batch, their mean is what automatic differentiation finds.",
                zh="对一个批次，它们的平均就是自动微分得到的。",
            ),
            quantity=Words(en="largest difference, as a share of the largest", zh="最大的差占最大导数的份额"),
            value=lambda r: r.autodiff_error,
            below=1e-9,
            null={"average": "sum"},
        ),
        Claim(
            "differences",
            words=Words(en="Small nudges find the same, less exactly.", zh="小幅微调得到的也一样，只是不那么精确。"),
            quantity=Words(en="largest difference, as a share of the largest", zh="最大的差占最大导数的份额"),
            value=lambda r: r.nudging_error,
            below=1e-5,
            null={"nudge": 1.0},
        ),
        Claim(
            "shorter",
            words=Words(
                en="Tumours disagree: their mean is shorter than they are.",
                zh="肿瘤之间意见不一：它们的平均比它们自己短。",
            ),
            quantity=Words(en="length of the mean / mean length", zh="平均梯度的长度 / 各个梯度的平均长度"),
            value=lambda r: r.shortening,
            below=0.8,
            null={"tumours": 1},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.net.dz[3][1]), tolerance=0.02),
        Exercise(answer=lambda r: float(r.net.dw[2][0, 1]), tolerance=0.02),
        Exercise(answer=lambda r: r.followed_mean * r.n_tumours / (r.n_tumours + 1), tolerance=0.01),
    ),
    lessons=(7, 24, 25, 27, 34),
    sources=("street-1993", "rumelhart-1986", "baydin-2018"),
    quick={"epochs": 5, "tumours": 16},
)
