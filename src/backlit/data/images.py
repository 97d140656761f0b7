"""A folder of pictures as a data set: which class each has, one size and one kind of colour for all.

    load("pets")               pets/cat/*.jpg, pets/dog/*.png          classes by folder, 64 × 64 at most
    load("pets", size=32)      32 × 32
    load("faces", target="age")  faces/labels.csv: file,age             amounts, so regression

| what | chosen, unless asked otherwise |
| --- | --- |
| size | the pictures' own if it is one; else the median height and width; both scaled down to `MOST_SIDE_UNASKED` |
| colours | grey if every picture is grey, else red, green, blue |
| values | float32 from 0 (black) to 1 (white) |

Headers are read first, pixels afterwards, straight into the array. A file that cannot be read is rejected and counted;
if that happens to more than half of the pictures, the folder is not what was meant, and nothing is loaded.

Not for single files (see `pictures.py`) nor for how folders are understood (see `image_layout.py`).
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from backlit.data.dataset import Dataset, Splits
from backlit.data.image_files import by_number, is_picture_name
from backlit.data.image_labels import lay_out_table
from backlit.data.image_layout import PART_NAMES, LabelledFile, find_table, lay_out_folders, unwrapped
from backlit.data.options import require_choice, require_count
from backlit.data.picture_preparation import PicturePreparation, read_all, require_memory
from backlit.data.pictures import Header, Unreadable, quiet_pillow, read_header
from backlit.data.preparation import Rejected
from backlit.data.raw_table import RawTable, reasons_shown
from backlit.data.target_column import TargetColumn, read_target
from backlit.errors import DataError, SettingError
from backlit.language import Text, listed, text, verbatim

MOST_SIDE_UNASKED = 64
"""Pixels that larger pictures are scaled down to. Source: ours; a first CNN trains on them in minutes."""

MOST_SIDE_ASKED = 1024
"""Pixels that `size` may ask for. Source: ours."""

MOST_REJECTED_FRAC = 0.5
"""Of files that say they are pictures. Source: ours, a convention."""

COLORS = ("grey", "rgb")

Found: TypeAlias = tuple[LabelledFile, Header]
"""A file that begins like a picture, and what it says of itself."""


def read_folder(
    folder: Path,
    *,
    target: str | int | None = None,
    labels: Any = None,
    task: str | None = None,
    size: Any = None,
    color: str | None = None,
) -> Dataset:
    """The pictures of a folder with their classes or amounts.

    Args:
        folder: Classes as folders, or pictures with a table of labels.
        target: Column of the labels, where there is a table.
        labels: Name of that table; None looks for `labels.csv`, or takes the only one.
        task: "classification" or "regression"; None to tell from the labels.
        size: Pixels of height and width, or (height, width); None chooses.
        color: "grey" or "rgb"; None chooses.

    Returns:
        All pictures, with the splits that the folders say, else none split off yet.

    Raises:
        DataError: If the folder holds no pictures with labels, or too many that cannot be read.
    """
    asked_size = None if size is None else _require_size(size)
    if color is not None:
        require_choice("color", color, COLORS)
    root = folder if labels is not None else unwrapped(folder)
    table = find_table(root, None if labels is None else str(labels))
    if table is not None:
        layout = lay_out_table(root, table, target=target)
    else:
        _require_no_target(folder, target, task)
        layout = lay_out_folders(root)
    found, rejected = _read_headers(layout.files)
    rejected = [*layout.rejected, *rejected]
    _require_pictures(folder, len(found), rejected)
    height, width = asked_size or _chosen_size([header for _, header in found])
    is_grey = color == "grey" or (color is None and all(header.is_grey for _, header in found))
    preparation = PicturePreparation(height, width, 1 if is_grey else 3)
    require_memory(len(found), preparation, folder)
    pixels, found, broken = _read_pixels(found, preparation)
    rejected += broken
    _require_pictures(folder, len(found), rejected)
    if not is_grey and color is None and _shows_no_colour(pixels):
        pixels, preparation = pixels[..., :1], PicturePreparation(height, width, 1)
    targets = _read_targets(root, [file.label for file, _ in found], task=task, column=layout.column)
    if not targets.is_kept.all():  # labels that are no amounts
        rejected += [Rejected(found[int(one.place)][0].name, one.reason) for one in targets.rejected]
        pixels = pixels[targets.is_kept]
        found = [one for one, is_kept in zip(found, targets.is_kept, strict=True) if is_kept]
    return Dataset(
        root.resolve().name,
        preparation.apply(pixels),
        targets.values[targets.is_kept],
        task=targets.task,
        splits=_splits([file for file, _ in found]),
        class_names=targets.class_names,
        preparation=preparation,
        notes=(*layout.notes, *_notes(found, preparation, is_asked=asked_size is not None)),
        rejected=tuple(sorted(rejected, key=lambda one: str(one.place))),
        places=tuple(file.name for file, _ in found),
    )


def _require_size(size: Any) -> tuple[int, int]:
    sides = [size, size] if not isinstance(size, list | tuple) else list(size)
    if len(sides) != 2:
        raise SettingError(
            "size-sides",
            what=text("Reading the option `{name}`", name="size"),
            expected=text("one number of pixels, or two: height and width"),
            received=verbatim(repr(size)),
            fix=text("Write for example `{words}`.", words="size=64"),
        )
    height, width = (require_count("size", side, most=MOST_SIDE_ASKED) for side in sides)
    return height, width


def _require_no_target(folder: Path, target: str | int | None, task: str | None) -> None:
    if target is not None or task not in (None, "classification"):
        raise SettingError(
            "folder-target",
            what=text("Reading the folder `{path}`", path=folder),
            expected=text("a table `labels.csv` in it, whose column `target` names"),
            received=text("folders, whose names are the classes"),
            fix=text("Leave `target` and `task` out, or add the table."),
        )


def _read_headers(files: Sequence[LabelledFile]) -> tuple[list[Found], list[Rejected]]:
    found, rejected = [], []
    with quiet_pillow():
        for one in files:
            try:
                found.append((one, read_header(one.path)))
            except Unreadable as fault:
                rejected.append(Rejected(one.name, fault.reason))
    return found, rejected


def _require_pictures(folder: Path, n_found: int, rejected: list[Rejected]) -> None:
    """Raise if nothing is left, or more than half of what says to be a picture is none.

    Raises:
        DataError: If so.
    """
    n_lost = sum(is_picture_name(Path(str(one.place).removesuffix(")"))) for one in rejected)  # "labels.csv:7 (a.png)"
    if n_found and n_lost <= MOST_REJECTED_FRAC * (n_lost + n_found):
        return
    reasons = reasons_shown(rejected, "file")
    what = text("Reading the folder `{path}`", path=folder)
    fix = text("Look at these files, or give another folder.")
    if n_found:
        raise DataError(
            "pictures-rejected",
            what=what,
            expected=text("pictures of which at least half can be read"),
            received=text("{n} of {all} that cannot: {reasons}", n=n_lost, all=n_lost + n_found, reasons=reasons),
            fix=fix,
        )
    raise DataError(
        "pictures-none",
        what=what,
        expected=text("at least 1 picture (PNG, JPEG, WebP, BMP or GIF)"),
        received=text("{n} files that are none: {reasons}", n=len(rejected), reasons=reasons)
        if rejected
        else text("no file"),
        fix=fix,
    )


def _chosen_size(headers: list[Header]) -> tuple[int, int]:
    """The median height and width (the size itself where there is one), scaled down together if they are large."""
    height = float(np.median([header.height for header in headers]))
    width = float(np.median([header.width for header in headers]))
    scale = min(1.0, MOST_SIDE_UNASKED / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _read_pixels(found: list[Found], preparation: PicturePreparation) -> tuple[np.ndarray, list[Found], list[Rejected]]:
    """The pixels of all that can be read, which pictures those are, and why the others are not."""
    pixels = np.empty((len(found), *preparation.coded_shape), np.uint8)
    kept, rejected = [], []
    for one, read in zip(found, read_all([file.path for file, _ in found], preparation), strict=True):
        if isinstance(read, Text):
            rejected.append(Rejected(one[0].name, read))
        else:
            pixels[len(kept)] = read
            kept.append(one)
    return pixels[: len(kept)], kept, rejected


def _shows_no_colour(pixels: np.ndarray) -> bool:
    """Whether red, green and blue are equal everywhere: grey pictures that were saved as coloured ones."""
    return all(bool((one == one[..., :1]).all()) for one in pixels)


def _read_targets(folder: Path, words: list[str], *, task: str | None, column: str) -> TargetColumn:
    """The targets: labels of a table as any table's target column, else the folders as classes."""
    if column:
        table = RawTable(str(folder), pl.DataFrame({column: words}), np.arange(len(words)), place_name="row")
        return read_target(table, column, task, {})
    names = tuple(sorted(set(words), key=by_number))
    if len(names) < 2:
        raise DataError(
            "folder-one-class",
            what=text("Reading the folder `{path}`", path=folder),
            expected=text("pictures of at least 2 classes"),
            received=text("{n} pictures of 1 class, `{name}`", n=len(words), name=words[0]),
            fix=text("Give the folder that holds the folders of all classes."),
        )
    ids = {name: i for i, name in enumerate(names)}
    values = np.array([ids[word] for word in words], np.int32)
    return TargetColumn(values, "classification", names, np.ones(len(words), bool), ())


def _splits(files: list[LabelledFile]) -> Splits:
    rows = {part: [i for i, one in enumerate(files) if one.part == part] for part in PART_NAMES}
    if not rows["train"]:
        return Splits.of_rows(range(len(files)))
    return Splits.of_rows(*rows.values(), has_own_test=bool(rows["test"]))


def _notes(found: list[Found], preparation: PicturePreparation, *, is_asked: bool) -> list[Text]:
    headers = [header for _, header in found]
    notes = [_size_note(headers, preparation, is_asked=is_asked)]
    n_grey = sum(header.is_grey for header in headers)
    if preparation.n_channels == 1:
        notes.append(text("Colours: grey, 1 channel"))
    elif n_grey:
        notes.append(text("Colours: red, green, blue; {n} pictures are grey", n=n_grey))
    else:
        notes.append(text("Colours: red, green, blue"))
    n_alpha, n_turned = sum(header.has_alpha for header in headers), sum(header.is_turned for header in headers)
    n_deep, n_cmyk = sum(header.is_deep for header in headers), sum(header.is_cmyk for header in headers)
    if n_alpha:
        notes.append(text("See-through parts: laid on white in {n} pictures", n=n_alpha))
    if n_turned:
        notes.append(text("Turned upright by their EXIF entry: {n} pictures", n=n_turned))
    if n_deep:
        notes.append(text("16 bits a pixel: brought to 8 in {n} pictures", n=n_deep))
    if n_cmyk:
        notes.append(text("Printer's colours (CMYK): converted without their profile in {n} pictures", n=n_cmyk))
    odd: list[str] = [file.name for file, header in found if not _is_named(file.path, header.format)]
    if odd:
        notes.append(text("Ending and content differ: {n} files, read by content, first `{name}`",
                          n=len(odd), name=odd[0]))  # fmt: skip
    return notes


def _size_note(headers: list[Header], preparation: PicturePreparation, *, is_asked: bool) -> Text:
    kinds = listed(
        f"{'WebP' if kind == 'WEBP' else kind} {n}"
        for kind, n in Counter(header.format for header in headers).most_common()
    )
    size = f"{preparation.height} × {preparation.width}"
    heights, widths = [header.height for header in headers], [header.width for header in headers]
    if set(zip(heights, widths, strict=True)) == {(preparation.height, preparation.width)}:
        return text("Pictures: {kinds}; all {size} pixels (height × width)", kinds=kinds, size=size)
    own = f"{min(heights)} × {min(widths)} … {max(heights)} × {max(widths)}"
    words = {"kinds": kinds, "own": own, "size": size}
    if is_asked:
        return text("Pictures: {kinds}; {own} pixels, scaled and cut at both ends to {size}, as asked", **words)
    return text(
        "Pictures: {kinds}; {own} pixels, scaled and cut at both ends to {size}; another size with `size=…`", **words
    )


def _is_named(path: Path, kind: str) -> bool:
    """Whether a file's ending says what it holds."""
    endings = {"JPEG": (".jpg", ".jpeg", ".jpe", ".jfif")}
    return path.suffix.lower() in endings.get(kind, (f".{kind.lower()}",))
