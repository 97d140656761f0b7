"""A table of file names and labels, for pictures that lie in no class's folder.

    file,label             file names from the table's folder on; without an ending, or without their folder, if that
    1.png,cat              is enough to tell which file is meant
    walks/2.jpg,dog

| column | is taken from |
| --- | --- |
| file name | a column called file, filename, path, image, … ; else the one whose cells are most often files |
| label | `target`; else a column called label, target, class, …; else the last other one |

Lines without a label, without a file, or for a file that had its line, are rejected and counted.
"""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from backlit.data.csv_file import MISSING, read_csv
from backlit.data.image_files import files_in, is_picture_name, name_below
from backlit.data.image_layout import TABLE_SUFFIXES, LabelledFile, Layout, part_of
from backlit.data.preparation import Rejected
from backlit.data.raw_table import RawTable
from backlit.data.target_column import target_column
from backlit.errors import DataError
from backlit.language import Text, listed, text

FILE_NAMES = (
    "file", "filename", "file_name", "filepath", "file_path", "path", "image", "image_name", "image_path", "img",
    "picture", "文件", "文件名", "路径", "图片", "图像",
)  # fmt: skip
"""A column of this name holds file names."""


def lay_out_table(folder: Path, table: Path, *, target: str | int | None) -> Layout:
    """The files that a table names, with its labels.

    Args:
        folder: With the pictures.
        table: The table.
        target: Column of the labels, by name or position, or None.

    Returns:
        The files in the order of the table.

    Raises:
        DataError: If no column holds names of files.
    """
    files, closed = files_in(folder)
    paths = {name_below(path, folder): path for path in files if path.suffix.lower() not in TABLE_SUFFIXES}
    known = _Names(list(paths))
    rows = read_csv(table)
    if rows.has_header and any(is_picture_name(Path(one)) and known.find(one) for one in rows.cells.columns):
        rows = read_csv(table, header=False)  # the first line names a file, not a column
    file_column = _file_column(rows, known)
    label_column, why = target_column(replace(rows, cells=rows.cells.drop(file_column)), target)
    found: list[LabelledFile] = []
    rejected = [*closed, *(Rejected(f"{table.name}:{one.place}", one.reason) for one in rows.rejected)]
    lines_of: dict[str, int] = {}
    cells = zip(rows.places.tolist(), rows.cells[file_column], rows.cells[label_column], strict=True)
    for line, cell, label in cells:
        matches = known.find(cell)
        fault = _fault(matches, label, lines_of)
        if fault is not None:
            rejected.append(Rejected(f"{table.name}:{line} ({cell})", fault))
            continue
        lines_of[matches[0]] = line
        found.append(LabelledFile(paths[matches[0]], matches[0], label, part_of(matches[0].split("/")[0])))
    parts = {one.part for one in found}
    notes = [why, text("File names: column `{column}` of `{table}`", column=file_column, table=table.name)]
    if "train" in parts and "" not in parts and len(parts) > 1:
        notes.append(text("Splits: the folders that the files lie in"))
    else:
        found = [LabelledFile(one.path, one.name, one.label) for one in found]
    n_unlisted = sum(is_picture_name(path) and name not in lines_of for name, path in paths.items())
    if n_unlisted:
        notes.append(text("Without a line in `{table}`: {n} pictures, left out", table=table.name, n=n_unlisted))
    return Layout(tuple(found), tuple(rejected), tuple(notes), column=label_column)


class _Names:
    """Files by all the names that a table may call them.

    Args:
        names: Below the folder, with `/`.
    """

    def __init__(self, names: list[str]) -> None:
        self._by: list[dict[str, list[str]]] = [{}, {}, {}, {}]
        for name in names:
            path = PurePosixPath(name)
            for by, key in zip(self._by, (name, str(path.with_suffix("")), path.name, path.stem), strict=True):
                by.setdefault(key, []).append(name)

    def find(self, cell: str) -> list[str]:
        """The files that may be meant: by path, path without ending, name, name without ending."""
        wanted = cell.strip().replace("\\", "/").removeprefix("./")
        return next((by[wanted] for by in self._by if wanted in by), [])


def _fault(matches: list[str], label: str, lines_of: dict[str, int]) -> Text | None:
    if not matches:
        return text("no such file")
    if len(matches) > 1:
        return text("{n} files of this name", n=len(matches))
    if matches[0] in lines_of:
        return text("listed before, in line {line}", line=lines_of[matches[0]])
    if label.strip().lower() in MISSING:
        return text("no label")
    return None


def _file_column(rows: RawTable, known: _Names) -> str:
    columns = rows.cells.columns
    counts = {column: sum(bool(known.find(cell)) for cell in rows.cells[column]) for column in columns}
    named = [column for column in columns if column.lower() in FILE_NAMES and counts[column]]
    best = named[0] if named else max(columns, key=lambda column: counts[column])
    if not counts[best] or len(columns) < 2:
        raise DataError(
            "labels-files",
            what=text("Reading `{path}`", path=rows.name),
            expected=text("a column with names of files in that folder, and one with labels"),
            received=text(
                "columns {names}, first line: {cells}",
                names=listed(f"`{column}`" for column in columns),
                cells=", ".join(rows.cells.row(0)),
            )
            if len(rows.cells)
            else text("no line"),
            fix=text("Write the file names as they are called from that folder on."),
        )
    return best
