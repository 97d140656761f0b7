r"""Breaks Chinese Markdown into lines that fit a terminal.

Chinese has no spaces, so a renderer that breaks at spaces leaves half a line empty wherever a Latin word or a formula
stands. Here a line may break between any two Chinese signs, but not before a closing sign nor behind an opening one.

    >>> wrapped("权重乘以输入，再加上 `bias`。", columns=13).split("\\\n")
    ['权重乘以输', '入，再加上', '`bias`。']

Not for tables and code, which keep their lines.
"""

import re

from rich.cells import cell_len

_CLOSING = "，。、；：？！）」》”’…%,.;:?!)]"
_OPENING = "（「《“(["
_PIECE = re.compile(r"`[^`]*`|\*+|[\u2e80-\u9fff\uff00-\uffef、。“”…—]|\s+|[^\s`*\u2e80-\u9fff\uff00-\uffef、。“”…—]+")


def wrapped(line: str, *, columns: int) -> str:
    """Breaks one paragraph.

    Args:
        line: Markdown without line breaks.
        columns: Room for a line; a Chinese sign takes two.

    Returns:
        The lines, each but the last with Markdown's hard break.
    """
    lines: list[str] = []
    row, used = "", 0
    for unit in _units(line):
        size = cell_len(unit.replace("*", "").replace("`", ""))
        if row.strip() and used + (0 if unit.isspace() else size) > columns:
            lines.append(row.rstrip())
            row, used = "", 0
        if not row and unit.isspace():
            continue
        row, used = row + unit, used + size
    return "\\\n".join([*lines, row.rstrip()]) if len(lines) else row.rstrip()


def _units(line: str) -> list[str]:
    """What must stay together: a word, a piece of code, a sign with its punctuation."""
    units: list[str] = []
    for piece in _PIECE.findall(line):
        holds = bool(units) and not units[-1].isspace() and not piece.isspace()
        plain = units[-1].rstrip("*")[-1:] if units else ""
        if holds and (piece[0] in _CLOSING or plain in _OPENING or piece.startswith("*") or units[-1].endswith("*")):
            units[-1] += piece
        else:
            units.append(piece)
    return units


def reflowed(source: str, *, columns: int) -> str:
    """Breaks every paragraph, list item and quotation of a text, and leaves tables as they are.

    Args:
        source: Markdown without code blocks; a list item is one line.
        columns: Width of the terminal.

    Returns:
        Markdown with hard breaks.
    """
    out: list[str] = []
    lines: list[str] = []
    prefix = ""

    def flush() -> None:
        if lines:
            room = columns - (4 if prefix else 0)
            out.append(wrapped(_joined(lines), columns=room).replace("\n", f"\n{prefix}"))
            if prefix:
                out[-1] = prefix + out[-1]
            lines.clear()

    for line in source.split("\n"):
        item = re.match(r"(- |\d+\. )", line)
        starts = "> " if line.startswith(">") else ""
        if item or not line.strip() or line.startswith("|") or starts != prefix:
            flush()
        prefix = starts
        if item:
            broken = wrapped(line[item.end() :], columns=columns - 4)
            out.append(item[0] + broken.replace("\n", "\n" + " " * item.end()))
        elif not line.strip() or line.startswith("|"):
            out.append(line)
        else:
            lines.append(line.removeprefix(">").strip())
    flush()
    return "\n".join(out)


def _joined(lines: list[str]) -> str:
    """Sentences in a row; a space only between two that are not Chinese."""
    whole = lines[0]
    for line in lines[1:]:
        is_wide = cell_len(whole.rstrip("*`")[-1:]) > 1 or cell_len(line.lstrip("*`")[:1]) > 1
        whole += line if is_wide else f" {line}"
    return whole
