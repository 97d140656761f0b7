"""Lesson 15, unsupervised learning: k-means on pixels and on an autoencoder's code; purity; reconstruction.

Nobody tells the digits' names. k-means is done twice, by hand, round by round, and by scikit-learn; the names, which we
kept back, judge the groups afterwards. Then a network has to give images back through a narrow layer; what it rebuilds
is compared with principal components, which are the best that straight lines can do, and its code is clustered, too.

Source:
    macqueen-1967 (k-means), manning-2008 (purity), hinton-salakhutdinov-2006 (autoencoders), baldi-hornik-1989.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from backlit.language import Words
from backlit.lessons.deep import ACTIVATIONS, Weights, flat
from backlit.lessons.kind import Claim, Exercise, Guess, Knob, Lesson
from backlit.lessons.parts import epochs_knob, spread_line
from backlit.views.chart import Axis, Chart, Series, Surface

N_SEEDS = 3
HIDDEN = 64  # neurons before and behind the code
SIDE = 8  # of an image, in pixels
N_CLASSES = 10
KS = (2, 5, 10, 20)
N_SHOWN = 10  # images side by side


@dataclass(frozen=True)
class Result:
    """What the lesson measures.

    Attributes:
        n_rows: Images that were grouped, and trained on.
        n_unseen: Images kept aside.
        k: Groups.
        n_code: Numbers of the code.
        inertia: Sum of the squared distances to the nearest centre, by hand, the start first, (round + 1,).
        library_inertia: The same at the end of scikit-learn's k-means.
        centres: Where the groups' centres are, (group, pixel).
        counts: Images of each group and digit, the largest group first, (group, digit).
        named_accuracy: Share of the unseen images that are right if each group is called after one of its images.
        distances: Squared distance of one unseen image to the nearest and to the next centre.
        purities: Purity for each number of groups of `KS`, on pixels.
        silhouettes: Silhouette for each of them.
        guessed_purity: Purity of as many groups of the same sizes that were dealt out at random.
        code_purity: Purity of k-means on the code, for each seed.
        errors: Mean squared error on unseen images as a share of their variance, for each seed.
        line_error: The same for as many principal components.
        turned: Error on unseen images that lie on their side, as a multiple of that on upright ones, for each seed.
        shown: Ten unseen images, a class each, (image, pixel).
        rebuilt: What the first network makes of them.
        n_decoder: Learnable parameters from the code to the image.
    """

    n_rows: int
    n_unseen: int
    k: int
    n_code: int
    inertia: np.ndarray
    library_inertia: float
    centres: np.ndarray
    counts: np.ndarray
    named_accuracy: float
    distances: tuple[float, float]
    purities: np.ndarray
    silhouettes: np.ndarray
    guessed_purity: float
    code_purity: np.ndarray
    errors: np.ndarray
    line_error: float
    turned: np.ndarray
    shown: np.ndarray
    rebuilt: np.ndarray
    n_decoder: int
    n_pixels: int = field(default=SIDE**2)
    n_seeds: int = field(default=N_SEEDS)

    @property
    def n_rounds(self) -> int:
        """Rounds of k-means by hand."""
        return len(self.inertia) - 1

    @property
    def inertia_ratio(self) -> float:
        """Sum of squares after the rounds, as a share of that at the start."""
        return float(self.inertia[-1] / self.inertia[0])

    @property
    def n_major(self) -> int:
        """Images that are of their group's most frequent digit."""
        return int(self.counts.max(1).sum())

    @property
    def purity(self) -> float:
        """Share of these images."""
        return self.n_major / self.n_rows

    @property
    def mean_code_purity(self) -> float:
        """Purity of k-means on the code, mean over seeds."""
        return float(self.code_purity.mean())

    @property
    def error(self) -> float:
        """Error of the autoencoder on unseen images as a share of their variance, mean over seeds."""
        return float(self.errors.mean())

    @property
    def error_ratio(self) -> float:
        """The same as a multiple of what principal components leave over."""
        return self.error / self.line_error

    @property
    def turned_ratio(self) -> float:
        """Error on images that lie on their side, as a multiple, mean over seeds."""
        return float(self.turned.mean())

    @property
    def sizes(self) -> np.ndarray:
        """Images of each group."""
        return self.counts.sum(1)

    @property
    def packed(self) -> float:
        """Numbers of all codes and of the decoder, as a share of the pixels of all training images."""
        return (self.n_rows * self.n_code + self.n_decoder) / (self.n_rows * self.n_pixels)


def measure(*, seed: int, k: int, rounds: int, code: int, epochs: int, activation: str, pixels: str) -> Result:
    """Groups digits by distance, rebuilds them through a narrow layer, and groups them by what passed through.

    Args:
        seed: Of the first centres and of the networks.
        k: Groups.
        rounds: Of k-means by hand.
        code: Numbers of the narrow layer.
        epochs: Passes of the networks over the training images.
        activation: Of the layers around the code.
        pixels: Whether pixels stay `in-place`, or are `shuffled` in every image differently.

    Returns:
        The result.
    """
    import backlit as bl
    from backlit.measure.clusters import contingency, purity

    rng = np.random.default_rng(seed)
    digits = bl.load("digits")
    images, labels = flat(digits.inputs, digits.targets)
    if pixels == "shuffled":
        images = rng.permuted(images, axis=1)
    train = digits.splits.train
    unseen = np.setdiff1d(np.arange(len(images)), train)
    rows, others = images[train], images[unseen]

    def counted(clusters: np.ndarray) -> np.ndarray:
        return contingency(clusters, labels[train], n_clusters=int(clusters.max()) + 1, n_classes=N_CLASSES)

    by_k = {one: bl.cluster(rows, k=one, seed=seed) for one in {*KS, k}}
    groups = by_k[k]
    to_centres = squared_distances(others, groups.centres)
    nearest_image = squared_distances(rows, groups.centres).argmin(0)
    inputs = images.reshape(digits.inputs.shape).astype(np.float32)
    found = bl.autoencoder(
        replace(digits, inputs=inputs, recipe=None),
        code=code,
        hidden=[HIDDEN],
        activation=activation,
        epochs=epochs,
        learning_rate=0.005,
        metrics=[],
        seeds=list(range(seed, seed + N_SEEDS)),
        save=False,
        verbose=False,
    )
    networks = [found.run.weights(i) for i in range(N_SEEDS)]
    codes = [through(weights, rows, activation=activation)[0] for weights in networks]
    on_side = np.rot90(others.reshape(-1, SIDE, SIDE), axes=(1, 2)).reshape(len(others), -1)
    upright_errors, side_errors = (
        np.array([((through(weights, some, activation=activation)[1] - some) ** 2).mean() for weights in networks])
        for some in (others, on_side)
    )
    variance = float(((others - rows.mean(0)) ** 2).mean())
    shown = others[[np.flatnonzero(labels[unseen] == one)[0] for one in range(N_SHOWN)]]
    return Result(
        n_rows=len(rows),
        n_unseen=len(others),
        k=k,
        n_code=code,
        inertia=rounds_by_hand(rows, rows[rng.choice(len(rows), k, replace=False)], rounds),
        library_inertia=float(squared_distances(rows, groups.centres).min(1).sum()),
        centres=groups.centres,
        counts=counted(groups.labels),
        named_accuracy=float((labels[train][nearest_image][to_centres.argmin(1)] == labels[unseen]).mean()),
        distances=(float(np.sort(to_centres[0])[0]), float(np.sort(to_centres[0])[1])),
        purities=np.array([purity(counted(by_k[one].labels)) for one in KS]),
        silhouettes=np.array([by_k[one].silhouette for one in KS]),
        guessed_purity=purity(counted(rng.permutation(groups.labels))),
        code_purity=np.array([purity(counted(bl.cluster(one, k=k, seed=seed).labels)) for one in codes]),
        errors=upright_errors / variance,
        line_error=component_error(rows, others, code) / variance,
        turned=side_errors / upright_errors,
        shown=shown,
        rebuilt=through(networks[0], shown, activation=activation)[1],
        n_decoder=sum(part.size for part in networks[0][len(networks[0]) // 2 :]),
    )


def squared_distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distance of each row to each centre, (row, centre)."""
    return ((rows[:, None, :] - centres[None]) ** 2).sum(2)


def rounds_by_hand(rows: np.ndarray, centres: np.ndarray, n_rounds: int) -> np.ndarray:
    """k-means round by round: each row goes to its nearest centre, each centre to the mean of its rows.

    Args:
        rows: What is to be grouped.
        centres: Where the centres begin.
        n_rounds: How often.

    Returns:
        Sum of the squared distances to the nearest centre, at the start and after each round.

    Source:
        macqueen-1967 (all rows before each move, as Lloyd proposed).
    """
    sums = []
    for _ in range(n_rounds + 1):
        distances = squared_distances(rows, centres)
        group = distances.argmin(1)
        sums.append(float(distances.min(1).sum()))
        own = [rows[group == one] for one in range(len(centres))]
        centres = np.array([some.mean(0) if len(some) else centre for some, centre in zip(own, centres, strict=True)])
    return np.array(sums)


def component_error(rows: np.ndarray, others: np.ndarray, n: int) -> float:
    """Mean squared error of rows rebuilt from principal components of other rows.

    Args:
        rows: Which the components are taken from.
        others: Which are rebuilt.
        n: How many components.

    Returns:
        The error.
    """
    mean = rows.mean(0)
    directions = np.linalg.svd(rows - mean, full_matrices=False)[2][:n]
    rebuilt = mean + (others - mean) @ directions.T @ directions
    return float(((rebuilt - others) ** 2).mean())


def through(weights: Weights, rows: np.ndarray, *, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Code and reconstruction of rows, in float64.

    Args:
        weights: Kernel and bias of the layer before the code, the code, the layer behind it, and the output.
        rows: Inputs, (row, pixel).
        activation: Of the layers around the code.

    Returns:
        (row, number of the code), (row, pixel).
    """
    function, sigmoid = ACTIVATIONS[activation][0], ACTIVATIONS["sigmoid"][0]
    kernels, biases = ([part.astype(float) for part in weights[first::2]] for first in (0, 1))
    code = function(rows @ kernels[0] + biases[0]) @ kernels[1] + biases[1]
    return code, sigmoid(function(code @ kernels[2] + biases[2]) @ kernels[3] + biases[3])


def _strip(*lines: np.ndarray) -> Surface:
    """Images side by side, and lines of them below each other, a column and a row of paper between."""
    padded = [np.pad(line.reshape(-1, SIDE, SIDE), ((0, 0), (1, 0), (0, 1))) for line in lines]
    picture = np.concatenate([np.concatenate(list(line), axis=1) for line in padded])
    height = picture[::-1]  # the first line of an image is at its top, where a surface is high
    return Surface(Words(en="ink", zh="墨迹"), np.arange(height.shape[1]), np.arange(height.shape[0]), height)


def charts(result: Result) -> tuple[Chart, ...]:
    """Rounds of k-means, centres as images, how many groups, images and their reconstructions, what is left over."""
    pixel = Axis(Words(en="pixels", zh="像素"))
    share = Axis(Words(en="share", zh="比例"))
    return (
        Chart(
            "rounds",
            title=Words(en="k-means by hand, round by round", zh="手算 k 均值，一轮一轮"),
            x=Axis(Words(en="round", zh="轮")),
            y=Axis(Words(en="sum of squared distances", zh="距离平方和")),
            series=(
                Series(Words(en="by hand", zh="手算"), range(result.n_rounds + 1), result.inertia),
                Series(
                    Words(en="scikit-learn, best of its starts", zh="scikit-learn，多个起点中最好的"),
                    [0, max(result.n_rounds, 1)],
                    [result.library_inertia] * 2,
                ),
            ),
        ),
        Chart(
            "centres",
            title=Words(en="Centres of the largest groups, drawn as images", zh="最大的几个组，中心画成图像"),
            x=pixel,
            y=pixel,
            surface=_strip(result.centres[:N_SHOWN]),
        ),
        Chart(
            "groups",
            title=Words(en="How many groups?", zh="分几组？"),
            x=Axis(Words(en="number of groups", zh="组数")),
            y=share,
            series=(
                Series(Words(en="purity (needs labels)", zh="纯度（要用标签）"), KS, result.purities),
                Series(Words(en="silhouette (needs none)", zh="轮廓系数（不用标签）"), KS, result.silhouettes),
            ),
        ),
        Chart(
            "rebuilt",
            title=Words(en="Unseen images, and below what passed through the code", zh="未见图像，下面是穿过编码之后"),
            x=pixel,
            y=pixel,
            surface=_strip(result.shown, result.rebuilt),
        ),
        Chart(
            "left-over",
            title=Words(en="What the reconstruction of unseen images lacks", zh="未见图像重建之后还差多少"),
            x=Axis(
                Words(en="rebuilt from", zh="用什么重建"),
                labels=(
                    Words(en="the mean image", zh="平均图像"),
                    Words(en="principal components", zh="主成分"),
                    Words(en="the code", zh="编码"),
                ),
            ),
            y=Axis(Words(en="share of the variance", zh="占方差的比例")),
            series=(
                Series(Words(en="left over", zh="剩余"), range(3), [1.0, result.line_error, result.error], kind="bars"),
            ),
        ),
        Chart(
            "purity",
            title=Words(en="The same k-means on pixels and on codes", zh="同样的 k 均值，用像素与用编码"),
            x=Axis(Words(en="network", zh="网络")),
            y=Axis(Words(en="purity", zh="纯度")),
            series=(
                Series(Words(en="code", zh="编码"), range(N_SEEDS), result.code_purity, kind="points"),
                spread_line(Words(en="pixels", zh="像素"), range(N_SEEDS), np.full((1, N_SEEDS), result.purity)),
                spread_line(
                    Words(en="groups by chance", zh="随机分组"),
                    range(N_SEEDS),
                    np.full((1, N_SEEDS), result.guessed_purity),
                ),
            ),
        ),
    )


def _answer(result: Result) -> str:
    """A to D for a purity around a tenth, a half, four fifths, all."""
    return "ABCD"[int(np.searchsorted([0.3, 0.65, 0.92], result.purity))]


LESSON = Lesson(
    number=15,
    title=Words(en="Unsupervised learning", zh="无监督学习"),
    measure=measure,
    charts=charts,
    guess=Guess("ABCD", answer=_answer),
    knobs=(
        Knob("k", Words(en="groups", zh="组数"), 10, low=2, high=60),
        Knob("rounds", Words(en="rounds of k-means by hand", zh="手算 k 均值的轮数"), 25, low=0, high=100),
        Knob("code", Words(en="numbers of the code", zh="编码有几个数"), 8, low=1, high=64),
        epochs_knob(60, high=300),
        Knob(
            "activation",
            Words(en="activation around the code", zh="编码前后的激活函数"),
            "relu",
            choices=("relu", "tanh", "linear"),
        ),
        Knob(
            "pixels",
            Words(en="whether pixels stay in their places", zh="像素是否留在原位"),
            "in-place",
            choices=("in-place", "shuffled"),
        ),
    ),
    claims=(
        Claim(
            "rounds-help",
            words=Words(
                en="Round by round, images come nearer to their centres.", zh="一轮一轮下来，图像离自己的中心更近。"
            ),
            quantity=Words(en="sum of squares, after the rounds / at the start", zh="距离平方和，之后 / 开始时"),
            value=lambda r: r.inertia_ratio,
            below=0.8,
            null={"rounds": 0},
        ),
        Claim(
            "groups-are-digits",
            words=Words(
                en="Groups found without labels are mostly of one digit.", zh="不用标签分出来的组，多半是同一个数字。"
            ),
            quantity=Words(en="purity − purity by chance", zh="纯度 − 随机分组的纯度"),
            value=lambda r: r.purity - r.guessed_purity,
            above=0.4,
            null={"pixels": "shuffled"},
        ),
        Claim(
            "code-rebuilds",
            words=Words(
                en="A few numbers are enough to rebuild most of an unseen image.",
                zh="几个数就足以重建未见图像的大部分。",
            ),
            quantity=Words(en="error as a share of the variance", zh="误差占方差的比例"),
            value=lambda r: r.error,
            below=0.4,
            null={"epochs": 1},
        ),
        Claim(
            "bends-pay",
            words=Words(
                en="A network that bends rebuilds better than as many straight lines.",
                zh="会拐弯的网络，重建得比同样多的直线好。",
            ),
            quantity=Words(en="error, code / principal components", zh="误差，编码 / 主成分"),
            value=lambda r: r.error_ratio,
            below=0.7,
            null={"activation": "linear"},
        ),
        Claim(
            "code-keeps-groups",
            words=Words(en="The code keeps what tells the digits apart.", zh="区分数字所需要的东西，编码留住了。"),
            quantity=Words(en="purity, code − pixels", zh="纯度，编码 − 像素"),
            value=lambda r: r.mean_code_purity - r.purity,
            above=-0.1,
            null={"code": 1},
        ),
        Claim(
            "unusual-stands-out",
            words=Words(
                en="What is unlike the training images is rebuilt badly.", zh="与训练图像不像的东西，重建得差。"
            ),
            quantity=Words(en="error, lying on their side / upright", zh="误差，横躺 / 正立"),
            value=lambda r: r.turned_ratio,
            above=1.5,
            null={"pixels": "shuffled"},
        ),
    ),
    exercises=(
        Exercise(answer=lambda r: r.counts[:2].sum(0).max() / r.counts[:2].sum(), tolerance=0.01),
        Exercise(answer=lambda r: r.counts[:2].max(1).sum() / r.counts[:2].sum(), tolerance=0.01),
        Exercise(answer=lambda r: r.packed),
    ),
    lessons=(14, 16, 20, 31),
    sources=("macqueen-1967", "manning-2008", "rousseeuw-1987", "hinton-salakhutdinov-2006", "baldi-hornik-1989"),
)
