"""Lesson 4, layers: what each kind does to one tensor, and a task where it beats a dense layer.

One digit goes through every kind of layer with random weights: shapes, parameters and numbers, by hand and by Keras.
Then nine small tasks, each with a network that has a certain layer and one that makes do with dense ones.

Source:
    rumelhart-1986 (dense), lecun-1989 (convolution), scherer-2010 (pooling), elman-1990 and cho-2014 (recurrent),
    bengio-2003 (embedding), ioffe-szegedy-2015 (normalisation), srivastava-2014 (dropout), bridle-1990 (output),
    vaswani-2017 (self-attention).
"""

from dataclasses import dataclass, field

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.l04_layers.tasks import N_LAYERS, N_SEEDS, WRONG, Score, play
from backlit.lessons.l04_layers.tour import KINDS, SIDE, UNITS, Stop, travel
from backlit.views.chart import Axis, Chart, Series

NAMES = {
    "input": Words(en="input", zh="输入"),
    "dense": Words(en="dense", zh="全连接"),
    "convolution": Words(en="convolution", zh="卷积"),
    "pooling": Words(en="pooling", zh="池化"),
    "recurrent": Words(en="recurrent", zh="循环"),
    "embedding": Words(en="embedding", zh="嵌入"),
    "normalisation": Words(en="normalisation", zh="归一化"),
    "dropout": Words(en="dropout", zh="随机失活"),
    "flatten": Words(en="flatten", zh="展平"),
    "attention": Words(en="self-attention", zh="自注意力"),
    "output": Words(en="output", zh="输出"),
}
LIMITS = {  # percentage points that a layer must be worth, at most half of what was measured on seeds 0 to 2
    "embedding": 20.0,
    "convolution": 8.0,
    "pooling": 40.0,
    "recurrent": 8.0,
    "attention": 30.0,
    "normalisation": 40.0,
    "dropout": 4.0,
    "flatten": 40.0,
    "output": 30.0,
}


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        tour: What each kind of layer does to one digit.
        scores: How well each task is done with a kind of layer and without.
        x: Three neighbouring pixels of the digit, taken as a sequence.
        w: Weight of an input in a recurrent layer of one unit.
        u: Weight of what it remembers.
        b: Its bias.
        query: Weight that makes a query, in attention of width one.
        key: Weight that makes a key.
        value: Weight that makes a value.
        mask: Which of the three numbers dropout keeps.
        other_units: Of an exercise.
    """

    tour: dict[str, Stop]
    scores: dict[str, Score]
    x: np.ndarray
    w: float
    u: float
    b: float
    query: float
    key: float
    value: float
    mask: np.ndarray
    other_units: int
    side: int = field(default=SIDE)
    units: int = field(default=UNITS)
    n_kinds: int = field(default=len(KINDS))
    n_layers: int = field(default=N_LAYERS)
    n_seeds: int = field(default=N_SEEDS)
    wrong: float = field(default=WRONG)

    @property
    def n_without(self) -> int:
        """Kinds that have no parameter."""
        return sum(stop.count == 0 for stop in self.tour.values())

    @property
    def difference(self) -> float:
        """Largest difference between hand and Keras over all kinds."""
        return max(stop.difference for stop in self.tour.values())

    @property
    def h(self) -> np.ndarray:
        """What the recurrent layer remembers after each of the three steps."""
        remembered, seen = 0.0, []
        for x in self.x:
            remembered = float(np.tanh(self.w * x + self.u * remembered + self.b))
            seen.append(remembered)
        return np.array(seen)

    def attends(self, asking: int) -> np.ndarray:
        """How much each of the three numbers counts for one of them."""
        scores = np.exp(self.query * self.x[asking] * self.key * self.x)
        return scores / scores.sum()

    @property
    def scores_of_last(self) -> np.ndarray:
        """Query of the third number times the key of each."""
        return self.query * self.x[2] * self.key * self.x

    @property
    def attention(self) -> np.ndarray:
        """How much each number counts for the third."""
        return self.attends(2)

    @property
    def attended(self) -> float:
        """What attention makes of the third number."""
        return float(self.attention @ (self.value * self.x))

    @property
    def mean(self) -> float:
        """Mean of the three numbers."""
        return float(self.x.mean())

    @property
    def spread(self) -> float:
        """Their standard deviation."""
        return float(self.x.std())

    @property
    def normalised(self) -> np.ndarray:
        """The three numbers with mean 0 and standard deviation 1."""
        return (self.x - self.mean) / self.spread

    @property
    def dropped(self) -> np.ndarray:
        """The three numbers after dropout of one half."""
        return self.x * self.mask * 2


def measure(*, seed: int, mode: str, special: str, effort: float) -> Result:
    """Sends a digit through every kind of layer, and plays nine tasks.

    Args:
        seed: Which digit, of the weights, and of the tasks' data.
        mode: How the hand computes on the tour: as in `inference`, or as in `training`.
        special: `with` compares each layer with a dense network; `without` takes it away.
        effort: By how much the usual number of epochs is multiplied.

    Returns:
        The result.
    """
    import backlit as bl

    digits = bl.load("digits")
    digit = digits[seed % len(digits)][0][0, ..., 0].astype(float)
    random = np.random.default_rng(seed)
    windows = np.lib.stride_tricks.sliding_window_view(digit, 3, axis=1).reshape(-1, 3)
    liveliest = windows[np.argmax(windows.std(1) * (windows > 0).all(1))]
    w, u, b, query, key, value = random.uniform(0.5, 1.5, 6) * random.choice([-1, 1], 6)
    return Result(
        tour=travel(digit, seed=seed, is_training=mode == "training"),
        scores=play(seed=seed, effort=effort, is_special=special == "with"),
        x=liveliest,
        w=float(w),
        u=float(u),
        b=float(b),
        query=float(query),
        key=float(2 * key),
        value=float(value),
        mask=np.roll([1.0, 0.0, 1.0], seed),
        other_units=int(random.integers(5, 40)),
    )


def charts(result: Result) -> tuple[Chart, ...]:
    """Parameters of each kind for one digit; scores with and without; sizes of the networks."""
    kinds = tuple(NAMES[kind] for kind in KINDS)
    tasks = tuple(NAMES[kind] for kind in result.scores)
    scores = list(result.scores.values())
    places = range(len(scores))
    with_it, without = Words(en="with this layer", zh="有这种层"), Words(en="without", zh="没有")
    return (
        Chart(
            "parameters",
            title=Words(en="Parameters of one layer, for the same digit", zh="面对同一个数字，一层有多少参数"),
            x=Axis(Words(en="layer", zh="层"), labels=kinds),
            y=Axis(Words(en="parameters", zh="参数个数")),
            series=(
                Series(
                    Words(en="parameters", zh="参数个数"),
                    range(len(KINDS)),
                    [result.tour[kind].count for kind in KINDS],
                    kind="bars",
                ),
            ),
        ),
        Chart(
            "scores",
            title=Words(en="Nine tasks, with a layer made for it and without", zh="九项任务，有专门的层与没有"),
            x=Axis(Words(en="layer", zh="层"), labels=tasks),
            y=Axis(Words(en="score on unseen rows", zh="未见样本上的得分")),
            series=(
                Series(with_it, places, [score.with_it for score in scores], kind="bars"),
                Series(without, places, [score.without for score in scores], kind="bars"),
            ),
        ),
        Chart(
            "sizes",
            title=Words(en="Parameters of the two networks of each task", zh="每项任务中两个网络的参数个数"),
            x=Axis(Words(en="layer", zh="层"), labels=tasks),
            y=Axis(Words(en="parameters", zh="参数个数")),
            series=(
                Series(with_it, places, [score.n_special for score in scores], kind="bars"),
                Series(without, places, [score.n_plain for score in scores], kind="bars"),
            ),
        ),
    )


def _claim(kind: str, words: Words) -> Claim:
    """That a kind of layer is worth something in its task."""
    return Claim(
        kind,
        words=words,
        quantity=Words(
            en="score on unseen rows, with − without, percentage points", zh="未见样本上的得分，有 − 没有，百分点"
        ),
        value=lambda r: r.scores[kind].gain,
        above=LIMITS[kind],
        null={"special": "without"},
    )


LESSON = Lesson(
    number=4,
    title=Words(en="Layers", zh="神经网络中的层"),
    measure=measure,
    charts=charts,
    guess=Guess("ABC", answer=lambda r: "A" if r.n_without < 3 else "B" if r.n_without < 6 else "C"),
    knobs=(
        Knob(
            "mode",
            Words(en="how the hand computes", zh="手算时按哪种模式"),
            "inference",
            choices=("inference", "training"),
        ),
        Knob(
            "special",
            Words(en="whether the tasks have their layers", zh="任务里有没有专门的层"),
            "with",
            choices=("with", "without"),
        ),
        Knob(
            "effort",
            Words(en="epochs, as a multiple of the usual", zh="轮次是平常的几倍"),
            1.0,
            low=0.05,
            high=5.0,
        ),
    ),
    claims=(
        Claim(
            "by-hand",
            words=Words(
                en="What every kind of layer does to a digit is arithmetic that can be done by hand.",
                zh="每种层对一个数字做的事，都是可以手算的算术。",
            ),
            quantity=Words(en="largest relative difference from Keras, all kinds", zh="所有层与 Keras 的最大相对差"),
            value=lambda r: r.difference,
            below=1e-5,
            null={"mode": "training"},
        ),
        _claim(
            "embedding",
            Words(
                en="Tokens need an embedding: they are names, no amounts.", zh="词元要用嵌入：它们是名字，不是数量。"
            ),
        ),
        _claim(
            "convolution",
            Words(en="A pattern of neighbours is found by convolution.", zh="由相邻元素组成的模式，靠卷积来找。"),
        ),
        _claim(
            "pooling",
            Words(
                en="A pattern in a place that was never trained is found by pooling over all places.",
                zh="模式出现在训练时没出现过的位置，靠对所有位置做池化来找。",
            ),
        ),
        _claim(
            "recurrent",
            Words(
                en="A layer that reads in order and remembers finds it, too.", zh="按顺序读、会记忆的层，也找得到它。"
            ),
        ),
        _claim(
            "attention",
            Words(
                en="Self-attention picks out the two numbers that are marked.", zh="自注意力挑得出那两个有标记的数。"
            ),
        ),
        _claim(
            "normalisation",
            Words(en="Normalisation makes a deep stack of sigmoids learn.", zh="归一化让很深的 sigmoid 堆叠学得起来。"),
        ),
        _claim(
            "dropout",
            Words(
                en="With wrong labels in the training rows, dropout saves much of the accuracy.",
                zh="训练样本里有错误的标签时，随机失活能保住不少准确率。",
            ),
        ),
        _claim(
            "flatten",
            Words(
                en="A dense layer sees an image as a whole only once it is flattened.",
                zh="图像要先展平，全连接层才看得到整体。",
            ),
        ),
        _claim(
            "output",
            Words(en="Classes need an output each, not one number.", zh="每个类别要有自己的输出，而不是共用一个数。"),
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: float(r.h[2]), spec=".4f"),
        Exercise(answer=lambda r: r.other_units * (SIDE + r.other_units + 1), tolerance=0.0, spec=".0f"),
        Exercise(answer=lambda r: float(r.attends(0) @ (r.value * r.x)), spec=".4f"),
    ),
    lessons=(3, 5, 19, 21, 22, 31, 32, 33, 36),
    sources=(
        "rumelhart-1986",
        "lecun-1989",
        "scherer-2010",
        "elman-1990",
        "cho-2014",
        "bengio-2003",
        "ioffe-szegedy-2015",
        "srivastava-2014",
        "bridle-1990",
        "vaswani-2017",
    ),
    quick={"effort": 0.8},
)
