"""Where runs lie on disk, and what is said when the disk does not take them.

    HOME/runs.sqlite          one row a run: all that a list of runs shows
    HOME/runs/RUN/…           its numbers (see `files.py`)

HOME is `BACKLIT_HOME`, else the user's data folder (`XDG_DATA_HOME` where the system has that).

Not for what is written there.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backlit.errors import StoreError
from backlit.language import Text, text, verbatim

MEGABYTE = 1_000_000


def store_home() -> Path:
    """The folder of the store, which need not be there yet.

    Returns:
        `BACKLIT_HOME`, else the user's data folder.
    """
    chosen = os.environ.get("BACKLIT_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("backlit", appauthor=False))


def require_writable_folder(folder: Path) -> None:
    """Makes the folder if needed and writes a few bytes into it, to know now and not after an hour of training.

    Args:
        folder: The folder of the store.

    Raises:
        StoreError: If a file is in the way, or nothing can be written.
    """
    with explained(folder, text("Opening the store")):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"backlit")
            file.flush()


def require_space(folder: Path, n_bytes: int) -> None:
    """Asks the disk for room before anything is written.

    Args:
        folder: The folder of the store.
        n_bytes: What is about to be written.

    Raises:
        StoreError: If the disk has less.
    """
    if shutil.disk_usage(folder).free < n_bytes:
        raise full_disk(folder, text("Keeping the run"), n_bytes)


@contextlib.contextmanager
def explained(folder: Path, what: Text, *, n_bytes: int = 0) -> Iterator[None]:
    """Turns what the operating system says into a sentence about the store.

    Args:
        folder: The folder of the store.
        what: What is being done.
        n_bytes: How much is being written, for the message about a full disk.

    Yields:
        Nothing; errors inside come out explained.

    Raises:
        StoreError: If the operating system refuses.
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full_disk(folder, what, n_bytes) from error
        if error.errno in (errno.EEXIST, errno.ENOTDIR):
            raise StoreError(
                "store-file-in-the-way",
                what=what,
                expected=text("`{path}` to be a folder", path=folder),
                received=text("a file at `{path}`", path=_file_in_the_way(folder)),
                fix=text("Move the file away, or set BACKLIT_HOME to another folder."),
            ) from error
        raise StoreError(
            "store-not-writable",
            what=what,
            expected=text("a folder that can be written, `{path}`", path=folder),
            received=verbatim(error.strerror or type(error).__name__),
            fix=text("Set BACKLIT_HOME to a folder of your own, or pass `save=False` to keep nothing."),
        ) from error


def full_disk(folder: Path, what: Text, n_bytes: int) -> StoreError:
    """What is said when the disk is full.

    Args:
        folder: The folder of the store.
        what: What was being done.
        n_bytes: How much had to be written.

    Returns:
        The error, to be raised.
    """
    return StoreError(
        "store-full",
        what=what,
        expected=text("{need:.1f} MB free under `{path}`", need=n_bytes / MEGABYTE, path=folder),
        received=text("{free:.1f} MB, the disk is full", free=shutil.disk_usage(_existing(folder)).free / MEGABYTE),
        fix=text("Delete old runs (`backlit delete RUN`), or set BACKLIT_HOME to a folder on another disk."),
    )


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _file_in_the_way(folder: Path) -> Path:
    return next((path for path in (folder, *folder.parents) if path.is_file()), folder)
