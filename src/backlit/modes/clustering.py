"""Clustering: rows that lie near each other, found without looking at a single label.

    cluster("digits", k=10)                     on pixels
    cluster(run, on="hidden", k=10)             on what a layer of a trained network makes of the rows
    cluster(autoencoder("digits"), k=10)        on the code of a network that was never told a class either
    cluster(data, k=range(2, 11))               several numbers of clusters; the silhouette chooses

k-means (scikit-learn's) puts `k` centres so that rows are as near as possible to theirs. Distance is all it knows:
which numbers it is given decides what is near. Where the classes are known, they judge afterwards, by purity; they are
never told to k-means.

Not for predicting classes, and not for token ids, between which there is no distance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float, Int, Shaped

from backlit.backend import require_backend
from backlit.data import Dataset, load
from backlit.data.inputs import read_inputs
from backlit.data.options import require_seed
from backlit.errors import SettingError, did_you_mean
from backlit.language import Text, language, listed, text, verbatim
from backlit.measure.clusters import contingency, purity, silhouette

N_STARTS = 10
"""First centres are drawn this many times, and the best end is kept. Source: ours; scikit-learn's former default."""

SPLITS = ("train", "validation", "test", "all")


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters of rows.

    Attributes:
        on: What the distances were taken on: `inputs`, or the name of a layer.
        rows: Numbers of the rows in the data, in the order of `labels`.
        labels: Cluster of each row, from 0, the largest cluster first.
        centres: One a cluster.
        scores: One row for each number of clusters that was tried: `k`, `inertia`, `silhouette`, `smallest` (rows of
            the smallest cluster), and `purity` where there are classes.
        counts: Rows of each cluster in each class; None where there are no classes.
        class_names: Columns of `counts`.
        name: What the data are called.
    """

    on: str
    rows: Int[np.ndarray, " row"]
    labels: Int[np.ndarray, " row"]
    centres: Float[np.ndarray, "cluster column"]
    scores: pl.DataFrame
    counts: Int[np.ndarray, "cluster class_"] | None
    class_names: tuple[str, ...]
    name: str
    _points_of: Callable[[np.ndarray], np.ndarray] = field(repr=False)

    @property
    def k(self) -> int:
        """How many clusters."""
        return len(self.centres)

    @property
    def silhouette(self) -> float:
        """From -1 to 1: how much nearer rows are to their own cluster than to the next."""
        return float(self.scores.filter(pl.col("k") == self.k)["silhouette"][0])

    @property
    def purity(self) -> float | None:
        """Share of rows that belong to the most frequent class of their cluster; None where there are no classes."""
        return None if self.counts is None else purity(self.counts)

    @property
    def largest_class(self) -> float | None:
        """Purity of a single cluster: what the largest class alone gives; None where there are no classes."""
        return None if self.counts is None else purity(self.counts.sum(0, keepdims=True))

    @property
    def contingency(self) -> pl.DataFrame | None:
        """Rows of each cluster in each class, a row a cluster; None where there are no classes."""
        if self.counts is None:
            return None
        columns = dict(zip(self.class_names, self.counts.T, strict=True))
        return pl.DataFrame({"cluster": np.arange(self.k), **columns})

    def assign(self, inputs: Any) -> Int[np.ndarray, " sample"]:
        """The nearest cluster of other rows.

        Args:
            inputs: Rows like those that were clustered.

        Returns:
            One number a row.
        """
        points = self._points_of(read_inputs(inputs))
        distances = ((points[:, None, :] - self.centres[None]) ** 2).sum(-1)
        return distances.argmin(1)

    def lines(self) -> list[Text]:
        """What was found, in a few lines."""
        lines = [
            text(
                "{n} rows of {name} in {k} clusters, on `{on}`.", n=len(self.rows), name=self.name, k=self.k, on=self.on
            ),
            text("Rows of each cluster: {sizes}.", sizes=listed(np.bincount(self.labels, minlength=self.k).tolist())),
            text("Silhouette {value:.3f} (1: far apart; 0: they touch).", value=self.silhouette),
        ]
        if len(self.scores) > 1:
            tried = listed(self.scores["k"].to_list())
            lines.append(text("{k} clusters, chosen by the silhouette among {tried}.", k=self.k, tried=tried))
        if self.counts is not None:
            lines.append(
                text(
                    "Purity {value:.3f}: each cluster given to its most frequent class; the largest class alone gives "
                    "{least:.3f}.",
                    value=self.purity,
                    least=self.largest_class,
                )
            )
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def __repr__(self) -> str:
        return f"<Clustering: {len(self.rows)} rows in {self.k} clusters on {self.on}>"


def cluster(
    source: Any,
    *,
    on: str | None = None,
    k: int | Sequence[int | float] | None = None,
    data: Any = None,
    split: str = "train",
    member: int | None = None,
    seed: int = 0,
) -> Clustering:
    """Finds clusters by k-means.

    Distances are taken on the numbers as they are: columns of a table are standardised by `load`, those of an array are
    not.

    Args:
        source: Data (what `load` takes, or an array of inputs alone), a Run, or what `autoencoder` gave.
        on: `inputs`, or the name of a layer of the trained network. None takes the inputs of data, the last hidden
            layer of a Run, the code of an autoencoder.
        k: How many clusters, or several numbers of which the silhouette chooses one; None tries 2 to 10.
        data: Of a Run or an autoencoder: other data whose rows are clustered; None takes those that it trained on.
        split: Which rows: `train`, `validation`, `test` or `all`. An array has but one kind.
        member: Of a Run: whose layer; None takes the best.
        seed: Of the first centres.

    Returns:
        The clusters.

    Raises:
        SettingError: If an argument does not suit the data.
        ModelError: If there is no such layer.

    Example:
        >>> found = cluster("iris", k=3)
        >>> found.k, found.labels.shape, round(found.largest_class, 2)
        (3, (104,), 0.34)

    Source:
        macqueen-1967 (k-means); arthur-vassilvitskii-2007 (where the first centres are put).
    """
    if split not in SPLITS:
        raise SettingError(
            "split-unknown",
            what=text("Clustering"),
            expected=text("one of {names}", names=listed(f"`{name}`" for name in SPLITS)),
            received=text("`{name}`", name=split),
            fix=did_you_mean(split, SPLITS),
        )
    seed = require_seed(seed)
    if isinstance(source, np.ndarray):
        inputs, known = read_inputs(source), None
        rows = np.arange(len(inputs))
        on, points_of = _points_on_inputs(on, inputs)
    else:
        known, on, points_of = _read_source(source, on, member, data)
        rows = np.arange(len(known)) if split == "all" else getattr(known.splits, split)
        inputs = known.inputs[rows]
    if not len(rows):
        raise SettingError(
            "split-empty",
            what=text("Clustering"),
            expected=text("rows in the split `{name}`", name=split),
            received=text("none"),
            fix=text("Choose another split, or `split='all'`."),
        )
    return _clusters(points_of(inputs), rows, known, on=on, ks=_read_k(k, len(rows)), seed=seed, points_of=points_of)


def _clusters(
    points: np.ndarray,
    rows: np.ndarray,
    data: Dataset | None,
    *,
    on: str,
    ks: list[int],
    seed: int,
    points_of: Callable[[np.ndarray], np.ndarray],
) -> Clustering:
    """k-means for each number of clusters; the one of the largest silhouette is kept."""
    classes = np.asarray(data.class_ids)[rows] if data is not None and data.task == "classification" else None
    n_classes = data.n_classes if data is not None else 0
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    scores = []
    for k in ks:
        labels, centres, inertia = _means(points, k, seed)
        apart = silhouette(points, labels, seed=seed)
        row: dict[str, Any] = {
            "k": k,
            "inertia": inertia,
            "silhouette": apart,
            "smallest": int(np.bincount(labels, minlength=k).min()),
        }
        if classes is not None:
            row["purity"] = purity(contingency(labels, classes, n_clusters=k, n_classes=n_classes))
        scores.append(row)
        if best is None or apart > best[0]:
            best = apart, labels, centres
    assert best is not None, "bug in backlit: no number of clusters was tried"
    _, labels, centres = best
    names = () if data is None or classes is None else data.class_names or tuple(str(i) for i in range(n_classes))
    counts = None if classes is None else contingency(labels, classes, n_clusters=len(centres), n_classes=n_classes)
    name = "array" if data is None else data.name
    return Clustering(on, rows, labels, centres, pl.DataFrame(scores), counts, names, name, points_of)


def _means(points: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """One k-means: cluster of each row, centres, sum of squared distances; the largest cluster is number 0."""
    from sklearn.cluster import KMeans

    found: Any = KMeans(k, n_init=N_STARTS, random_state=seed)  # pyright: ignore[reportArgumentType]  a number is allowed
    found.fit(points)
    order = np.argsort(-np.bincount(found.labels_, minlength=k), kind="stable")
    place = np.argsort(order)
    return place[found.labels_], found.cluster_centers_[order], float(found.inertia_)


def _read_source(
    source: Any, on: str | None, member: int | None, data: Any
) -> tuple[Dataset, str, Callable[..., np.ndarray]]:
    """The data, what to take distances on, and how rows become points."""
    from backlit.modes.autoencoding import CODE, Autoencoder
    from backlit.run import Run

    run: Any = None
    if isinstance(source, Autoencoder):  # its run knows no classes: there the inputs are the targets
        run, on, own = source.run, on or CODE, source.source
    elif isinstance(source, Run):
        run, own = source, source.data
    else:
        own = source
    rows = own if data is None else data
    dataset = rows if isinstance(rows, Dataset) else load(rows)
    if run is None or on == "inputs":
        return dataset, *_points_on_inputs(on, dataset.inputs)
    if dataset.input_shape != run.data.input_shape:
        raise SettingError(
            "cluster-shape",
            what=text("Clustering"),
            expected=text("rows of shape {shape}, as the network reads them", shape=run.data.input_shape),
            received=verbatim(dataset.input_shape),
            fix=text("Give the data that the run was trained on, or others like them."),
        )
    require_backend()
    from backlit.measure.activations import last_hidden, outputs_of

    model = run.model if member is None else run[member].model
    layer = on or last_hidden(model)
    return dataset, layer, lambda inputs: _flat(outputs_of(model, layer, inputs))


def _points_on_inputs(on: str | None, inputs: np.ndarray) -> tuple[str, Callable[..., np.ndarray]]:
    if on not in (None, "inputs"):
        raise SettingError(
            "cluster-on",
            what=text("Clustering"),
            expected=text('`on="inputs"` for data that no network has read'),
            received=text("`{on}`", on=on),
            fix=text("Give a Run to cluster what its layers make of the rows."),
        )
    if np.issubdtype(inputs.dtype, np.integer) and inputs.ndim == 2:
        raise SettingError(
            "cluster-tokens",
            what=text("Clustering"),
            expected=text("numbers between which there is a distance"),
            received=text("whole numbers of type {dtype}, as token ids are", dtype=inputs.dtype.name),
            fix=text("Train a network and cluster what a layer makes of them, or give the numbers as floats."),
        )
    return "inputs", _flat


def _flat(values: Shaped[np.ndarray, "sample ..."]) -> Float[np.ndarray, "sample column"]:
    """One row of numbers for each entry, in float64 so that equal rows give equal clusters everywhere."""
    return np.asarray(values, np.float64).reshape(len(values), -1)


def _read_k(k: Any, n_rows: int) -> list[int]:
    """The numbers of clusters to try."""
    if k is None:
        k = range(2, min(10, n_rows - 1) + 1)
    values = list(k) if isinstance(k, list | tuple | range | np.ndarray) else [k]
    is_whole = all(isinstance(one, int | np.integer) and not isinstance(one, bool) for one in values)
    if not values or not is_whole or not all(2 <= one < n_rows for one in values):
        raise SettingError(
            "cluster-k",
            what=text("Reading the number of clusters `k`"),
            expected=text("whole numbers from 2, below the number of rows, {n}", n=n_rows),
            received=verbatim(k if not isinstance(k, range) else list(k)),
            fix=text("Write for example `k=3`, or `k=range(2, 11)` to choose."),
        )
    return [int(one) for one in dict.fromkeys(values)]
