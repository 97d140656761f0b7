"""Files below a folder, always in the same order, and which of them serve another purpose than being data.

Left out without a word: hidden files and those that systems put beside pictures (`Thumbs.db`, `.DS_Store`, `__MACOSX`).
Links are followed, each folder once; a link to a folder above itself is left out, or every file would be in it.

Not for what the files hold: see `pictures.py`.
"""

import os
from pathlib import Path

from backlit.data.pictures import SUFFIXES
from backlit.data.preparation import Rejected
from backlit.errors import DataError
from backlit.language import text

MOST_FILES = 200_000
"""In one folder and those below it; more is most likely the wrong folder. Source: ours."""

_OF_SYSTEMS = ("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r")


def files_in(folder: Path) -> tuple[list[Path], list[Rejected]]:
    """All files in a folder and in those below it.

    Args:
        folder: Where to look.

    Returns:
        The files, sorted by their path; folders that may not be looked into.

    Raises:
        DataError: If there are far too many.
    """
    found: list[Path] = []
    closed: list[Rejected] = []
    seen: set[tuple[int, int]] = set()

    def closed_to_us(fault: OSError) -> None:
        place = Path(str(fault.filename))
        closed.append(Rejected(name_below(place, folder), text("may not be read")))

    for here, folders, names in os.walk(folder, followlinks=True, onerror=closed_to_us):
        state = os.stat(here)
        key = (state.st_dev, state.st_ino)
        if key in seen:
            folders.clear()
            continue
        seen.add(key)
        folders[:] = [name for name in folders if not is_hidden(name) and not _leads_up(Path(here, name))]
        found += [Path(here, name) for name in names if not is_hidden(name)]
        if len(found) > MOST_FILES:
            raise DataError(
                "folder-large",
                what=text("Reading the folder `{path}`", path=folder),
                expected=text("at most {n:,} files", n=MOST_FILES),
                received=text("more"),
                fix=text("Give the folder that holds the pictures."),
            )
    return sorted(found, key=lambda path: path.relative_to(folder).parts), closed


def folders_in(folder: Path) -> list[Path]:
    """Folders right below a folder, the hidden left out.

    Args:
        folder: Where to look.

    Returns:
        Sorted; numbers as numbers, so that 2 comes before 10.
    """
    found = [path for path in entries_in(folder) if path.is_dir() and not _leads_up(path)]
    return sorted(found, key=lambda path: by_number(path.name))


def entries_in(folder: Path) -> list[Path]:
    """What lies right in a folder, the hidden left out.

    Args:
        folder: Where to look; one that may not be looked into holds nothing.

    Returns:
        Sorted.
    """
    try:
        return sorted(path for path in folder.iterdir() if not is_hidden(path.name))
    except PermissionError:
        return []


def name_below(path: Path, folder: Path) -> str:
    """What a file is called from a folder on.

    Args:
        path: In the folder.
        folder: Where names begin.

    Returns:
        With `/`; what is no UTF-8 as question marks, for tables and terminals take no other.
    """
    return path.relative_to(folder).as_posix().encode("utf-8", "replace").decode("utf-8")


def by_number(name: str) -> tuple[int, int, str]:
    """A key to sort names by: whole numbers first, by their size, then the others by their signs.

    Args:
        name: Any.

    Returns:
        The key.

    Example:
        >>> sorted(["10", "b", "2", "a"], key=by_number)
        ['2', '10', 'a', 'b']
    """
    return (0, int(name), name) if name.isascii() and name.isdigit() and len(name) < 19 else (1, 0, name)


def is_hidden(name: str) -> bool:
    """Whether a file or folder is hidden, or a system's own.

    Args:
        name: Without its folder.

    Returns:
        True for `.git` and `Thumbs.db`.
    """
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def is_picture_name(path: Path) -> bool:
    """Whether a file says by its ending that it is a picture.

    Args:
        path: The file.

    Returns:
        True for `a.PNG`.
    """
    return path.suffix.lower() in SUFFIXES


def _leads_up(path: Path) -> bool:
    """Whether this is a link to a folder in which it lies itself."""
    return path.is_symlink() and path.parent.resolve().is_relative_to(path.resolve())
