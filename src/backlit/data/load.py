"""`load`: one door for every kind of data.

| source | what comes out |
| --- | --- |
| "digits" | a set of the catalogue, split 70/15/15 by class |
| "table.csv", "table.parquet", a polars or pandas frame | columns prepared, split 70/15/15 |
| "folder" | its pictures in one size, 0..1, split as its folders say, else 70/15/15 |
| "file.npz", "file.npy" | arrays as they are; all rows train, test rows of the file test |
| (X, y) | arrays as they are; all rows train |
| ((X_train, y_train), (X_test, y_test)) | arrays as they are, with their test rows |
| a Dataset | itself, or made again with other options |
"""

from pathlib import Path
from typing import Any

import numpy as np

from backlit.data.arrays import from_arrays
from backlit.data.assemble import assemble
from backlit.data.catalog import entries, find
from backlit.data.dataset import Dataset
from backlit.data.frames import TABLE_SUFFIXES, is_frame
from backlit.data.numpy_files import load_numpy_file
from backlit.data.options import Number, require_options, require_seed
from backlit.data.splits import DEFAULT_TEST_SPLIT, DEFAULT_VALIDATION_SPLIT
from backlit.data.tables import kinds_words, read_table
from backlit.data.ties import Ties
from backlit.errors import DataError, SettingError
from backlit.language import text, verbatim

_ARRAY_SUFFIXES = (".npz", ".npy")
_TABLE_OPTIONS = ("drop", "task", "kinds", "header", "separator", "encoding", "name")
_FOLDER_OPTIONS = ("labels", "task", "size", "color")
_ARRAY_OPTIONS = ("task", "n_classes", "class_names", "feature_names", "sample_weight", "name")


def load(
    source: Any,
    *,
    target: str | int | None = None,
    validation_split: Number | None = None,
    test_split: Number | None = None,
    seed: int = 0,
    groups: Any = None,
    order: Any = None,
    duplicates: str = "keep",
    **options: Any,
) -> Dataset:
    """Data to train on, from a name, a file or arrays.

    Args:
        source: A name of the catalogue, a path, a frame, (inputs, targets), two such pairs, or a Dataset.
        target: The column (name or position) to predict; for `shapes` what the class is; for a folder of pictures the
            column of its table of labels.
        validation_split: Fraction of the rows for validation. None: 0.15 for the catalogue and
            tables, 0 for arrays.
        test_split: Fraction of the rows for test. None as above. Data that come with test rows
            take none.
        seed: Of drawn data and of the shuffle.
        groups: A column, or one value a row: rows with the same value are on one side of every split.
        order: A column or one value a row that says when the row was taken, or True for rows that stand in order of
            time: nothing is shuffled, and the last rows test.
        duplicates: "together" puts all rows with the same inputs on one side of every split; "keep" only tells of them.
        **options: Of the kind of source: `n` and `noise` of drawn sets, `drop` and `header` of
            tables, `task`, `n_classes`, `class_names` and `sample_weight` of arrays, `size`, `color` and `labels` of
            folders of pictures.

    Returns:
        The data set; `describe()` says what was decided.

    Raises:
        DataError: If the source is missing, of an unknown kind, or cannot be trained on.

    Example:
        >>> load("iris").splits.sizes
        (104, 23, 23)
    """
    require_seed(seed)
    fractions = {"validation_split": validation_split, "test_split": test_split}
    given = {name: value for name, value in {"target": target, **fractions}.items() if value is not None}
    ties = Ties(groups, order, duplicates)
    given = {**given, **({"seed": seed} if seed else {}), **ties.given, **options}
    if isinstance(source, Dataset):
        return _again(source, given)
    if isinstance(source, str) and _is_name(source):
        return _load_named(source, given, target=target, seed=seed, ties=ties, options=options, **fractions)
    if isinstance(source, str | Path) and Path(source).expanduser().is_dir():
        return _load_folder(
            Path(source).expanduser(), given, target=target, seed=seed, ties=ties, options=options, **fractions
        )
    if isinstance(source, str | Path):
        return _load_file(
            Path(source).expanduser(), given, target=target, seed=seed, ties=ties, options=options, **fractions
        )
    if is_frame(source):
        return _load_table(source, recipe=None, target=target, seed=seed, ties=ties, options=options, **fractions)
    if isinstance(source, tuple) and len(source) == 2:
        asked = options if target is None else {"target": target, **options}
        require_options(asked, _ARRAY_OPTIONS, source="arrays")
        raw = ties.on(_from_pairs(source, **options))
        return _split_arrays(raw, seed=seed, recipe=None, **fractions)
    raise DataError(
        "source-kind",
        what=text("Loading data"),
        expected=text("a name, a file, a frame, or a tuple (inputs, targets)"),
        received=verbatim(_kind(source)),
        fix=text("Give the targets along: `load((inputs, targets))`."),
    )


def _is_name(source: str) -> bool:
    """A catalogue name wins over a file of the same name; what looks like a path is no name."""
    if source.replace("_", "-").lower() in entries():
        return True
    path = Path(source).expanduser()
    return not path.suffix and len(path.parts) == 1 and not path.exists()


def _load_named(
    source: str,
    given: dict[str, Any],
    *,
    target: str | int | None,
    validation_split: Number | None,
    test_split: Number | None,
    seed: int,
    ties: Ties,
    options: dict[str, Any],
) -> Dataset:
    entry = find(source)
    if target is not None:
        options = {**options, "target": target}
    return assemble(
        ties.on(entry.draw(seed=seed, **options)),
        validation_split=entry.validation_split if validation_split is None else validation_split,
        test_split=entry.test_split if test_split is None else test_split,
        seed=seed,
        is_table=entry.is_table,
        recipe={"source": entry.name, "options": given},
    )


def _load_file(
    path: Path,
    given: dict[str, Any],
    *,
    target: str | int | None,
    validation_split: Number | None,
    test_split: Number | None,
    seed: int,
    ties: Ties,
    options: dict[str, Any],
) -> Dataset:
    _require_readable(path)
    if "kinds" in given:
        given = {**given, "kinds": kinds_words(given["kinds"])}
    is_plain = all(isinstance(value, str | int | float | list | dict | None) for value in given.values())
    recipe = {"source": str(path.resolve()), "options": given} if is_plain else None
    if path.suffix.lower() in _ARRAY_SUFFIXES:
        require_options(options, _ARRAY_OPTIONS, source=path.name)
        raw = ties.on(load_numpy_file(path, target=target, **options))
        return _split_arrays(raw, validation_split=validation_split, test_split=test_split, seed=seed, recipe=recipe)
    return _load_table(
        path,
        recipe=recipe,
        target=target,
        validation_split=validation_split,
        test_split=test_split,
        seed=seed,
        ties=ties,
        options=options,
    )


def _load_folder(
    path: Path,
    given: dict[str, Any],
    *,
    target: str | int | None,
    validation_split: Number | None,
    test_split: Number | None,
    seed: int,
    ties: Ties,
    options: dict[str, Any],
) -> Dataset:
    """Pictures; a validation part that they came with stays, as their test part does."""
    from backlit.data.images import read_folder  # imports Pillow

    require_options(options, _FOLDER_OPTIONS, source=path.name)
    raw = ties.on(read_folder(path, target=target, **options))
    comes_split = len(raw.splits.validation) > 0
    if comes_split and (validation_split or test_split):
        raise SettingError(
            "split-given",
            what=text("Splitting the data"),
            expected=text("no `validation_split` and no `test_split`, for these data come split"),
            received=verbatim(f"validation_split={validation_split}, test_split={test_split}"),
            fix=text("Leave them out, or rename the folder that validates."),
        )
    default_test = 0.0 if comes_split or raw.splits.has_own_test else DEFAULT_TEST_SPLIT
    default_validation = 0.0 if comes_split else DEFAULT_VALIDATION_SPLIT
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    return assemble(
        raw,
        validation_split=default_validation if validation_split is None else validation_split,
        test_split=default_test if test_split is None else test_split,
        seed=seed,
        recipe={"source": str(path.resolve()), "options": plain},
    )


def _load_table(
    source: Any,
    *,
    recipe: dict[str, Any] | None,
    target: str | int | None,
    validation_split: Number | None,
    test_split: Number | None,
    seed: int,
    ties: Ties,
    options: dict[str, Any],
) -> Dataset:
    require_options(options, _TABLE_OPTIONS, source=source.name if isinstance(source, Path) else "frame")
    if ties.columns:
        dropped = options.get("drop", ())
        options = {**options, "drop": [*([dropped] if isinstance(dropped, str) else dropped), *ties.columns]}
    table = read_table(source, target=target, **options)
    return assemble(
        ties.on(table.dataset, table),
        validation_split=DEFAULT_VALIDATION_SPLIT if validation_split is None else validation_split,
        test_split=DEFAULT_TEST_SPLIT if test_split is None else test_split,
        seed=seed,
        prepare=table.prepared,
        recipe=recipe,
    )


def _split_arrays(
    raw: Dataset,
    *,
    validation_split: Number | None,
    test_split: Number | None,
    seed: int,
    recipe: dict[str, Any] | None,
) -> Dataset:
    return assemble(
        raw, validation_split=validation_split or 0.0, test_split=test_split or 0.0, seed=seed, recipe=recipe
    )


def _from_pairs(source: tuple[Any, Any], **options: Any) -> Dataset:
    train, test = source
    if isinstance(train, tuple) and isinstance(test, tuple) and len(train) == len(test) == 2:
        return from_arrays(*train, test=test, **options)
    return from_arrays(train, test, **options)


def _again(source: Dataset, given: dict[str, Any]) -> Dataset:
    """The same data with other options: from its recipe, or, in memory, dealt out anew."""
    if not given:
        return source
    if source.recipe is not None:
        return load(source.recipe["source"], **{**source.recipe["options"], **given})
    n_train, n_validation, n_test = source.splits.sizes
    n_shared = n_train + n_validation if source.splits.has_own_test else len(source)
    kept = {
        "validation_split": n_validation / n_shared,
        "test_split": 0.0 if source.splits.has_own_test else n_test / n_shared,
    }
    fractions = {name: given.get(name, fraction) for name, fraction in kept.items()}
    tied = {name: given[name] for name in ("groups", "order", "duplicates") if name in given}
    other = set(given) - {*fractions, *tied, "seed"}
    if other or source.preparation is not None:
        raise SettingError(
            "dataset-options",
            what=text("Loading a Dataset again"),
            expected=text("`validation_split`, `test_split` or `seed`, for data that were not standardised"),
            received=verbatim(", ".join(f"`{name}`" for name in sorted(given))),
            fix=text("Load it from where it came, with those options."),
        )
    return assemble(Ties(**tied).on(source), **fractions, seed=given.get("seed", 0))


def _require_readable(path: Path) -> None:
    what = text("Loading `{path}`", path=path)
    if not path.exists():
        raise DataError(
            "file-missing",
            what=what,
            expected=text("a file that is there"),
            received=text("nothing at that place"),
            fix=text("Check the path; it is looked for in `{folder}`.", folder=path.resolve().parent),
        )
    if path.suffix.lower() not in (*TABLE_SUFFIXES, *_ARRAY_SUFFIXES):
        raise DataError(
            "file-kind",
            what=what,
            expected=verbatim(", ".join((*TABLE_SUFFIXES, *_ARRAY_SUFFIXES))),
            received=text("`{suffix}`", suffix=path.suffix),
            fix=text("Save it as CSV (UTF-8) or `.npz`."),
        )


def _kind(source: Any) -> str:
    return f"{type(source).__name__} {source.shape}" if isinstance(source, np.ndarray) else type(source).__name__
