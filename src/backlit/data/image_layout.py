"""Which pictures there are below a folder, which class each has, and which part it belongs to, told from names alone.

    pets/cat/1.png  pets/dog/2.jpg              a class is a folder; what lies deeper belongs to it
    pets/train/cat/…  pets/test/cat/…           split already: train, validation (val, valid, dev), test
    pets/labels.csv  pets/1.png  pets/2.jpg     a table of file names and labels (see `image_labels.py`)
    pets/pets/cat/…                             one folder around all of it, as archives leave it, is looked through

Not for opening the files: see `images.py`.
"""

from dataclasses import dataclass
from pathlib import Path

from backlit.data.image_files import entries_in, files_in, folders_in, is_picture_name, name_below
from backlit.data.preparation import Rejected
from backlit.errors import DataError
from backlit.language import Text, listed, text

PART_NAMES = {
    "train": ("train", "training", "训练", "训练集"),
    "validation": ("validation", "val", "valid", "dev", "验证", "验证集"),
    "test": ("test", "testing", "测试", "测试集"),
}
"""How folders are called that hold one part of the data."""

TABLE_SUFFIXES = (".csv", ".tsv")
LABELS_NAMES = ("labels", "label", "标签")

_MOST_WRAPPERS = 3


@dataclass(frozen=True)
class LabelledFile:
    """A file, and what it is said to show.

    Attributes:
        path: Where it is.
        name: The same, below the folder, with `/`.
        label: A class or an amount, as it is written.
        part: A key of `PART_NAMES`, or "" if the data are not split.
    """

    path: Path
    name: str
    label: str
    part: str = ""


@dataclass(frozen=True)
class Layout:
    """All files of a folder that are to be read.

    Attributes:
        files: In a fixed order.
        rejected: Files and lines of the table that cannot be used.
        notes: What was decided.
        column: Of the labels in their table; "" if folders are the classes.
    """

    files: tuple[LabelledFile, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[Text, ...]
    column: str = ""


def unwrapped(folder: Path) -> Path:
    """The folder itself, or the one inside it that holds everything.

    Args:
        folder: As the user named it.

    Returns:
        A folder with classes, parts, pictures or a table.
    """
    for _ in range(_MOST_WRAPPERS):
        inside = folders_in(folder)
        if len(inside) != 1 or _has_content(folder) or not (folders_in(inside[0]) or tables_in(inside[0])):
            break
        folder = inside[0]
    return folder


def tables_in(folder: Path) -> list[Path]:
    """Tables right in a folder.

    Args:
        folder: Where to look.

    Returns:
        Sorted.
    """
    return [path for path in _files(folder) if path.suffix.lower() in TABLE_SUFFIXES]


def find_table(folder: Path, labels: str | None) -> Path | None:
    """The table that labels the pictures, if there is one.

    Args:
        folder: With the pictures.
        labels: Its name, as the user gave it, or None.

    Returns:
        Its path; None if folders are the classes.

    Raises:
        DataError: If it is not there, or it cannot be told which it is.
    """
    if labels is not None:
        path = folder / labels
        if not path.is_file():
            raise DataError(
                "labels-missing",
                what=text("Reading the folder `{path}`", path=folder),
                expected=text("the table `{name}` in it", name=labels),
                received=text("tables {names}", names=listed(f"`{table.name}`" for table in tables_in(folder)))
                if tables_in(folder)
                else text("no table"),
                fix=text("Give its path from that folder on: `labels=labels.csv`."),
            )
        return path
    tables = tables_in(folder)
    named = [table for table in tables if table.stem.lower() in LABELS_NAMES]
    if named:
        return named[0]
    has_classes = sum(bool(files_in(inside)[0]) for inside in folders_in(folder)) > 1
    has_pictures = any(is_picture_name(path) for path in _files(folder))
    if not tables or (has_classes and not has_pictures):
        return None
    if len(tables) > 1:
        raise DataError(
            "labels-which",
            what=text("Reading the folder `{path}`", path=folder),
            expected=text("one table of labels"),
            received=text("tables {names}", names=listed(f"`{table.name}`" for table in tables)),
            fix=text("Say which: `labels={name}`.", name=tables[0].name),
        )
    return tables[0]


def part_of(name: str) -> str:
    """Which part of the data a folder holds, by its name.

    Args:
        name: Of the folder.

    Returns:
        A key of `PART_NAMES`, or "".
    """
    return next((part for part, names in PART_NAMES.items() if name.lower() in names), "")


def lay_out_folders(folder: Path) -> Layout:
    """The files of a folder whose sub-folders are classes, or parts with classes in them.

    Args:
        folder: Unwrapped.

    Returns:
        The files with their classes.

    Raises:
        DataError: If there are no folders to be classes.
    """
    parts = _parts(folder)
    files: list[LabelledFile] = []
    rejected: list[Rejected] = []
    notes: list[Text] = []
    for base, part in parts.items() if parts else [(folder, "")]:
        classes = folders_in(base)
        if not classes and part == "test":
            n = len([path for path in _files(base) if is_picture_name(path)])
            notes.append(text("Folder `{name}`: no classes in it; its {n} pictures are left out", name=base.name, n=n))
            continue
        if not classes:
            raise _no_classes(base)
        for one in classes:
            found, closed = files_in(one)
            label = name_below(one, base)
            files += [LabelledFile(path, name_below(path, folder), label, part) for path in found]
            rejected += [Rejected(name_below(one / str(shut.place), folder), shut.reason) for shut in closed]
            if not found:
                notes.append(text("Folder `{name}`: empty, so no class", name=name_below(one, folder)))
        beside = [path for path in _files(base) if is_picture_name(path)]
        reason = text("lies beside the classes' folders")
        rejected += [Rejected(name_below(path, folder), reason) for path in beside]
    if parts:
        names = listed(f"`{base.name}`" for base in parts)
        notes.insert(0, text("Splits: the folders {names}; the folders in them are the classes", names=names))
    else:
        notes.insert(0, text("Classes: the folders in `{name}`", name=folder.name))
    return Layout(tuple(files), tuple(rejected), tuple(notes))


def _parts(folder: Path) -> dict[Path, str]:
    """Folders that hold one part each, the training part first; none unless there is one and another."""
    found = {path: part_of(path.name) for path in folders_in(folder)}
    is_split = len(found) > 1 and "train" in found.values() and "" not in found.values()
    if not is_split or len(set(found.values())) < len(found):
        return {}
    order = list(PART_NAMES)
    return dict(sorted(found.items(), key=lambda item: order.index(item[1])))


def _files(folder: Path) -> list[Path]:
    return [path for path in entries_in(folder) if not path.is_dir()]


def _has_content(folder: Path) -> bool:
    return bool(tables_in(folder)) or any(is_picture_name(path) for path in _files(folder))


def _no_classes(folder: Path) -> DataError:
    n = len([path for path in _files(folder) if is_picture_name(path)])
    return DataError(
        "folder-classes",
        what=text("Reading the folder `{path}`", path=folder),
        expected=text("a folder for each class, or a table `labels.csv` of file names and labels"),
        received=text("{n} pictures, no folder and no table", n=n),
        fix=text("Put the pictures of each class into a folder that is named like the class."),
    )
