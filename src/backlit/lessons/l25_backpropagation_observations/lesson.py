r"""Lesson 25, backpropagation, part three: the loss is a composition, and each factor of the chain rule is a number.

For a weight of the last layer, C(a(z(w))) has three stages and the chain rule three factors. Each factor is found three
times: by its formula, by nudging its stage alone, and from `backlit.explain`'s local derivatives. For a weight of the
first layer the factors lie on several paths; their products are added up.

Source:
    street-1993 (data), rumelhart-1986 (equations 4 to 7), goodfellow-2016 section 6.5.2 (the chain rule).
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob
from backlit.lessons.traced import ROW, Followed, follow_unseen, trained
from backlit.views.chart import Axis, Chart, Series

REACH = 3.0  # how far the weight is moved for the curves
OTHER_LAYERS, OTHER_UNITS, OTHER_OUTPUTS = 4, 10, 2  # of an exercise: hidden layers, nodes of each, outputs


@dataclass(frozen=True)
class Path:
    """One way from a weight of the first layer to the loss.

    Attributes:
        p: Node of layer 2 that it goes through, counted from 0.
        q: Output that it ends at, counted from 0.
        factors: The derivatives along it, from the loss to the weight.
    """

    p: int
    q: int
    factors: tuple[float, ...]

    @property
    def product(self) -> float:
        """What this path adds to the gradient."""
        return float(np.prod(self.factors))


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        net: The tumour's pass, forward and back.
        k: Node of layer 2 where the weight begins, counted from 1.
        j: Output where it ends, counted from 1.
        by_formula: The three factors: ∂C/∂a, ∂a/∂z, ∂z/∂w.
        by_nudging: The same, each stage nudged alone.
        by_explain: The same from explain's local derivatives.
        slope: ∂C/∂w of the weight by nudging it.
        product_error: Largest difference between product and nudging over all weights of the last layer, as a share of
            the largest slope.
        composed: C by the stages, one after another.
        reach: How far the weight is moved for the curves.
        curves: z, a and C of the output there, (stage, place).
        paths: Every way from w^{(1)}_{11} to the loss.
        first_slope: ∂C/∂w^{(1)}_{11} by nudging.
        explain_sum: The same by `explain.path`, from local derivatives.
        explain_paths: How many paths it found.
        path_error: Largest difference between sums over paths and nudging over all weights of the first layer, as a
            share of the largest slope.
    """

    net: Followed
    k: int
    j: int
    by_formula: np.ndarray
    by_nudging: np.ndarray
    by_explain: np.ndarray
    slope: float
    product_error: float
    composed: float
    reach: np.ndarray
    curves: np.ndarray
    paths: tuple[Path, ...]
    first_slope: float
    explain_sum: float
    explain_paths: int
    path_error: float
    other_layers: int = field(default=OTHER_LAYERS)

    @property
    def product(self) -> float:
        """Of the three factors by formula."""
        return float(self.by_formula.prod())

    @property
    def a(self) -> float:
        """What the output says."""
        return float(self.net.a[3][self.j - 1])

    @property
    def z(self) -> float:
        """Its sum."""
        return float(self.net.z[3][self.j - 1])

    @property
    def y(self) -> float:
        """What it should say."""
        return float(self.net.y[self.j - 1])

    @property
    def weight(self) -> float:
        """The weight."""
        return float(self.net.w[3][self.k - 1, self.j - 1])

    @property
    def from_k(self) -> float:
        """What the node hands on where the weight begins."""
        return float(self.net.a[2][self.k - 1])

    @property
    def other_k(self) -> int:
        """Another node of layer 2, for an exercise, counted from 1."""
        return self.k % self.net.widths[2] + 1

    @property
    def from_other(self) -> float:
        """What it hands on."""
        return float(self.net.a[2][self.other_k - 1])

    @property
    def composition_error(self) -> float:
        """Between C by the stages and by explain, as a share of it."""
        return abs(self.composed - self.net.cost) / self.net.cost

    @property
    def factor_error(self) -> float:
        """Largest difference of a factor by formula and by nudging, as a share of it."""
        return float((np.abs(self.by_nudging - self.by_formula) / np.abs(self.by_formula)).max())

    @property
    def path_sum(self) -> float:
        """Sum of the products of all paths."""
        return sum(path.product for path in self.paths)

    @property
    def strongest(self) -> Path:
        """The path with the largest product in size."""
        return max(self.paths, key=lambda path: abs(path.product))

    @property
    def n_paths(self) -> int:
        """How many paths."""
        return len(self.paths)


def measure(
    *, seed: int, row: int, epochs: int, k: int, j: int, nudge: float, leave_out: str, order: str, paths: str
) -> Result:
    """Takes the loss apart, stage by stage.

    Args:
        seed: Of the first weights.
        row: Which unseen tumour, counted from the one with the largest loss.
        epochs: Passes over the training rows.
        k: Node of layer 2 where the weight begins, counted from 1.
        j: Output where it ends, counted from 1.
        nudge: How far a number is moved to each side.
        leave_out: Which factor the product forgets.
        order: Whether the sum comes before the activation (`sum-first`) or after it.
        paths: Whether `all` paths are added up, or the `largest` is taken for the whole.

    Returns:
        The result.
    """
    from backlit import explain

    model, data = trained(seed=seed, epochs=epochs)
    net = follow_unseen(model, data, row=row)
    weights = [("w", 3, place) for place in np.ndindex(net.w[3].shape)]
    slopes = np.array([net.nudged(number, nudge) for number in weights])
    products = np.array([_formulas(net, *place, leave_out=leave_out).prod() for _, _, place in weights])
    first = [("w", 1, place) for place in np.ndindex(net.w[1].shape)]
    first_slopes = np.array([net.nudged(number, nudge) for number in first])
    sums = [_added([path.product for path in _paths(net, *place)], paths=paths) for _, _, place in first]
    found = explain.path(model, net.a[0], net.y, weight=("layer_1", 0, 0))
    reach = np.linspace(-REACH, REACH, 61)
    return Result(
        net=net,
        k=k,
        j=j,
        by_formula=_formulas(net, k - 1, j - 1),
        by_nudging=_nudged_stages(net, k - 1, j - 1, nudge=nudge),
        by_explain=_local(net, k - 1, j - 1),
        slope=float(slopes[weights.index(("w", 3, (k - 1, j - 1)))]),
        product_error=float(np.abs(products - slopes).max() / np.abs(slopes).max()),
        composed=_composed(net, order=order),
        reach=reach,
        curves=_curves(net, k - 1, j - 1, reach),
        paths=_paths(net, 0, 0),
        first_slope=float(first_slopes[0]),
        explain_sum=found.total,
        explain_paths=found.n_paths,
        path_error=float(np.abs(np.array(sums) - first_slopes).max() / np.abs(first_slopes).max()),
    )


def _formulas(net: Followed, k: int, j: int, *, leave_out: str = "nothing") -> np.ndarray:
    """The three factors by their formulas; what is left out counts as 1."""
    a, y = net.a[3][j], net.y[j]
    factors = {"loss": 2 / len(net.y) * (a - y), "activation": a * (1 - a), "sum": net.a[2][k]}
    return np.array([1.0 if name == leave_out else factor for name, factor in factors.items()])


def _nudged_stages(net: Followed, k: int, j: int, *, nudge: float) -> np.ndarray:
    """The three factors, each by moving what goes into one stage and watching what comes out of that stage."""
    last = len(net.explanation.graph.nodes) - 1  # z, a and C are the last three values of a pass
    z, a = last - 2, last - 1

    def slope(number: tuple[str, int, tuple[int, ...]], seen: int) -> float:
        ends = [net.moved(number, by)[seen] for by in (nudge, -nudge)]
        up, down = (float(end if end.ndim == 0 else end[0, j]) for end in ends)
        return (up - down) / (2 * nudge)

    return np.array([slope(("a", 3, (j,)), last), slope(("z", 3, (j,)), a), slope(("w", 3, (k, j)), z)])


def _local(net: Followed, k: int, j: int) -> np.ndarray:
    """The three factors from explain: how each operation's output j answers to one number that goes in."""
    from backlit.explain.local import local_derivatives

    graph, trace = net.explanation.graph, net.explanation.trace
    last = len(graph.nodes) - 1
    found = []
    for node, by, place in ((last, 0, (0, j)), (last - 1, 0, (0, j)), (last - 2, "kernel", (k, j))):
        local = local_derivatives(
            graph.nodes[node].operation,
            trace.inputs_of(graph, node),
            trace.given_of(graph, node),
            by=by,
            place=place,
        )
        found.append(float(local.derivatives[0]) if len(local.derivatives) else 0.0)
    return np.array(found)


def _composed(net: Followed, *, order: str) -> float:
    """C as functions of functions: every layer a sum and a bend, then the squared error."""
    a = net.a[0]
    for layer in range(1, net.n_layers + 1):
        bend = _sigmoid if layer == net.n_layers else np.tanh
        w, b = net.w[layer], net.b[layer]
        a = bend(a @ w + b) if order == "sum-first" else bend(a) @ w + b
    return float(((a - net.y) ** 2).mean())


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def _curves(net: Followed, k: int, j: int, reach: np.ndarray) -> np.ndarray:
    """Z and a of the output, and C, while its weight moves."""
    found = []
    for by in reach:
        *_, z, a, cost = net.moved(("w", 3, (k, j)), float(by))
        found.append((float(z[0, j]), float(a[0, j]), float(cost)))
    return np.array(found).T


def _paths(net: Followed, k: int, j: int) -> tuple[Path, ...]:
    """Every way from w^{(1)}_{kj} to the loss: through a node of layer 2, and an output."""
    found = []
    for p, q in product(range(net.widths[2]), range(net.widths[3])):
        a1, a2, a3 = net.a[1][j], net.a[2][p], net.a[3][q]
        factors = (
            2 / len(net.y) * (a3 - net.y[q]),  # ∂C/∂a⁽³⁾
            a3 * (1 - a3),  # ∂a⁽³⁾/∂z⁽³⁾
            net.w[3][p, q],  # ∂z⁽³⁾/∂a⁽²⁾
            1 - a2**2,  # ∂a⁽²⁾/∂z⁽²⁾
            net.w[2][j, p],  # ∂z⁽²⁾/∂a⁽¹⁾
            1 - a1**2,  # ∂a⁽¹⁾/∂z⁽¹⁾
            net.a[0][k],  # ∂z⁽¹⁾/∂w⁽¹⁾
        )
        found.append(Path(p, q, tuple(float(factor) for factor in factors)))
    return tuple(found)


def _added(products: list[float], *, paths: str) -> float:
    return sum(products) if paths == "all" else max(products, key=abs)


def charts(result: Result) -> tuple[Chart, ...]:
    """Three stages over one weight, one stage alone, the products of the paths."""
    z = np.linspace(-6.0, 6.0, 61)
    near = np.linspace(result.z - 1.5, result.z + 1.5, 13)
    tangent = result.a + result.by_formula[1] * (near - result.z)
    stages = (
        Words(en="z, a straight line", zh="z，一条直线"),
        Words(en="a, bent", zh="a，被折弯"),
        Words(en="C, bent again", zh="C，再次折弯"),
    )
    ways = [
        Words(en=f"by node {path.p + 1}, output {path.q + 1}", zh=f"经节点 {path.p + 1}、输出 {path.q + 1}")
        for path in result.paths
    ]
    ways += [Words(en="sum of all", zh="全部之和"), Words(en="by nudging", zh="逐个微调")]
    sizes = [*(path.product for path in result.paths), result.path_sum, result.first_slope]
    return (
        Chart(
            "stages",
            title=Words(en="One weight moves, and what its three stages do", zh="移动一个权重，三个阶段各怎么变"),
            x=Axis(Words(en="how far the weight moves", zh="权重移动多远")),
            y=Axis(Words(en="number", zh="数值")),
            series=tuple(
                Series(words, result.reach, curve) for words, curve in zip(stages, result.curves, strict=True)
            ),
        ),
        Chart(
            "slope",
            title=Words(en="The middle factor: the slope of the sigmoid", zh="中间的因子：sigmoid 的斜率"),
            x=Axis(Words(en="sum z", zh="加权和 z")),
            y=Axis(Words(en="activation a", zh="激活值 a")),
            series=(
                Series(Words(en="sigmoid", zh="sigmoid"), z, _sigmoid(z)),
                Series(Words(en="slope at this tumour", zh="这个肿瘤处的斜率"), near, tangent),
                Series(Words(en="this tumour", zh="这个肿瘤"), [result.z], [result.a], kind="points"),
            ),
        ),
        Chart(
            "paths",
            title=Words(en="What each path adds to the first weight's slope", zh="每条路径给第一个权重的斜率贡献多少"),
            x=Axis(Words(en="path", zh="路径"), labels=tuple(ways)),
            y=Axis(Words(en="product of its factors", zh="因子之积")),
            series=(Series(Words(en="product", zh="乘积"), range(len(sizes)), sizes, kind="bars"),),
        ),
    )


def _answer(result: Result) -> str:
    """Which rule comes nearest to the slope that was measured."""
    factors = result.by_nudging
    rules = {"A": factors.sum(), "B": factors.prod(), "C": factors[0]}
    return min(rules, key=lambda letter: abs(rules[letter] - result.slope))


LESSON = Lesson(
    number=25,
    title=Words(en="Backpropagation, part three: observations", zh="反向传播（三）：数学观察"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        ROW,
        epochs_knob(20, high=300),
        Knob("k", Words(en="node where the weight begins", zh="权重从哪个节点出发"), 1, low=1, high=3),
        Knob("j", Words(en="output where it ends", zh="通向哪个输出"), 1, low=1, high=2),
        Knob("nudge", Words(en="how far a number is nudged", zh="每个数微调多少"), 1e-5, low=1e-9, high=10.0),
        Knob(
            "leave_out",
            Words(en="factor that the product forgets", zh="乘积漏掉哪个因子"),
            "nothing",
            choices=("nothing", "loss", "activation", "sum"),
        ),
        Knob(
            "order",
            Words(en="which stage of a layer comes first", zh="一层里哪个阶段在先"),
            "sum-first",
            choices=("sum-first", "activation-first"),
        ),
        Knob(
            "paths",
            Words(en="all paths, or the largest alone", zh="全部路径，还是只取最大的"),
            "all",
            choices=("all", "largest"),
        ),
    ),
    claims=(
        Claim(
            "composition",
            words=Words(en="The loss is the stages, one after another.", zh="损失就是各个阶段一个接一个地复合。"),
            quantity=Words(en="difference, as a share of the loss", zh="两者之差占损失的份额"),
            value=lambda r: r.composition_error,
            below=1e-9,
            null={"order": "activation-first"},
        ),
        Claim(
            "factors",
            words=Words(
                en="Each factor is what nudging its stage alone finds.",
                zh="每个因子都等于单独微调那个阶段所得到的。",
            ),
            quantity=Words(en="largest relative difference", zh="最大的相对差"),
            value=lambda r: r.factor_error,
            below=1e-4,
            null={"nudge": 3.0},
        ),
        Claim(
            "product",
            words=Words(
                en="The product of three factors is the slope of the loss.",
                zh="三个因子之积，就是损失的斜率。",
            ),
            quantity=Words(
                en="largest difference in the last layer, as a share of the largest slope",
                zh="最后一层中最大的差，占最大斜率的份额",
            ),
            value=lambda r: r.product_error,
            below=1e-4,
            null={"leave_out": "activation"},
        ),
        Claim(
            "paths",
            words=Words(
                en="For the first layer, the products of all paths add up to it.",
                zh="对第一层来说，把所有路径的乘积加起来才是它。",
            ),
            quantity=Words(
                en="largest difference in the first layer, as a share of the largest slope",
                zh="第一层中最大的差，占最大斜率的份额",
            ),
            value=lambda r: r.path_error,
            below=1e-4,
            null={"paths": "largest"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.by_formula[0] * r.by_formula[1] * r.from_other), tolerance=0.02),
        Exercise(answer=lambda r: float(r.by_formula[0] * 0.25 * r.by_formula[2]), tolerance=0.02),
        Exercise(answer=lambda r: OTHER_UNITS ** (OTHER_LAYERS - 1) * OTHER_OUTPUTS, tolerance=0.0),  # noqa: ARG005
    ),
    lessons=(5, 24, 26, 28),
    sources=("street-1993", "rumelhart-1986", "goodfellow-2016"),
    quick={"epochs": 5},
)
