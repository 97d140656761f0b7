r"""Rows of words in columns, for a terminal: a Chinese sign takes two places, and columns meet all the same.

>>> print("\n".join(columns([["层", "n"], ["dense", "12"]], right=(1,))))
层      n
dense  12
"""

from collections.abc import Collection, Sequence

GAP = 2  # places between columns


def columns(rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> list[str]:
    """Sets rows in columns.

    Args:
        rows: Words, as many in each row; the first may be a head.
        right: Columns that end flush, as numbers do.

    Returns:
        One line for each row, without spaces at its end.
    """
    from rich.cells import cell_len

    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for i, words in enumerate(row):
            space = " " * (widths[i] - cell_len(words))
            cells.append(space + words if i in right else words + space)
        lines.append((" " * GAP).join(cells).rstrip())
    return lines


def joined(size: Sequence[int | None]) -> str:
    """A shape with × between its sizes; `?` for a size that is not known.

    Args:
        size: The shape, without the batch.

    Returns:
        For example `28×28×1`; `1` for a single number.

    Example:
        >>> joined((28, 28, 1)), joined((None, 8)), joined(())
        ('28×28×1', '?×8', '1')
    """
    return "×".join("?" if n is None else str(n) for n in size) or "1"
