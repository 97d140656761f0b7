"""Lesson 5, activation functions: values, slopes, proofs of non-linearity with numbers, and a network with and without.

The same network of two hidden layers learns circles with each of five functions, and with none: with ReLU and with none
several times by the engine, with the others once in plain NumPy (`backlit.reference`), where ReLU is trained again. The
one without is then multiplied out: three layers become one. Slopes are found three ways: by formula, by nudging in
float64, and by Keras with automatic differentiation.

Source:
    cybenko-1989 and leshno-1993 (why a bend is needed, and enough), lecun-1998 (tanh against sigmoid),
    nair-hinton-2010 (ReLU), hendrycks-gimpel-2016 (GELU), elfwing-2018 (SiLU).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.special import softmax

from backlit.language import Words
from backlit.lessons.deep import draw_weights
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob, rate_knob
from backlit.views.chart import Axis, Chart, Series, Surface

BENDS = ("sigmoid", "tanh", "relu", "gelu", "silu")
FUNCTIONS = ("linear", *BENDS)
COMPARED = ("linear", "relu")
NAMES = tuple(
    Words(en=en, zh=zh)
    for en, zh in (
        ("none", "无"),
        ("sigmoid", "sigmoid"),
        ("tanh", "tanh"),
        ("ReLU", "ReLU"),
        ("GELU", "GELU"),
        ("SiLU", "SiLU"),
    )
)
UNITS = 8
N_SEEDS = 3
N_POINTS = 600
BATCH_SIZE = 32
RATE = 0.02
REACH = 6.0  # of the numbers whose slope is found
NUDGE = 1e-5
ASKED_LAYERS = 6  # of an exercise
Weights = list[np.ndarray]


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        sums: Numbers at which functions and slopes are computed, rising.
        values: Each function there, (function, sum).
        slopes: Its derivative by the formula, (function, sum).
        nudged: The same by nudging each number up and down, (function, sum).
        automatic: The same by automatic differentiation of Keras's own functions, in float32, (function, sum).
        gaps: How far each bend is from f(ax) = a f(x) and f(x + y) = f(x) + f(y), the largest of all trials, (bend,).
        failures: Equations that fail for each bend when `explain.linearity` tries them, (bend,).
        n_tried: Equations that it tries.
        is_affine: Whether it finds the collapsed network to be linear, its value at zero apart.
        accuracies: Share of the unseen rows right after training, (function, seed); NaN where a function has fewer
            networks.
        by_arithmetic: The same of the first network with ReLU, trained in plain NumPy.
        met: Mean slope that the sums of the first hidden layer meet after training, (function,).
        grids: Probability of the second class over the plane, for each function the first seed's network, (y, x).
        across: Places of the grid along the first input.
        along: Places of the grid along the second one.
        rows: Unseen rows, (row, 2).
        labels: Their classes.
        class_names: Of the two classes.
        axes: Names of the two inputs.
        kernel: The three kernels of the collapsed network multiplied, (2, 2).
        bias: What its biases come to.
        collapse_error: Largest difference between that network and the one layer, relative to sums larger than 1.
        x: Inputs of the row that is followed.
        w: Weights into the neuron that is followed, in the network with ReLU.
        b: Its bias.
        neuron: Its number in the first hidden layer, from 1.
        stack: Activation of the network that is collapsed.
        n_train: Training rows.
        n_parameters: Learnable parameters of each network.
    """

    sums: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    nudged: np.ndarray
    automatic: np.ndarray
    gaps: np.ndarray
    failures: tuple[int, ...]
    n_tried: int
    is_affine: bool
    accuracies: np.ndarray
    by_arithmetic: float
    met: np.ndarray
    grids: np.ndarray
    across: np.ndarray
    along: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    axes: tuple[Words, Words]
    kernel: np.ndarray
    bias: np.ndarray
    collapse_error: float
    x: np.ndarray
    w: np.ndarray
    b: float
    neuron: int
    stack: str
    n_train: int
    n_parameters: int
    n_units: int = field(default=UNITS)
    n_seeds: int = field(default=N_SEEDS)
    asked_layers: int = field(default=ASKED_LAYERS)

    @property
    def n_unseen(self) -> int:
        """Rows that judge."""
        return len(self.rows)

    @property
    def accuracy(self) -> np.ndarray:
        """Share of the unseen rows that are right, mean over its networks, for each function."""
        return np.nanmean(self.accuracies, axis=1)

    @property
    def by_engine(self) -> float:
        """The same of that network, trained by the compiled engine."""
        return float(self.accuracies[FUNCTIONS.index("relu"), 0])

    @property
    def lead(self) -> float:
        """Accuracy with ReLU minus accuracy with none."""
        return float(self.accuracy[FUNCTIONS.index("relu")] - self.accuracy[0])

    @property
    def z(self) -> float:
        """Weighted sum of the neuron that is followed."""
        return float(self.x @ self.w + self.b)

    @property
    def at_z(self) -> np.ndarray:
        """Each function at that sum."""
        return self._each(self.z)

    @property
    def twice(self) -> np.ndarray:
        """Each function at twice that sum."""
        return self._each(2 * self.z)

    @property
    def turned(self) -> np.ndarray:
        """Each function at that sum with the opposite sign."""
        return self._each(-self.z)

    @property
    def at_z_twice(self) -> np.ndarray:
        """Twice each function at that sum."""
        return 2 * self.at_z

    @property
    def at_z_turned(self) -> np.ndarray:
        """The negative of each function at that sum."""
        return 0.0 - self.at_z  # a zero without a sign

    @property
    def slope_at_z(self) -> np.ndarray:
        """Each slope at that sum."""
        return np.array([_curve(name).slope(np.array([self.z]))[0] for name in FUNCTIONS])

    @property
    def steepest(self) -> np.ndarray:
        """The largest slope of each function."""
        places = np.linspace(-REACH, REACH, 2401)  # with zero among them, where sigmoid and tanh are steepest
        return np.array([_curve(name).slope(places).max() for name in FUNCTIONS])

    @property
    def slope_error(self) -> float:
        """Largest difference between slope by formula and by nudging."""
        return float(np.abs(self.slopes - self.nudged).max())

    @property
    def automatic_error(self) -> float:
        """Largest difference between slope by formula and by automatic differentiation."""
        return float(np.abs(self.slopes - self.automatic).max())

    @property
    def n_collapsed(self) -> int:
        """Numbers of the one layer."""
        return self.kernel.size + self.bias.size

    def _each(self, number: float) -> np.ndarray:
        return np.array([_curve(name).function(np.array([number]))[0] for name in FUNCTIONS])


def _curve(name: str) -> Any:
    from backlit.explain.ops.activations import CURVES

    return CURVES[name]


def measure(*, seed: int, data: str, numbers: str, stack: str, kink: str, epochs: int, rate: float) -> Result:
    """Computes functions and slopes, then trains a network with each function.

    Args:
        seed: Of the points, of the first weights and of the numbers of the proof.
        data: `circles`, or `breast-cancer`, which a straight line parts.
        numbers: Whether the proof of non-linearity may use numbers of `both` signs or `positive` ones alone.
        stack: Activation of the network that is collapsed into one layer.
        kink: Whether slopes are found `beside` zero or `at` zero, too.
        epochs: Passes over the training rows.
        rate: Learning rate.

    Returns:
        The result.
    """
    import keras

    import backlit as bl
    from backlit.explain import linearity
    from backlit.measure import boundary_grid

    chosen, axes = _data(data, seed)
    settings: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "optimizer": "adam",
        "learning_rate": rate,
        "loss": "sparse_categorical_crossentropy",
    }

    def network(activation: str, which: int) -> Any:
        layers = [keras.layers.Dense(UNITS, activation=activation) for _ in range(2)]
        model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(2, activation="softmax")])
        rng = np.random.default_rng([seed, which])
        model.set_weights(draw_weights(rng, depth=2, init="xavier", units=UNITS, n_inputs=2, n_classes=2))
        return model

    trained = [_trained(name, network, chosen, settings) for name in FUNCTIONS]
    again = bl.reference.fit(network("relu", 0), chosen, **settings)
    firsts = [of_function[0] for of_function in trained]
    rows, labels = np.asarray(chosen.validation[0], np.float64), np.asarray(chosen.validation[1])
    grids = [
        boundary_grid(lambda places, i=i: softmax(output_sums(firsts[i], places, FUNCTIONS[i]), axis=1)[:, 1], rows)
        for i in range(len(FUNCTIONS))
    ]
    collapsed = firsts[FUNCTIONS.index(stack)]
    kernel, bias = multiplied_out(collapsed)
    with_bends = output_sums(collapsed, rows, stack)
    tried = [linearity(name) for name in BENDS]
    relu = firsts[FUNCTIONS.index("relu")]
    hidden = rows[0] @ relu[0] + relu[1]
    neuron = int(np.abs(np.abs(hidden) - 1.0).argmin())  # a sum near 1 makes a table that is easy to read

    places = np.linspace(-REACH, REACH, 240 if kink == "beside" else 241)  # 241 places have zero among them
    return Result(
        sums=places,
        values=np.array([_curve(name).function(places) for name in FUNCTIONS]),
        slopes=np.array([_curve(name).slope(places) for name in FUNCTIONS]),
        nudged=np.array([nudged_slope(_curve(name).function, places) for name in FUNCTIONS]),
        automatic=np.array([_automatic_slope(name, places) for name in FUNCTIONS]),
        gaps=np.array([linearity_gap(_curve(name).function, seed=seed, numbers=numbers) for name in BENDS]),
        failures=tuple(len(one.counterexamples) for one in tried),
        n_tried=tried[0].n_tried,
        is_affine=linearity(lambda row: output_sums(collapsed, row, stack), size=2).is_affine,
        accuracies=np.array([_accuracies(*each, rows, labels) for each in zip(FUNCTIONS, trained, strict=True)]),
        by_arithmetic=_accuracies("relu", [list(again.weights)], rows, labels)[0],
        met=np.array(
            [_curve(name).slope(rows @ w[0] + w[1]).mean() for name, w in zip(FUNCTIONS, firsts, strict=True)]
        ),
        grids=np.array([grid.values[:, :, 0] for grid in grids]),
        across=grids[0].x,
        along=grids[0].y,
        rows=rows,
        labels=labels,
        class_names=tuple(chosen.class_names),
        axes=axes,
        kernel=kernel,
        bias=bias,
        collapse_error=float((np.abs(with_bends - (rows @ kernel + bias)) / np.maximum(1.0, np.abs(with_bends))).max()),
        x=rows[0],
        w=relu[0][:, neuron],
        b=float(relu[1][neuron]),
        neuron=neuron + 1,
        stack=stack,
        n_train=len(chosen.splits.train),
        n_parameters=sum(part.size for part in collapsed),
    )


def _trained(name: str, network: Callable[[str, int], Any], data: Any, settings: dict[str, Any]) -> list[Weights]:
    """Weights after training: several networks by the engine for the two that are compared, one in NumPy for others."""
    import backlit as bl

    if name not in COMPARED:
        return [list(bl.reference.fit(network(name, 0), data, **settings).weights)]
    runs = [bl.fit(network(name, i), data, save=False, verbose=False, **settings) for i in range(N_SEEDS)]
    return [[np.asarray(part, np.float64) for part in run.weights(0)] for run in runs]


def _accuracies(name: str, trained: list[Weights], rows: np.ndarray, labels: np.ndarray) -> list[float]:
    found = [float((output_sums(weights, rows, name).argmax(1) == labels).mean()) for weights in trained]
    return found + [float("nan")] * (N_SEEDS - len(found))


def _data(name: str, seed: int) -> tuple[Any, tuple[Words, Words]]:
    """Two inputs and two classes, and what the inputs are called."""
    import backlit as bl

    if name == "circles":
        data = bl.load("circles", n=N_POINTS, seed=seed, validation_split=0.3, test_split=0.0)
        names = Words(en="first coordinate", zh="第一个坐标"), Words(en="second coordinate", zh="第二个坐标")
        return data, names
    data = bl.load("breast-cancer")
    data = replace(
        data,
        inputs=np.ascontiguousarray(data.inputs[:, :2]),
        feature_names=tuple(data.feature_names[:2]),
        preparation=None,
        recipe=None,
    )
    first, second = (Words(en=one, zh=one) for one in data.feature_names)
    return data, (first, second)


def output_sums(weights: Weights, rows: np.ndarray, activation: str) -> np.ndarray:
    """Weighted sums of the outputs of a dense network, by multiplication and addition.

    Args:
        weights: Kernel, bias, kernel, bias, …
        rows: Inputs, (row, feature).
        activation: Of the hidden layers; a key of the explained functions.

    Returns:
        (row, output), before softmax.

    Example:
        >>> one = np.ones((1, 1))
        >>> output_sums([one, np.zeros(1), -one, np.zeros(1)], np.array([[2.0], [-2.0]]), "relu").ravel().tolist()
        [-2.0, 0.0]
    """
    out = np.asarray(rows, np.float64)
    n_layers = len(weights) // 2
    for i in range(n_layers):
        out = out @ weights[2 * i] + weights[2 * i + 1]
        if i < n_layers - 1:
            out = _curve(activation).function(out)
    return out


def multiplied_out(weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """The one layer that several layers come to where nothing bends between them.

    Args:
        weights: Kernel, bias, kernel, bias, …

    Returns:
        Its kernel (the product of all kernels) and its bias.

    Example:
        >>> two, one = np.array([[2.0]]), np.ones(1)
        >>> kernel, bias = multiplied_out([two, one, two, one])    # 2 (2 x + 1) + 1 = 4 x + 3
        >>> kernel.tolist(), bias.tolist()
        ([[4.0]], [3.0])
    """
    kernel, bias = weights[0], weights[1]
    for w, b in zip(weights[2::2], weights[3::2], strict=True):
        kernel, bias = kernel @ w, bias @ w + b
    return kernel, bias


def nudged_slope(function: Callable[[np.ndarray], np.ndarray], places: np.ndarray) -> np.ndarray:
    """Slope by moving each number a little up and a little down.

    Args:
        function: Numbers to numbers.
        places: Where.

    Returns:
        Central differences.

    Example:
        >>> nudged_slope(lambda x: x**2, np.array([3.0])).round(6).tolist()
        [6.0]
    """
    return (function(places + NUDGE) - function(places - NUDGE)) / (2 * NUDGE)


def linearity_gap(function: Callable[[np.ndarray], np.ndarray], *, seed: int, numbers: str) -> float:
    """The largest offence against f(a x) = a f(x) and f(x + y) = f(x) + f(y) in a hundred trials of each.

    Args:
        function: Numbers to numbers.
        seed: Of the trials.
        numbers: Whether `x`, `y` and `a` may have `both` signs, or are `positive`.

    Returns:
        0 for a function that is linear on these numbers.

    Example:
        >>> linearity_gap(lambda x: 3 * x, seed=0, numbers="both") < 1e-9
        True
    """
    rng = np.random.default_rng(seed)
    lowest = -3.0 if numbers == "both" else 0.0
    x, y, a = (rng.uniform(lowest, 3.0, 100) for _ in range(3))
    offences = function(a * x) - a * function(x), function(x + y) - (function(x) + function(y))
    return float(max(np.abs(one).max() for one in offences))


def _automatic_slope(name: str, places: np.ndarray) -> np.ndarray:
    import jax
    import keras

    function: Any = keras.activations.get(name)
    return np.asarray(jax.jit(jax.vmap(jax.grad(function)))(places.astype(np.float32)), np.float64)


def charts(result: Result) -> tuple[Chart, ...]:
    """The plane without and with ReLU, the functions, their slopes, the accuracies."""
    weighted = Axis(Words(en="weighted sum", zh="加权和"))
    return (
        Chart(
            "values",
            title=Words(en="What five functions make of a weighted sum", zh="五个函数怎样对待同一个加权和"),
            x=weighted,
            y=Axis(Words(en="output", zh="输出")),
            series=tuple(Series(NAMES[i], *_near(result, result.values[i])) for i in range(1, len(FUNCTIONS))),
        ),
        Chart(
            "slopes",
            title=Words(en="Their slopes", zh="它们的斜率"),
            x=weighted,
            y=Axis(Words(en="slope", zh="斜率")),
            series=tuple(Series(NAMES[i], *_near(result, result.slopes[i])) for i in range(1, len(FUNCTIONS))),
        ),
        _plane(result, 0, "plane-none", Words(en="The plane without activation functions", zh="没有激活函数时的平面")),
        _plane(result, 3, "plane-relu", Words(en="The plane with ReLU", zh="有 ReLU 时的平面")),
        Chart(
            "accuracy",
            title=Words(en="Unseen rows, by activation function", zh="未见样本上的准确率，按激活函数"),
            x=Axis(Words(en="activation function", zh="激活函数"), labels=NAMES),
            y=Axis(Words(en="accuracy", zh="准确率")),
            series=(
                Series(
                    Words(en="mean of the seeds", zh="各随机种子的均值"),
                    range(len(FUNCTIONS)),
                    result.accuracy,
                    kind="bars",
                    lo=np.nanmin(result.accuracies, axis=1),
                    hi=np.nanmax(result.accuracies, axis=1),
                ),
            ),
        ),
    )


def _near(result: Result, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle of a curve, where something happens."""
    inside = np.abs(result.sums) <= 4.0
    return result.sums[inside], heights[inside]


def _plane(result: Result, function: int, name: str, title: Words) -> Chart:
    return Chart(
        name,
        title=title,
        x=Axis(result.axes[0]),
        y=Axis(result.axes[1]),
        series=tuple(
            Series(Words(en=each, zh=each), *result.rows[result.labels == k][:60].T, kind="points")
            for k, each in enumerate(result.class_names)
        ),
        surface=Surface(
            Words(en=f"P({result.class_names[1]})", zh=f"P({result.class_names[1]})"),
            result.across,
            result.along,
            result.grids[function],
        ),
    )


def _answer(result: Result) -> str:
    if result.lead < 0.03:
        return "A"
    return "C" if result.accuracy[0] < 0.68 else "B"


LESSON = Lesson(
    number=5,
    title=Words(en="Activation functions", zh="激活函数"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob("data", Words(en="data", zh="数据"), "circles", choices=("circles", "breast-cancer")),
        Knob(
            "numbers",
            Words(en="numbers that the proof may use", zh="证明可以用哪些数"),
            "both",
            choices=("both", "positive"),
        ),
        Knob(
            "stack",
            Words(en="activation of the network that is multiplied out", zh="被乘开的网络用什么激活函数"),
            "linear",
            choices=FUNCTIONS,
        ),
        Knob(
            "kink",
            Words(en="slopes beside zero, or at zero, too", zh="只在零的两旁求斜率，还是在零点也求"),
            "beside",
            choices=("beside", "at"),
        ),
        epochs_knob(40, high=200),
        rate_knob(RATE, high=1.0),
    ),
    claims=(
        Claim(
            "bend-needed",
            words=Words(
                en="With ReLU, circles are parted; without a bend, the same network does not part them.",
                zh="有 ReLU，两个圆分得开；没有折弯，同样的网络分不开。",
            ),
            quantity=Words(en="accuracy, ReLU − none", zh="准确率，ReLU − 无"),
            value=lambda r: r.lead,
            above=0.25,
            null={"data": "breast-cancer"},
        ),
        Claim(
            "one-layer",
            words=Words(
                en="Without a bend, three layers are one layer.",
                zh="没有折弯，三层就是一层。",
            ),
            quantity=Words(en="largest relative difference, all rows", zh="所有样本中最大的相对差"),
            value=lambda r: r.collapse_error,
            below=1e-9,
            null={"stack": "relu"},
        ),
        Claim(
            "none-linear",
            words=Words(en="None of the five functions is linear.", zh="五个函数没有一个是线性的。"),
            quantity=Words(
                en="largest offence against linearity, of the most linear one",
                zh="对线性的最大偏离，取最像线性的函数",
            ),
            value=lambda r: float(r.gaps.min()),
            above=0.5,
            null={"numbers": "positive"},
        ),
        Claim(
            "slopes-equal",
            words=Words(en="The slope by formula is the slope by nudging.", zh="公式给出的斜率，就是微调量出的斜率。"),
            quantity=Words(en="largest difference, six functions", zh="六个函数中最大的差"),
            value=lambda r: r.slope_error,
            below=1e-6,
            null={"kink": "at"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.twice[5])),
        Exercise(answer=lambda r: float(r.slope_at_z[2])),
        Exercise(answer=lambda r: 0.25**r.asked_layers, tolerance=0.03, spec=".3g"),
    ),
    lessons=(3, 4, 8, 28, 29),
    findings=(),
    sources=(
        "cybenko-1989",
        "leshno-1993",
        "lecun-1998",
        "nair-hinton-2010",
        "hendrycks-gimpel-2016",
        "elfwing-2018",
    ),
    quick={"epochs": 25},
)
