"""Lesson 23, backpropagation, part one: nudge a number, watch the loss, and find who is to blame.

A small network is trained on real tumours, and one that it judges badly is sent through. Every weight and every bias
is nudged alone, up and down; what the loss does is its blame. Then what a node is to blame for is found twice: by
nudging the node itself, and by asking those to whom it speaks. That second way, from the end to the beginning, is
backpropagation, and `backlit.explain` carries it out in one pass.

Source:
    street-1993 (data), rumelhart-1986 (the way back), baydin-2018 section 2.1 (nudging, and what it costs).
"""

from dataclasses import dataclass, field

import numpy as np

from backlit.language import Words
from backlit.lessons.drawn_net import NODES, dots, layer_axis, nodes
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob
from backlit.lessons.traced import ROW, Followed, follow, follow_unseen, name_of, trained
from backlit.views.chart import Axis, Chart, Series

STEP_LENGTH = 0.2  # of all weights together
REACH = 3.0  # how far the curves go to each side
N_WISHES = 3  # of an exercise
OTHER_NUDGE = 0.02  # of an exercise
CHOSEN = ("w", 2, (0, 0))  # the number whose nudge is written out


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        features: Names of the two measurements.
        classes: Names of the two classes.
        net: The tumour's pass, forward and back.
        nudge: How far a number is moved to each side.
        by_nudging: Blame of every weight and bias, found by nudging it, in the order of `net.numbers()`.
        by_back: The same from one pass back.
        sum_blame: Blame of the sums of the two outputs, found by nudging them.
        node_by_nudging: Blame of every hidden node, found by nudging what it hands on.
        node_by_carrying: The same from the blame of the sums it speaks to, found by nudging these.
        cost_up: C after the chosen number was moved up.
        cost_down: C after it was moved down.
        reach: How far three numbers are moved, for the curves.
        curves: C there, (number, place); the numbers are those of the largest, a middle and the smallest blame.
        curve_numbers: Which numbers, as places in `net.numbers()`.
        cost_mended: C after all numbers moved a little, by the rule of the knob.
        wishes: Blame of the number with the largest blame, for each tumour of the batch.
        own_fall: Fall of the batch's loss if one tumour gets its way; mean over the tumours.
        mean_fall: Fall of the batch's loss if all are heard: a step as long, against the mean blame.
        harmed_frac: Share of the others whose own loss grows when one tumour gets its way; mean over the tumours.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    net: Followed
    nudge: float
    by_nudging: np.ndarray
    by_back: np.ndarray
    sum_blame: np.ndarray
    node_by_nudging: np.ndarray
    node_by_carrying: np.ndarray
    cost_up: float
    cost_down: float
    reach: np.ndarray
    curves: np.ndarray
    curve_numbers: tuple[int, int, int]
    cost_mended: float
    wishes: np.ndarray
    own_fall: float
    mean_fall: float
    harmed_frac: float
    step_length: float = field(default=STEP_LENGTH)
    other_nudge: float = field(default=OTHER_NUDGE)

    @property
    def n_numbers(self) -> int:
        """How many weights and biases the network has."""
        return self.net.n_numbers

    @property
    def n_passes(self) -> int:
        """Forward passes that nudging every number up and down takes."""
        return 2 * self.n_numbers

    @property
    def lowering_frac(self) -> float:
        """Share of the numbers that lower the loss when they are raised."""
        return float((self.by_nudging < 0).mean())

    @property
    def n_lowering(self) -> int:
        """How many."""
        return int((self.by_nudging < 0).sum())

    @property
    def label(self) -> str:
        """What the tumour is."""
        return self.classes[int(self.net.y.argmax())]

    @property
    def outputs(self) -> np.ndarray:
        """What the network says, one number for each class."""
        return self.net.a[-1]

    @property
    def last_weights(self) -> np.ndarray:
        """Weights from the second hidden layer to the outputs, (k, j)."""
        return self.net.w[-1]

    @property
    def chosen_blame(self) -> float:
        """Blame of the number that is written out, by nudging."""
        return (self.cost_up - self.cost_down) / (2 * self.nudge)

    @property
    def first_node(self) -> float:
        """Blame of the first node of the last hidden layer, by nudging it."""
        return float(self.node_by_nudging[self._last_hidden])

    @property
    def first_node_carried(self) -> float:
        """The same by asking the outputs."""
        return float(self.last_weights[0] @ self.sum_blame)

    @property
    def _last_hidden(self) -> int:
        return len(self.node_by_nudging) - self.last_weights.shape[0]

    @property
    def worst_name(self) -> str:
        """The number with the largest blame, as the next lesson writes it."""
        return name_of(list(self.net.numbers())[self.curve_numbers[0]])

    @property
    def worst_blame(self) -> float:
        """Its blame."""
        return float(self.by_nudging[self.curve_numbers[0]])

    @property
    def first_wishes(self) -> np.ndarray:
        """Wishes of the first three tumours; again from the first if fewer are heard."""
        return np.resize(self.wishes, N_WISHES)

    @property
    def mean_wish(self) -> float:
        """Mean of the wishes of the batch, for this number."""
        return float(self.wishes.mean())

    @property
    def opposed_frac(self) -> float:
        """Share of the tumours of the batch that want this number moved the other way than their mean does."""
        return float((np.sign(self.wishes) != np.sign(self.mean_wish)).mean())

    @property
    def back_error(self) -> float:
        """Largest difference between nudging and the pass back, as a share of the largest blame."""
        return float(np.abs(self.by_nudging - self.by_back).max() / np.abs(self.by_back).max())

    @property
    def carry_error(self) -> float:
        """Largest difference between the two ways to a node's blame, as a share of the largest."""
        return float(np.abs(self.node_by_nudging - self.node_by_carrying).max() / np.abs(self.node_by_nudging).max())

    @property
    def heard(self) -> float:
        """What one tumour's wish is worth to the batch, as a share of what the mean of all wishes is worth."""
        return self.own_fall / self.mean_fall


def measure(*, seed: int, row: int, epochs: int, nudge: float, tumours: int, direction: str, carry: str) -> Result:
    """Trains the network, then nudges everything in it.

    Args:
        seed: Of the first weights and of the batch.
        row: Which unseen tumour, counted from the one with the largest loss.
        epochs: Passes over the training rows.
        nudge: How far a number is moved to each side.
        tumours: How many of them are heard.
        direction: Whether all numbers are moved `against` their blame or `along` it.
        carry: Whether blame is carried back `with-weights` or `without`.

    Returns:
        The result.
    """
    model, data = trained(seed=seed, epochs=epochs)
    net = follow_unseen(model, data, row=row)
    numbers = list(net.numbers())
    blame = np.array([net.nudged(number, nudge) for number in numbers])
    order = np.argsort(-np.abs(blame))
    chosen = (int(order[0]), int(order[len(order) // 3]), int(order[-1]))
    reach = np.linspace(-REACH, REACH, 61)
    sign = -1.0 if direction == "against" else 1.0
    batch = np.random.default_rng(seed).permutation(data.splits.train)[:tumours]
    own_fall, mean_fall, harmed_frac, wishes = _heard(model, data.inputs[batch], data.targets[batch], chosen[0])
    return Result(
        features=data.feature_names,
        classes=data.class_names,
        net=net,
        nudge=nudge,
        by_nudging=blame,
        by_back=net.gradient(),
        sum_blame=np.array([net.nudged(("z", net.n_layers, (j,)), nudge) for j in range(len(net.y))]),
        node_by_nudging=np.array([net.nudged(("a", *at), nudge) for at in _hidden_nodes(net)]),
        node_by_carrying=np.array([_carried(net, *at, nudge=nudge, carry=carry) for at in _hidden_nodes(net)]),
        cost_up=net.cost_after(CHOSEN, nudge),
        cost_down=net.cost_after(CHOSEN, -nudge),
        reach=reach,
        curves=np.array([[net.cost_after(numbers[i], by) for by in reach] for i in chosen]),
        curve_numbers=chosen,
        cost_mended=net.stepped(sign * STEP_LENGTH * blame / np.linalg.norm(blame)),
        wishes=wishes,
        own_fall=own_fall,
        mean_fall=mean_fall,
        harmed_frac=harmed_frac,
    )


def _hidden_nodes(net: Followed) -> list[tuple[int, tuple[int, ...]]]:
    """Layer and place of every node that is neither input nor output."""
    return [(layer, place) for _, layer, place in net.numbers("a") if layer < net.n_layers]


def _carried(net: Followed, layer: int, place: tuple[int, ...], *, nudge: float, carry: str) -> float:
    """Blame of a node from the sums that it speaks to: each sum's blame, found by nudging it, times the weight."""
    total = 0.0
    for j, weight in enumerate(net.w[layer + 1][place[0]]):
        total += (weight if carry == "with-weights" else 1.0) * net.nudged(("z", layer + 1, (j,)), nudge)
    return total


def _heard(model: object, rows: np.ndarray, targets: np.ndarray, number: int) -> tuple[float, float, float, np.ndarray]:
    """What the batch gains from one tumour's wish and from the mean wish; who is harmed; all wishes for one number."""
    whole = follow(model, rows, targets)
    alone = [follow(model, row, target) for row, target in zip(rows, targets, strict=True)]
    falls, harmed = [], []
    for one in alone:
        wish = -STEP_LENGTH * one.gradient() / np.linalg.norm(one.gradient())
        falls.append(whole.cost - whole.stepped(wish))
        harmed += [other.stepped(wish) > other.cost for other in alone if other is not one]
    mean = -STEP_LENGTH * whole.gradient() / np.linalg.norm(whole.gradient())
    return (
        float(np.mean(falls)),
        whole.cost - whole.stepped(mean),
        float(np.mean(harmed)) if harmed else 0.0,
        np.array([one.gradient()[number] for one in alone]),
    )


def charts(result: Result) -> tuple[Chart, ...]:
    """Blame on the net, both ways to it, three curves, the wishes of a batch."""
    net = result.net
    numbers = list(net.numbers())
    weights = [np.zeros(w.shape) for w in net.w[1:]]
    for (letter, layer, place), blame in zip(numbers, result.by_nudging, strict=True):
        if letter == "w":
            weights[layer - 1][place] = blame
    largest = max(float(np.abs(part).max()) for part in weights)
    kinds = (
        (Words(en="raise it: the loss grows", zh="调大它，损失上升"), 1.0),
        (Words(en="raise it: the loss falls", zh="调大它，损失下降"), -1.0),
    )
    last = [i for i, (_, layer, _) in enumerate(numbers) if layer == net.n_layers]
    names = tuple(name_of(numbers[i]) for i in last)
    lines = tuple(
        Series(Words(en=name_of(numbers[i]), zh=name_of(numbers[i])), result.reach, curve)
        for i, curve in zip(result.curve_numbers, result.curves, strict=True)
    )
    tangent = net.cost + result.worst_blame * result.reach
    inside = np.abs(result.reach) <= REACH / 3
    order = np.sort(result.wishes)
    return (
        Chart(
            "net",
            title=Words(en="Who is to blame: the more dots, the more blame", zh="谁的责任：点越密，责任越大"),
            x=layer_axis(net.n_layers),
            y=NODES,
            series=(
                nodes(net.widths),
                *(
                    dots(words, [np.maximum(sign * part, 0) for part in weights], largest=largest)
                    for words, sign in kinds
                ),
            ),
        ),
        Chart(
            "roads",
            title=Words(en="Blame in the last layer, found in two ways", zh="最后一层的责任，两种求法"),
            x=Axis(Words(en="weight or bias", zh="权重或偏置"), labels=tuple(Words(en=n, zh=n) for n in names)),
            y=Axis(Words(en="change of the loss per unit", zh="每单位引起的损失变化")),
            series=(
                Series(Words(en="by nudging", zh="逐个微调"), range(len(last)), result.by_nudging[last], kind="bars"),
                Series(
                    Words(en="by one pass back", zh="一次反向"), range(len(last)), result.by_back[last], kind="bars"
                ),
            ),
        ),
        Chart(
            "curves",
            title=Words(en="The loss when one number alone moves", zh="只动一个数时的损失"),
            x=Axis(Words(en="how far it moves", zh="移动多远")),
            y=Axis(Words(en="loss of this tumour", zh="这个肿瘤的损失")),
            series=(
                *lines,
                Series(Words(en="the slope at the start", zh="起点处的斜率"), result.reach[inside], tangent[inside]),
            ),
        ),
        Chart(
            "wishes",
            title=Words(
                en=f"What each tumour of the batch wants of {result.worst_name}",
                zh=f"批次里每个肿瘤对 {result.worst_name} 的要求",
            ),
            x=Axis(Words(en="tumour, sorted", zh="肿瘤（已排序）")),
            y=Axis(Words(en="blame", zh="责任")),
            series=(
                Series(Words(en="one tumour", zh="一个肿瘤"), range(1, len(order) + 1), order, kind="points"),
                Series(Words(en="their mean", zh="平均"), [1, len(order)], [result.mean_wish] * 2),
            ),
        ),
    )


def _answer(result: Result) -> str:
    return "A" if result.lowering_frac < 0.15 else "B" if result.lowering_frac < 0.85 else "C"


LESSON = Lesson(
    number=23,
    title=Words(en="Backpropagation, part one: intuition", zh="反向传播（一）：直觉"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=_answer),
    knobs=(
        ROW,
        epochs_knob(20, high=300),
        Knob("nudge", Words(en="how far a number is nudged", zh="每个数微调多少"), 1e-4, low=1e-9, high=10.0),
        Knob("tumours", Words(en="tumours that are heard", zh="听取多少个肿瘤的意见"), 32, low=1, high=200),
        Knob(
            "direction",
            Words(en="which way all numbers move", zh="所有的数朝哪边动"),
            "against",
            choices=("against", "along"),
        ),
        Knob(
            "carry",
            Words(en="blame is carried back with or without the weights", zh="往回传责任时带不带权重"),
            "with-weights",
            choices=("with-weights", "without"),
        ),
    ),
    claims=(
        Claim(
            "mended",
            words=Words(
                en="Moving every number against its blame lowers the loss.",
                zh="让每个数都逆着自己的责任移动，损失就下降。",
            ),
            quantity=Words(en="loss after / before", zh="之后的损失 / 之前的损失"),
            value=lambda r: r.cost_mended / r.net.cost,
            below=0.95,
            null={"direction": "along"},
        ),
        Claim(
            "carried",
            words=Words(
                en="A node's blame is that of those it speaks to, times the weights.",
                zh="一个节点的责任，等于它所影响的各个和的责任乘以权重，再相加。",
            ),
            quantity=Words(en="largest difference, as a share of the largest blame", zh="最大的差，占最大责任的份额"),
            value=lambda r: r.carry_error,
            below=1e-5,
            null={"carry": "without"},
        ),
        Claim(
            "one-pass",
            words=Words(
                en="One pass back finds what nudging every number finds.",
                zh="一次反向得到的，就是逐个微调得到的。",
            ),
            quantity=Words(en="largest difference, as a share of the largest blame", zh="最大的差，占最大责任的份额"),
            value=lambda r: r.back_error,
            below=1e-5,
            null={"nudge": 1.0},
        ),
        Claim(
            "mean-wish",
            words=Words(
                en="To the batch, one tumour's wish is worth less than the mean of all.",
                zh="对整个批次来说，一个肿瘤的要求不如所有要求的平均。",
            ),
            quantity=Words(en="fall by one wish / by the mean wish", zh="按一个要求的下降 / 按平均要求的下降"),
            value=lambda r: r.heard,
            below=0.8,
            null={"tumours": 1},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: OTHER_NUDGE * r.chosen_blame, tolerance=0.02),
        Exercise(answer=lambda r: float(r.last_weights[1] @ r.sum_blame), tolerance=0.02),
        Exercise(answer=lambda r: float(r.first_wishes.mean()), tolerance=0.02),
    ),
    lessons=(7, 8, 24, 25, 26, 27),
    sources=("street-1993", "rumelhart-1986", "baydin-2018"),
    quick={"epochs": 5, "tumours": 16},
)
