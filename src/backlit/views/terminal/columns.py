"""Text in columns, of which a Chinese sign takes two: how wide it is, cut or filled to a width, several in a row.

>>> columns("损失"), cut("confusion", 5), filled("损失", 6) + "|"
(4, 'conf…', '损失  |')
"""

from collections.abc import Sequence


def columns(words: str) -> int:
    """How wide words are.

    Args:
        words: Any.

    Returns:
        Columns.
    """
    from rich.cells import cell_len

    return cell_len(words)


def cut(words: str, width: int) -> str:
    """Words that are no wider than what there is; a sign says that some are missing.

    Args:
        words: Any.
        width: Columns, at least 1.

    Returns:
        The words, or their beginning.
    """
    if columns(words) <= width:
        return words
    kept = ""
    for sign in words:
        if columns(kept + sign) > width - 1:
            break
        kept += sign
    return f"{kept}…"


def filled(words: str, width: int, *, is_right: bool = False) -> str:
    """Words with blanks to a width.

    Args:
        words: Any.
        width: Columns.
        is_right: Whether the words stand at the right end.

    Returns:
        The words, no narrower than `width`.
    """
    blanks = " " * max(width - columns(words), 0)
    return blanks + words if is_right else words + blanks


def in_rows(words: Sequence[str], width: int) -> list[str]:
    """Entries side by side as far as a line goes.

    Args:
        words: At least one.
        width: Columns of a line.

    Returns:
        The lines.
    """
    rows = [words[0]]
    for one in words[1:]:
        if columns(rows[-1]) + 3 + columns(one) <= width:
            rows[-1] += f"   {one}"
        else:
            rows.append(one)
    return rows
