"""Pages as files: written beside their place and then moved there, so that no half page is ever found.

Not for what is in a page (see `page/` and `report.py`).
"""

import os
import tempfile
from pathlib import Path

from backlit.errors import SettingError
from backlit.language import Text, text
from backlit.views.page.document import MARK

SUFFIXES = (".html", ".htm")
HEAD_BYTES = 4096  # the mark of our pages stands in the first of them


def write_page(html: str, path: str | Path, *, what: Text) -> Path:
    """Writes a page whole or not at all.

    Args:
        html: The page.
        path: Where to; ends in `.html`, in a folder that is there. A file of that name is replaced.
        what: What is being done, for messages.

    Returns:
        The path.

    Raises:
        SettingError: If the path does not end in `.html`, its folder is missing, or it is a folder.
    """
    path = require_page_path(path, what=what)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html)
        umask = os.umask(0)  # mkstemp lets nobody else read; a page may be read like any file of the user's
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)  # gone already if all went well
    return path


def require_page_path(path: str | Path, *, what: Text) -> Path:
    """Refuses a path at which no page can be written, before anything is computed for it.

    Args:
        path: What the user gave.
        what: What is being done, for messages.

    Returns:
        The path.

    Raises:
        SettingError: If the path does not end in `.html`, its folder is missing, or it is a folder.
    """
    path = Path(path).expanduser()
    if path.suffix.lower() not in SUFFIXES or not path.parent.is_dir() or path.is_dir():
        raise SettingError(
            "page-path",
            what=what,
            expected=text("a path in an existing folder that ends in `.html`"),
            received=text("`{path}`", path=path),
            fix=text("Write for example `{example}`.", example="report.html"),
        )
    return path


def is_page(path: Path) -> bool:
    """Whether a file is a page that backlit wrote.

    Args:
        path: Of a file that is there.

    Returns:
        True for ours.
    """
    with path.open("rb") as file:
        return f'content="{MARK}"'.encode() in file.read(HEAD_BYTES)
