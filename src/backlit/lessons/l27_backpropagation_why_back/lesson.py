r"""Lesson 27, backpropagation, part five: why "back": one gradient on several roads, and what each of them costs.

Lesson 23's trained network is differentiated forwards, one walk for each weight, and backwards, one walk for all. Both
must find what `backlit.explain` finds. Then networks of growing depth are differentiated, every multiplication counted.

Source:
    street-1993 (data), linnainmaa-1976 and rumelhart-1986 (the way back), baur-strassen-1983 (its price),
    baydin-2018 sections 3.1 and 3.2 (both directions).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.l27_backpropagation_why_back.counted import (
    Gradient,
    Net,
    Tally,
    backwards,
    drawn,
    flat,
    forward_from,
    forwards,
    unremembered,
    unremembered_count,
)
from backlit.lessons.parts import epochs_knob
from backlit.lessons.traced import N_OUTPUTS, ROW, Followed, follow_unseen, trained
from backlit.views.chart import Axis, Chart, Series

AFFORDABLE = 200_000  # multiplications without remembering that are carried out; more are only counted
REPEATS = 5  # of a walk that is timed; the fastest counts
OTHER_WEIGHTS, OTHER_PASS_MS = 1_000_000, 2.0  # of an exercise


@dataclass(frozen=True)
class Counts:
    """Multiplications for the gradient of one network.

    Attributes:
        layers: Its L.
        n_numbers: Weights and biases.
        forward_pass: Of the forward pass, which all roads need.
        back: Of the walk back.
        forth: Of a walk for each weight.
        paths: Of the way back with nothing kept.
        back_ms: Time of the walk back in NumPy, in milliseconds.
        forth_ms: Time of a walk for each weight.
    """

    layers: int
    n_numbers: int
    forward_pass: int
    back: int
    forth: int
    paths: int
    back_ms: float
    forth_ms: float


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        net: The trained network's pass, by explain.
        same: Largest difference between the gradients of all roads and networks, as a share of the largest entry.
        tangents: What w^{(1)}_{11} moves, per unit, on its way forward: the sums of layers 1, 2 and 3.
        forward_slope: ∂C/∂w^{(1)}_{11} at the end of that way.
        counts: Of each depth.
        doubled: Of the depth of the knob and of its double.
        units: Nodes of each hidden layer.
        wanted: Whether all derivatives are wanted, or one.
        one_walk: Multiplications of a single walk forward, from w^{(1)}_{11}.
        keep: Whether the way back keeps what it has found.
        by_weights: Multiplications with weights of the network of the knob: forward pass, way back.
        explained: The same by `explain.cost`, for the trained network; and as counted here.
        explained_here: As counted here, for the trained network.
        n_kept: Numbers that the way back of the network of the knob needs from the forward pass.
        n_sums: Its sums.
    """

    net: Followed
    same: float
    tangents: tuple[np.ndarray, ...]
    forward_slope: float
    counts: tuple[Counts, ...]
    doubled: tuple[Counts, Counts]
    units: int
    wanted: str
    one_walk: int
    keep: str
    by_weights: tuple[int, int]
    explained: tuple[int, int]
    explained_here: tuple[int, int]
    n_kept: int
    n_sums: int
    other_weights: int = field(default=OTHER_WEIGHTS)
    other_pass_ms: float = field(default=OTHER_PASS_MS)

    @property
    def own(self) -> Counts:
        """Of the network of the knobs."""
        return self.doubled[0]

    @property
    def deep(self) -> Counts:
        """Of one twice as deep."""
        return self.doubled[1]

    @property
    def _back(self) -> tuple[int, int]:
        costs = [one.back if self.keep == "yes" else one.paths for one in self.doubled]
        return costs[0], costs[1]

    @property
    def back(self) -> int:
        """Multiplications of the way back, as the knob has it."""
        return self._back[0]

    @property
    def passes(self) -> float:
        """The way back, in forward passes."""
        return self.back / self.own.forward_pass

    @property
    def growth(self) -> float:
        """How many times as dear the way back becomes when the network becomes twice as deep."""
        return self._back[1] / self._back[0]

    @property
    def forth_growth(self) -> float:
        """The same of a walk for each weight."""
        return self.deep.forth / self.own.forth

    @property
    def forth(self) -> int:
        """Multiplications forwards, for what is wanted."""
        return self.own.forth if self.wanted == "all" else self.one_walk

    @property
    def ratio(self) -> float:
        """How many times as dear it is to go forwards."""
        return self.forth / self.back

    @property
    def clock(self) -> float:
        """How many times as long a walk for each weight takes, by the clock."""
        return self.own.forth_ms / self.own.back_ms

    @property
    def meetings(self) -> tuple[float, float, float]:
        """The way forward and the way back, multiplied and added up where they meet: in layers 1, 2 and 3."""
        first, second, third = (float(t @ dz) for t, dz in zip(self.tangents, self.net.dz[1:], strict=True))
        return first, second, third


def measure(*, seed: int, row: int, epochs: int, layers: int, units: int, wanted: str, keep: str, carry: str) -> Result:
    """Differentiates in both directions and counts.

    Args:
        seed: Of all weights.
        row: Which unseen tumour, counted from the one with the largest loss.
        epochs: Passes over the training rows, for the network that is trained.
        layers: Layers with weights of the network that is counted.
        units: Nodes of each of its hidden layers.
        wanted: Whether `all` derivatives are wanted, or `one`.
        keep: Whether the way back keeps what it has found (`yes`), or computes it anew (`no`).
        carry: Whether a node adds up what `all` sums tell it, or listens to the `first` alone.

    Returns:
        The result.
    """
    from backlit import explain

    model, data = trained(seed=seed, epochs=epochs)
    net = follow_unseen(model, data, row=row)
    small = Net(net.w, net.b, net.a[0], net.y)
    by_explain = flat((list(net.dw), list(net.db)))
    depths = sorted({2, 3, 4, 6, 8, layers, 2 * layers})
    nets = {n: drawn(seed, layers=n, units=units, x=net.a[0], n_outputs=N_OUTPUTS) for n in depths}
    gaps = [_gap(flat(road), by_explain) for road in (backwards(small, Tally(), carry=carry), forwards(small, Tally()))]
    counts = {}
    for n, one in nets.items():
        counts[n], gap = _counted(one, carry=carry)
        gaps.append(gap)
    own = nets[layers]
    one_walk = Tally()
    forward_from(own, one_walk, layer=1, j=0, start=float(own.a[0][0]))
    back = Tally()
    backwards(own, back)
    small_back = Tally()
    backwards(small, small_back)
    cost = explain.cost(model, net.a[0], net.y)
    tangents = _tangents(net)
    return Result(
        net=net,
        same=max(gaps),
        tangents=tangents,
        forward_slope=forward_from(small, Tally(), layer=1, j=0, start=float(small.a[0][0])),
        counts=tuple(counts.values()),
        doubled=(counts[layers], counts[2 * layers]),
        units=units,
        wanted=wanted,
        one_walk=one_walk.total,
        keep=keep,
        by_weights=(own.tally.by_weights, back.by_weights),
        explained=(cost.forward, cost.backward),
        explained_here=(small.tally.by_weights, small_back.by_weights),
        n_kept=sum(own.widths),
        n_sums=sum(own.widths[1:]),
    )


def _counted(net: Net, *, carry: str) -> tuple[Counts, float]:
    """Multiplications and time of all roads through one network, and how far apart they end."""
    back, forth, paths = Tally(), Tally(), Tally()
    by_back = flat(backwards(net, back, carry=carry))
    gap = _gap(by_back, flat(forwards(net, forth)))
    n_paths = unremembered_count(net.widths)
    if n_paths <= AFFORDABLE:
        gap = max(gap, _gap(by_back, flat(unremembered(net, paths))))
        n_paths = paths.total
    return (
        Counts(
            net.n_layers,
            net.n_numbers,
            net.tally.total,
            back.total,
            forth.total,
            n_paths,
            _ms(lambda: backwards(net, Tally())),
            _ms(lambda: forwards(net, Tally()), repeats=1),
        ),
        gap,
    )


def _gap(found: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(found - other).max() / np.abs(other).max())


def _ms(walk: Callable[[], Gradient], *, repeats: int = REPEATS) -> float:
    """The fastest of some runs, in milliseconds."""
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        walk()
        spent.append(time.perf_counter() - start)
    return 1e3 * min(spent)


def _tangents(net: Followed) -> tuple[np.ndarray, ...]:
    """How far w^{(1)}_{11} moves the sums of each layer, per unit: the way forward, without the loss."""
    at_z = np.zeros(net.widths[1])
    at_z[0] = net.a[0][0]
    found = [at_z]
    for layer in range(2, net.n_layers + 1):
        found.append((found[-1] * (1 - net.a[layer - 1] ** 2)) @ net.w[layer])
    return tuple(found)


def charts(result: Result) -> tuple[Chart, ...]:
    """What the roads cost in one network, by depth, and by the clock."""
    own = result.own
    roads = (
        (Words(en="forward pass", zh="前向传播"), own.forward_pass),
        (Words(en="one walk back", zh="往回走一趟"), own.back),
        (Words(en="forward, a walk for each weight", zh="往前走，每个权重一趟"), own.forth),
        (Words(en="back, nothing kept", zh="往回走，什么也不留"), own.paths),
    )
    depths = [one.layers for one in result.counts]
    lines = (
        (Words(en="forward pass", zh="前向传播"), [one.forward_pass for one in result.counts]),
        (Words(en="one walk back", zh="往回走一趟"), [one.back for one in result.counts]),
        (Words(en="a walk for each weight", zh="每个权重一趟"), [one.forth for one in result.counts]),
        (Words(en="nothing kept", zh="什么也不留"), [one.paths for one in result.counts]),
    )
    clocks = (
        (Words(en="one walk back", zh="往回走一趟"), [one.back_ms for one in result.counts]),
        (Words(en="a walk for each weight", zh="每个权重一趟"), [one.forth_ms for one in result.counts]),
    )
    layer = Axis(Words(en="layers with weights", zh="带权重的层数"))
    return (
        Chart(
            "roads",
            title=Words(en="One gradient, and what it costs", zh="同一个梯度，各要多少代价"),
            x=Axis(Words(en="road", zh="走法"), labels=tuple(words for words, _ in roads)),
            y=Axis(Words(en="multiplications", zh="乘法次数")),
            series=(Series(Words(en="multiplications", zh="乘法次数"), range(4), [n for _, n in roads], kind="bars"),),
        ),
        Chart(
            "depth",
            title=Words(en="Cost against depth", zh="代价随深度的变化"),
            x=layer,
            y=Axis(Words(en="multiplications", zh="乘法次数"), is_log=True),
            series=tuple(Series(words, depths, counts) for words, counts in lines),
        ),
        Chart(
            "clock",
            title=Words(en="The same by the clock, in NumPy on this machine", zh="用钟表来量：这台机器上的 NumPy"),
            x=layer,
            y=Axis(Words(en="time", zh="时间"), unit="ms", is_log=True),
            series=tuple(Series(words, depths, times) for words, times in clocks),
        ),
    )


def _answer(result: Result) -> str:
    return "C" if result.passes < 3 else "B" if result.passes < 3 * result.own.layers else "A"


LESSON = Lesson(
    number=27,
    title=Words(en="Backpropagation, part five: why “back”", zh="反向传播（五）：为何“反向”"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        ROW,
        epochs_knob(20, high=300),
        Knob("layers", Words(en="layers of the network that is counted", zh="计数的网络有几层"), 4, low=2, high=8),
        Knob("units", Words(en="nodes of each of its hidden layers", zh="它的每个隐藏层有几个节点"), 4, low=2, high=12),
        Knob(
            "wanted",
            Words(en="all derivatives are wanted, or one", zh="要全部导数，还是只要一个"),
            "all",
            choices=("all", "one"),
        ),
        Knob(
            "keep",
            Words(en="the way back keeps what it has found", zh="往回走时，求出的斜率留不留"),
            "yes",
            choices=("yes", "no"),
        ),
        Knob(
            "carry",
            Words(en="a node hears all sums, or the first alone", zh="节点听全部加权和的，还是只听第一个的"),
            "all",
            choices=("all", "first"),
        ),
    ),
    claims=(
        Claim(
            "same",
            words=Words(en="Forwards and backwards, the gradient is the same.", zh="往前走还是往回走，梯度都一样。"),
            quantity=Words(en="largest difference, as a share of the largest", zh="最大的差占最大导数的份额"),
            value=lambda r: r.same,
            below=1e-9,
            null={"carry": "first"},
        ),
        Claim(
            "cheap",
            words=Words(
                en="The walk back costs no more than a few forward passes.",
                zh="往回走一趟，代价不过相当于几次前向传播。",
            ),
            quantity=Words(en="multiplications, in forward passes", zh="乘法次数，以前向传播为单位"),
            value=lambda r: r.passes,
            below=2.5,
            null={"keep": "no"},
        ),
        Claim(
            "dear",
            words=Words(
                en="A walk forward for each weight costs many times as much.",
                zh="每个权重往前走一趟，代价是它的许多倍。",
            ),
            quantity=Words(en="multiplications forwards / backwards", zh="往前的乘法次数 / 往回的乘法次数"),
            value=lambda r: r.ratio,
            above=3.0,
            null={"wanted": "one"},
        ),
        Claim(
            "depth",
            words=Words(
                en="Twice the layers cost the walk back little more than twice as much.",
                zh="层数加倍，往回走一趟的代价只比加倍略多。",
            ),
            quantity=Words(en="cost at twice the depth / cost", zh="深度加倍后的代价 / 原来的代价"),
            value=lambda r: r.growth,
            below=3.0,
            null={"keep": "no"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: (OTHER_WEIGHTS + 1) * OTHER_PASS_MS / 60_000, tolerance=0.02),  # noqa: ARG005
        Exercise(answer=lambda r: r.by_weights[1] + 2 * r.units**2, tolerance=0.0),
        Exercise(answer=lambda r: r.n_sums, tolerance=0.0),
    ),
    lessons=(23, 25, 26, 28),
    sources=("street-1993", "linnainmaa-1976", "baur-strassen-1983", "rumelhart-1986", "baydin-2018"),
    quick={"epochs": 5, "layers": 3},
)
