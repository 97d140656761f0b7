"""The data of a run: kept with it when they exist only in memory, else found again by their recipe.

    a recipe (`digits`, a CSV)          the first rows are kept, the others come from where they came before
    arrays up to `MAX_DATA_BYTES`       all rows are kept
    larger arrays                       the first rows and the splits are kept; `data=` brings the others

Whatever comes back has the digest that the run was trained on, or is refused.

Not for reading files or catalogue sets: see `backlit.data`.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backlit.data import Dataset, Splits, load, preparation_from_json, preparation_to_json
from backlit.engine.experiment import DataSpec
from backlit.errors import BacklitError, DataError
from backlit.language import Text, text, verbatim
from backlit.store.arrays import tree_bytes

MAX_DATA_BYTES = 64 * 2**20
N_EXAMPLES = 2  # enough to build and compile a model
_WORDS = ("name", "task", "class_names", "feature_names", "vocabulary", "source", "recipe", "notes")
_SPLIT_WORDS = ("is_stratified", "seed", "has_own_test")
_ARRAYS = ("inputs", "targets", "sample_weight", "coded")
_PARTS = ("train", "validation", "test", "groups", "order")


@dataclass(frozen=True, eq=False)
class ExampleRows(Dataset):
    """The first rows of data that cannot be had now: enough to build models, and not to judge them.

    Shapes, names and preparation are those of the data, so a stored run predicts; whoever asks for the rows of a split
    gets the reason.

    Attributes:
        reason: Why there are no more rows.
    """

    reason: BacklitError | None = field(default=None)

    def describe(self) -> tuple[Text, ...]:
        """Why the data are not here, in place of what they are."""
        return (text("Only the first rows of `{name}` are at hand: {reason}", name=self.name, reason=self._why()),)

    def _rows(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002  overrides
        assert self.reason is not None, "bug in backlit: example rows without a reason"
        raise self.reason

    def _why(self) -> Text:
        return verbatim("") if self.reason is None else self.reason._sentence()


def data_words(data: Dataset) -> dict[str, Any]:
    """All of a data set that is not an array.

    Args:
        data: Any data set.

    Returns:
        Names, task, how it was split, how many classes, how raw rows are prepared.
    """
    words = {name: getattr(data, name) for name in _WORDS}
    splits = {name: getattr(data.splits, name) for name in _SPLIT_WORDS}
    numbers = {"n_classes": data.n_classes, "n_rows": len(data)}
    return {**words, "splits": splits, **numbers, "preparation": preparation_to_json(data.preparation)}


def data_arrays(data: Dataset) -> dict[str, Any]:
    """The arrays of a data set that are kept with a run: all, or the first rows (see the module).

    Args:
        data: Any data set.

    Returns:
        A tree for `write_tree`.
    """
    rows = {name: getattr(data, name) for name in _ARRAYS}
    splits = {name: getattr(data.splits, name) for name in _PARTS}
    is_whole = data.recipe is None and tree_bytes([*rows.values(), *splits.values()]) <= MAX_DATA_BYTES
    if not is_whole:
        rows = {name: None if array is None else array[:N_EXAMPLES] for name, array in rows.items()}
    keeps_splits = data.recipe is None
    return {"is_whole": np.array(is_whole), "rows": rows, "splits": splits if keeps_splits else None}


def example_rows(words: dict[str, Any], arrays: dict[str, Any], reason: BacklitError) -> Dataset:
    """A data set of the first rows, that says why there are no others.

    Args:
        words: From `data_words`.
        arrays: From `data_arrays`.
        reason: Why the data cannot be had.

    Returns:
        The data set.
    """
    kept: dict[str, Any] = arrays["rows"]
    rows: dict[str, Any] = {name: None if array is None else array[:N_EXAMPLES] for name, array in kept.items()}
    splits = Splits.of_rows(range(len(rows["inputs"])))
    data = ExampleRows(**_told(words), **rows, splits=splits, reason=reason)
    vars(data)["n_classes"] = words["n_classes"]  # two rows may not show every class
    return data


def data_again(
    id: str,
    spec: DataSpec,
    words: dict[str, Any],
    arrays: dict[str, Any],
    given: Any = None,
    *,
    method: str = "rerun",
) -> Dataset:
    """The data that a run was trained on.

    Args:
        id: Name of the run, for messages.
        spec: Recipe and digest.
        words: From `data_words`.
        arrays: From `data_arrays`.
        given: What the user passed as `data=`, or None.
        method: Name of the Store's method that it is passed to, for messages.

    Returns:
        Data with the same digest.

    Raises:
        DataError: If they are gone, have changed, or were too large to keep.
    """
    if given is not None:
        return _require_same(id, spec, _as_before(given, words, arrays))
    if bool(arrays["is_whole"]):
        splits = Splits(**arrays["splits"], **words["splits"])
        data = Dataset(**_told(words), **arrays["rows"], splits=splits)
        return _require_same(id, spec, data)
    if spec.recipe is None:
        raise DataError(
            "data-not-kept",
            what=text("Getting the data of run `{id}` again", id=id),
            expected=text(
                "the rows in memory, which were larger than the {limit} MB that are kept", limit=_megabytes()
            ),
            received=text("nothing"),
            fix=text('Pass the same rows, for example `Store().{method}("{id}", data=(X, y))`.', method=method, id=id),
        )
    try:
        data = load(spec.recipe["source"], **spec.recipe["options"])
    except DataError as error:
        raise DataError(
            "data-gone",
            what=text("Getting the data of run `{id}` again", id=id),
            expected=text("`{source}` as it was", source=spec.recipe["source"]),
            received=error.received or verbatim(error.code),
            fix=text("Put it back, or pass the same rows as `data=…`."),
        ) from error
    return _require_same(id, spec, data)


def _as_before(given: Any, words: dict[str, Any], arrays: dict[str, Any]) -> Dataset:
    """What the user passed, with the splits and weights of the run where those were kept."""
    data = given if isinstance(given, Dataset) else load(given)
    kept = arrays["splits"]
    if kept is None or len(data) != words["n_rows"]:
        return data
    names = {name: tuple(words[name]) for name in ("class_names", "feature_names", "vocabulary")}
    return replace(data, **names, task=words["task"], splits=Splits(**kept, **words["splits"]))


def _require_same(id: str, spec: DataSpec, data: Dataset) -> Dataset:
    digest = data.digest()
    if digest == spec.digest:
        return data
    sizes = data.splits.sizes
    raise DataError(
        "data-changed",
        what=text("Getting the data of run `{id}` again", id=id),
        expected=text(
            "`{name}` as it was ({sizes} rows, digest {digest})", name=spec.name, **_shown(spec.sizes, spec.digest)
        ),
        received=text("other contents ({sizes} rows, digest {digest})", **_shown(sizes, digest)),
        fix=text("Put the old data back, pass them as `data=…`, or train anew on the present ones with `bl.fit`."),
    )


def _shown(sizes: tuple[int, ...], digest: str) -> dict[str, object]:
    return {"sizes": "+".join(map(str, sizes)), "digest": digest[:8]}


def _told(words: dict[str, Any]) -> dict[str, Any]:
    return {**{name: words[name] for name in _WORDS}, "preparation": preparation_from_json(words["preparation"])}


def _megabytes() -> int:
    return MAX_DATA_BYTES // 2**20
