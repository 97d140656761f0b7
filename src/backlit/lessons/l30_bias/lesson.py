"""Lesson 30, bias: borders away from the origin, thresholds away from zero, and a sense of how large an input is.

Three pairs of networks, each with biases and without: one neuron on two measurements of tumours, eight hidden neurons
that predict the area of a cell nucleus from its radius, and a network that reads digits and is then shown them dimmed.
What follows from the missing bias is arithmetic, so each effect is computed by hand, too.

Source:
    mcculloch-pitts-1943 (the threshold), rosenblatt-1958, nair-hinton-2010 (ReLU with biases), street-1993 and
    alpaydin-kaynak-1998 (data), geman-1992 (the other bias).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import Weights, forward, weight_spread
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob, spread_line
from backlit.views.chart import Axis, Chart, Numbers, Series

PLANE = ("mean radius", "mean perimeter")
CURVE = ("mean radius", "mean area")
NAMES = (Words(en="with biases", zh="有偏置"), Words(en="without biases", zh="没有偏置"))
N_HIDDEN = 8
N_UNITS = 32
N_SEEDS = 3
N_ROWS = 400  # images that are dimmed
BRIGHTNESSES = (1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02)
ALIVE = 1e-3  # a neuron with a smaller weight never does anything


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        features: The two measurements of the plane.
        classes: Names of the two classes.
        points: Unseen rows, (row, 2), in standard deviations.
        labels: Their classes.
        line_accuracy: Share of the unseen rows right, with and without bias.
        lines: Two weights and the bias of each neuron, (with and without, 3).
        x: Radii of the unseen rows, standardised, rising.
        y: Their areas, standardised.
        fits: What the first seed's networks make of the radii, (with and without, row).
        errors: Mean squared error on the unseen rows, (with and without, seed).
        w: Weights from the radius to the hidden neurons, with biases, (seed, neuron).
        b: Their biases, (seed, neuron).
        scanned: Where the first neuron of the page begins to fire, found by trying many radii.
        digit_accuracies: Share of the unseen digits right, (with and without, seed).
        brightnesses: To which the digits are dimmed, falling.
        changed: Share of the digits whose answer is no longer that of full brightness, (with and without, seed, dim).
        changed_at: The same at the brightness of the knob, (with and without, seed).
        n_digit_biases: Biases of the network that reads digits.
        n_digit_parameters: Its learnable parameters, biases among them.
    """

    features: tuple[str, str]
    classes: tuple[str, ...]
    points: np.ndarray
    labels: np.ndarray
    line_accuracy: np.ndarray
    lines: np.ndarray
    x: np.ndarray
    y: np.ndarray
    fits: np.ndarray
    errors: np.ndarray
    w: np.ndarray
    b: np.ndarray
    scanned: float
    digit_accuracies: np.ndarray
    brightnesses: np.ndarray
    changed: np.ndarray
    changed_at: np.ndarray
    n_digit_biases: int
    n_digit_parameters: int
    n_hidden: int = field(default=N_HIDDEN)
    n_units: int = field(default=N_UNITS)
    n_seeds: int = field(default=N_SEEDS)

    @property
    def lead(self) -> float:
        """Accuracy with bias minus accuracy without."""
        return float(self.line_accuracy[0] - self.line_accuracy[1])

    @property
    def line(self) -> np.ndarray:
        """Two weights and the bias of the neuron with a bias."""
        return self.lines[0]

    @property
    def bare_line(self) -> np.ndarray:
        """Two weights and a zero of the neuron without a bias."""
        return self.lines[1]

    @property
    def asked(self) -> float:
        """First coordinate at which an exercise asks for the border: the mean of the unseen rows, to one decimal."""
        return round(float(self.points[:, 0].mean()), 1)

    @property
    def heights(self) -> list[float]:
        """Second coordinate of each border where the first one is one more than asked, with and without bias."""
        return [self.height(line, self.asked + 1.0) for line in self.lines]

    @property
    def next_to_asked(self) -> float:
        """The first coordinate that belongs to these heights."""
        return self.asked + 1.0

    def height(self, line: np.ndarray, place: float) -> float:
        """Second coordinate of a border."""
        return float(-(line[0] * place + line[2]) / line[1])

    @property
    def error(self) -> np.ndarray:
        """Mean squared error on the unseen radii, mean over seeds, with and without."""
        return self.errors.mean(1)

    @property
    def error_ratio(self) -> float:
        """How many times larger the error is without biases."""
        return float(self.error[1] / self.error[0])

    @property
    def thresholds(self) -> np.ndarray:
        """Radius at which each living hidden neuron of the first seed begins or ceases to fire."""
        is_alive = np.abs(self.w[0]) > ALIVE
        return -self.b[0][is_alive] / self.w[0][is_alive]

    @property
    def spread(self) -> float:
        """Standard deviation of the thresholds, mean over seeds."""
        return float(np.mean([np.std(-b[np.abs(w) > ALIVE] / w[np.abs(w) > ALIVE]) for w, b in self._networks]))

    @property
    def _networks(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return list(zip(self.w, self.b, strict=True))

    @property
    def shown(self) -> np.ndarray:
        """Numbers, from 0, of the two neurons of the page."""
        return page_neurons(self.w[0], self.b[0])

    @property
    def numbers(self) -> np.ndarray:
        """The same, from 1."""
        return self.shown + 1

    @property
    def w_shown(self) -> np.ndarray:
        """Their weights."""
        return self.w[0][self.shown]

    @property
    def b_shown(self) -> np.ndarray:
        """Their biases."""
        return self.b[0][self.shown]

    @property
    def threshold_shown(self) -> np.ndarray:
        """Their thresholds."""
        return -self.b_shown / self.w_shown

    @property
    def digit_accuracy(self) -> np.ndarray:
        """Share of the unseen digits right, mean over seeds, with and without."""
        return self.digit_accuracies.mean(1)

    @property
    def changed_mean(self) -> np.ndarray:
        """Share of the dimmed digits that are answered differently, mean over seeds, with and without."""
        return self.changed_at.mean(1)

    @property
    def bias_frac(self) -> float:
        """Share of the learnable parameters of the network for digits that are biases."""
        return self.n_digit_biases / self.n_digit_parameters


def measure(*, seed: int, inputs: str, bias: str, brightness: float, epochs: int) -> Result:
    """Trains three pairs of networks.

    Args:
        seed: Of the first weights.
        inputs: Whether the measurements of the plane stay as `measured`, or are `centred` at their means.
        bias: Whether the networks that may have biases have them `learned`, or `none` after all.
        brightness: To which share of their brightness the digits are dimmed.
        epochs: Passes over the training rows.

    Returns:
        The result.
    """
    import keras

    import backlit as bl

    dense = keras.layers.Dense
    kinds = (bias == "learned", False)
    tumours = bl.load("breast-cancer")

    def line(use_bias: bool) -> Any:
        return keras.Sequential([keras.Input((2,)), dense(1, activation="sigmoid", use_bias=use_bias)])

    def curve(use_bias: bool) -> Any:
        hidden = dense(N_HIDDEN, activation="relu", use_bias=use_bias)
        return keras.Sequential([keras.Input((1,)), hidden, dense(1, use_bias=use_bias)])

    def reader(use_bias: bool) -> Any:
        return keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                keras.layers.Flatten(),
                dense(N_UNITS, activation="relu", use_bias=use_bias),
                dense(10, activation="softmax", use_bias=use_bias),
            ]
        )

    plane = _plane_data(tumours, inputs)
    lines = _by_arithmetic(line, plane, kinds, seed, epochs=2 * epochs, rate=0.1, loss="binary_crossentropy")
    points, labels = np.asarray(plane.test[0], np.float64), np.asarray(plane.test[1])

    radii = _curve_data(tumours)
    curves = _by_engine(curve, radii, kinds, seed, epochs=2 * epochs, rate=0.02)
    x, y = np.asarray(radii.test[0], np.float64), np.asarray(radii.test[1], np.float64).reshape(-1, 1)
    order = x[:, 0].argsort()
    x, y = x[order], y[order]
    fits = np.array([[outputs(weights, x)[:, 0] for weights in of_kind] for of_kind in curves])

    digits = bl.load("digits")
    readers = _by_engine(reader, digits, kinds, seed, epochs=max(1, epochs // 3), rate=0.01)
    images, digit_labels = np.asarray(digits.test[0], np.float64)[:N_ROWS], np.asarray(digits.test[1])[:N_ROWS]
    images = images.reshape(len(images), -1)
    first_w, first_b = (curves[0][0][i].ravel() for i in (0, 1))
    page = int(page_neurons(first_w, first_b)[0])
    return Result(
        features=PLANE,
        classes=tuple(tumours.class_names),
        points=points,
        labels=labels,
        line_accuracy=np.array([((points @ w[:, 0] + b > 0) == (labels == 1)).mean() for w, b in lines]),
        lines=np.array([np.append(w[:, 0], b) for w, b in lines]),
        x=x[:, 0],
        y=y[:, 0],
        fits=fits[:, 0],
        errors=((fits - y[:, 0]) ** 2).mean(-1),
        w=np.array([weights[0][0] for weights in curves[0]]),
        b=np.array([weights[1] for weights in curves[0]]),
        scanned=scanned_threshold(lambda place: max(0.0, place * float(first_w[page]) + float(first_b[page]))),
        digit_accuracies=np.array(
            [[(outputs(w, images).argmax(1) == digit_labels).mean() for w in of_kind] for of_kind in readers]
        ),
        brightnesses=np.array(BRIGHTNESSES),
        changed=np.array(
            [[[changed_frac(w, images, dim) for dim in BRIGHTNESSES] for w in of_kind] for of_kind in readers]
        ),
        changed_at=np.array([[changed_frac(w, images, brightness) for w in of_kind] for of_kind in readers]),
        n_digit_biases=N_UNITS + 10,
        n_digit_parameters=(64 + 1) * N_UNITS + (N_UNITS + 1) * 10,
    )


def _plane_data(tumours: Any, inputs: str) -> Any:
    """Two measurements in standard deviations, from zero or from their means."""
    raw = raw_columns(PLANE)
    train = raw[tumours.splits.train]
    moved = raw - (train.mean(0) if inputs == "centred" else 0.0)
    return _table(tumours, moved / train.std(0), tumours.targets, "classification")


def _curve_data(tumours: Any) -> Any:
    raw = raw_columns(CURVE)
    train = raw[tumours.splits.train]
    both = (raw - train.mean(0)) / train.std(0)
    return _table(tumours, both[:, :1], both[:, 1], "regression")


def _table(tumours: Any, inputs: np.ndarray, targets: np.ndarray, task: str) -> Any:
    is_amount = task == "regression"
    return replace(
        tumours,
        inputs=np.ascontiguousarray(inputs, dtype=np.float32),
        targets=targets.astype(np.float32) if is_amount else targets,
        task=task,
        class_names=() if is_amount else tumours.class_names,
        feature_names=(),
        preparation=None,
        recipe=None,
        table=None,
    )


def raw_columns(names: tuple[str, ...]) -> np.ndarray:
    """Measurements of the tumours as they were taken, in the data's own units.

    Args:
        names: Which columns.

    Returns:
        (row, column), in the order of the catalogue's rows.
    """
    from backlit.data.bundled import load_breast_cancer

    data = load_breast_cancer()
    return np.asarray(data.inputs, np.float64)[:, [data.feature_names.index(name) for name in names]]


def _by_arithmetic(
    network: Callable[..., Any],
    data: Any,
    kinds: tuple[bool, ...],
    seed: int,
    *,
    epochs: int,
    rate: float,
    loss: str,
) -> list[Weights]:
    """Weights for each kind after training in plain NumPy, with zeros where a bias is missing."""
    import backlit as bl

    found = []
    for use_bias in kinds:
        model = network(use_bias)
        model.set_weights(_first(np.random.default_rng(seed), model))
        fitted = bl.reference.fit(model, data, epochs=epochs, optimizer="adam", learning_rate=rate, loss=loss)
        found.append(_with_zeros(list(fitted.weights), use_bias))
    return found


def _first(rng: np.random.Generator, model: Any) -> Weights:
    """Xavier's weights, and biases of zero."""
    shapes = [part.shape for part in model.get_weights()]
    spreads = [weight_spread("xavier", n_in=shape[0], n_out=shape[-1]) if len(shape) > 1 else 0.0 for shape in shapes]
    return [rng.normal(0.0, 1.0, shape) * spread for shape, spread in zip(shapes, spreads, strict=True)]


def _by_engine(
    network: Callable[..., Any], data: Any, kinds: tuple[bool, ...], seed: int, *, epochs: int, rate: float
) -> list[list[Weights]]:
    """Weights for each kind and seed after training by the engine; one program for each kind."""
    import backlit as bl

    found: dict[bool, list[Weights]] = {}
    for use_bias in dict.fromkeys(kinds):
        model, found[use_bias] = network(use_bias), []
        for which in range(N_SEEDS):
            rng = np.random.default_rng([seed, which])
            model.set_weights(_first(rng, model))
            run = bl.fit(model, data, epochs=epochs, optimizer="adam", learning_rate=rate, save=False, verbose=False)
            found[use_bias].append(_with_zeros([np.asarray(part, np.float64) for part in run.weights(0)], use_bias))
    return [found[use_bias] for use_bias in kinds]


def _with_zeros(weights: Weights, use_bias: bool) -> Weights:
    """Kernel, bias, kernel, bias, …: a missing bias is a bias of zero."""
    return weights if use_bias else [part for kernel in weights for part in (kernel, np.zeros(kernel.shape[1]))]


def outputs(weights: Weights, rows: np.ndarray) -> np.ndarray:
    """Weighted sums of the outputs of a network with ReLU, by hand.

    Args:
        weights: Kernel, bias, kernel, bias, …
        rows: Inputs, (row, feature).

    Returns:
        (row, output).

    Example:
        >>> one, two = np.ones((1, 1)), np.array([2.0])
        >>> outputs([one, -two, one, two], np.array([[1.0], [3.0]])).ravel().tolist()    # max(0, x − 2) + 2
        [2.0, 3.0]
    """
    return forward(weights, rows, activation="relu")[0][-1]


def page_neurons(w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Two neurons whose thresholds are easy to compute with: the nearest to one, on either side of zero.

    Args:
        w: Weight of each neuron with one input.
        b: Its bias.

    Returns:
        Their places, rising.

    Example:
        >>> page_neurons(np.array([1.0, 1.0, 2.0]), np.array([0.0, 1.2, -1.8])).tolist()    # 0, −1.2 and 0.9
        [1, 2]
    """
    thresholds = -b / np.where(np.abs(w) > ALIVE, w, np.inf)
    return np.sort(np.abs(np.abs(thresholds) - 1.0).argsort()[:2])


def changed_frac(weights: Weights, images: np.ndarray, brightness: float) -> float:
    """Share of images that a network answers differently once they are dimmed.

    Args:
        weights: Of a network with ReLU.
        images: (image, pixel).
        brightness: Every pixel is multiplied by this.

    Returns:
        0 to 1.

    Example:
        >>> image, kernel = np.array([[1.0]]), np.array([[1.0, 3.0]])
        >>> changed_frac([kernel, np.array([0.0, 0.0])], image, 0.1)    # 0.1 against 0.3: the same order
        0.0
        >>> changed_frac([kernel, np.array([1.0, 0.0])], image, 0.1)    # 1.1 against 0.3, where it was 2 against 3
        1.0
    """
    full, dimmed = (outputs(weights, images * share).argmax(1) for share in (1.0, brightness))
    return float((full != dimmed).mean())


def scanned_threshold(neuron: Callable[[float], float]) -> float:
    """Where a neuron begins or ceases to fire, found without its weights, by trying places one after the other.

    Args:
        neuron: Place to output.

    Returns:
        The place between the last zero and the first output, or the other way round; NaN if there is none.

    Example:
        >>> round(scanned_threshold(lambda x: max(0.0, 2 * x - 3)), 2)
        1.5
    """
    places = np.linspace(-20.0, 20.0, 40001)
    fires = np.array([neuron(place) > 0 for place in places])
    switches = np.flatnonzero(fires[1:] != fires[:-1])
    return float(places[switches[0]] + places[switches[0] + 1]) / 2 if len(switches) else float("nan")


def charts(result: Result) -> tuple[Chart, ...]:
    """Both borders, the neuron's threshold, both curves, dimmed digits."""
    radius = Axis(Words(en="mean radius", zh="平均半径"), unit="σ")
    brightness = Axis(Words(en="brightness", zh="亮度"), is_log=True)
    return (
        _borders(result),
        Chart(
            "threshold",
            title=Words(en="max(0, x + b): the bias moves the threshold", zh="max(0, x + b)：偏置移动阈值"),
            x=Axis(Words(en="input", zh="输入")),
            y=Axis(Words(en="output", zh="输出")),
            series=tuple(Series(Words(en=f"b = {b:g}", zh=f"b = {b:g}"), *_hinge(b)) for b in (-1.0, 0.0, 1.0)),
        ),
        Chart(
            "curves",
            title=Words(en="Area from radius, by eight neurons", zh="用八个神经元由半径求面积"),
            x=radius,
            y=Axis(Words(en="mean area", zh="平均面积"), unit="σ"),
            series=(
                Series(Words(en="unseen tumours", zh="未见的肿瘤"), result.x, result.y, kind="points"),
                *(Series(NAMES[i], result.x, result.fits[i]) for i in range(2)),
            ),
        ),
        Chart(
            "dimmed",
            title=Words(en="Digits that are answered differently once dimmed", zh="变暗之后回答改变的数字图像"),
            x=brightness,
            y=Axis(Words(en="share of the images", zh="图像所占比例")),
            series=tuple(spread_line(NAMES[i], result.brightnesses, result.changed[i]) for i in range(2)),
        ),
    )


def _hinge(bias: float) -> tuple[Numbers, Numbers]:
    places = np.linspace(-3.0, 3.0, 61)
    return places, np.maximum(0.0, places + bias)


def _borders(result: Result) -> Chart:
    low, high = result.points[:, 1].min() - 0.3, result.points[:, 1].max() + 0.3
    low = min(low, 0.0)
    first = min(0.0, float(result.points[:, 0].min())), float(result.points[:, 0].max())
    places = np.linspace(*first, 200)
    lines = []
    for i, line in enumerate(result.lines):
        heights = -(line[0] * places + line[2]) / line[1]
        lines.append(Series(NAMES[i], places, np.where((heights >= low) & (heights <= high), heights, np.nan)))
    shown = result.points[:80], result.labels[:80]
    return Chart(
        "borders",
        title=Words(en="Where the answer changes", zh="回答在哪里改变"),
        x=Axis(Words(en=result.features[0], zh=result.features[0]), unit="σ"),
        y=Axis(Words(en=result.features[1], zh=result.features[1]), unit="σ"),
        series=(
            *(
                Series(Words(en=name, zh=name), *shown[0][shown[1] == k].T, kind="points")
                for k, name in enumerate(result.classes)
            ),
            *lines,
        ),
    )


def _answer(result: Result) -> str:
    if result.lead < 0.03:
        return "A"
    return "B" if result.lead < 0.1 else "C"


LESSON = Lesson(
    number=30,
    title=Words(en="Bias", zh="偏置"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        Knob(
            "inputs",
            Words(en="measurements of the plane", zh="平面上的测量值"),
            "measured",
            choices=("measured", "centred"),
        ),
        Knob(
            "bias",
            Words(en="biases of the networks that may have some", zh="允许有偏置的网络，偏置是否学习"),
            "learned",
            choices=("learned", "none"),
        ),
        Knob("brightness", Words(en="brightness of the digits", zh="数字图像的亮度"), 0.1, low=0.001, high=10.0),
        epochs_knob(30, high=200),
    ),
    claims=(
        Claim(
            "origin",
            words=Words(
                en="Without a bias the border must pass the origin, and tumours are told apart worse.",
                zh="没有偏置，分界线必须经过原点，肿瘤就分得差。",
            ),
            quantity=Words(en="accuracy, with bias − without", zh="准确率，有偏置 − 没有偏置"),
            value=lambda r: r.lead,
            above=0.1,
            null={"inputs": "centred"},
        ),
        Claim(
            "thresholds-move",
            words=Words(
                en="Biases spread the thresholds of the neurons over the data.",
                zh="偏置把各个神经元的阈值分散开来。",
            ),
            quantity=Words(en="standard deviation of the thresholds, in σ", zh="阈值的标准差，以 σ 计"),
            value=lambda r: r.spread,
            above=0.2,
            null={"bias": "none"},
        ),
        Claim(
            "curve-fits",
            words=Words(
                en="Without biases the curve has one kink at zero, and fits worse.",
                zh="没有偏置，曲线只能在零点折一次，拟合得差。",
            ),
            quantity=Words(en="squared error, without / with", zh="平方误差，没有偏置 / 有偏置"),
            value=lambda r: r.error_ratio,
            above=1.5,
            null={"bias": "none"},
        ),
        Claim(
            "size-seen",
            words=Words(
                en="Only with biases does a network notice how bright an image is.",
                zh="只有有偏置的网络，才察觉得到图像有多亮。",
            ),
            quantity=Words(
                en="share of dimmed digits answered differently, with − without", zh="变暗后回答改变的比例，有 − 没有"
            ),
            value=lambda r: float(r.changed_mean[0] - r.changed_mean[1]),
            above=0.05,
            null={"bias": "none"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.threshold_shown[1]), tolerance=0.03),
        Exercise(answer=lambda r: r.height(r.line, r.asked), tolerance=0.03),
        Exercise(answer=lambda r: r.n_digit_biases, tolerance=0.0, spec=".0f"),
    ),
    lessons=(3, 5, 29, 31, 36),
    sources=(
        "mcculloch-pitts-1943",
        "rosenblatt-1958",
        "nair-hinton-2010",
        "geman-1992",
        "street-1993",
        "alpaydin-kaynak-1998",
    ),
    quick={"epochs": 20},
)
