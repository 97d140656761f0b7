"""Tables about data: classes with bars, columns, rows that could not be read."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text as Styled

from backlit.data.describe import KIND_WORDS
from backlit.data.overview import ClassRow
from backlit.data.preparation import Rejected
from backlit.data.table_summary import ColumnSummary
from backlit.language import Text, say, text, verbatim

BAR = 20  # columns of the longest bar
MOST_CLASSES = 20
MOST_COLUMNS = 40
MOST_REJECTED = 10


def draw_classes(rows: Sequence[ClassRow], *, has_parts: bool) -> Table:
    """Classes with their rows, and a bar as long as their share.

    Args:
        rows: In the order of the class ids.
        has_parts: Whether validation or test has rows.

    Returns:
        The table.
    """
    table = _plain_table()
    table.add_column(say(text("class")), overflow="fold")
    table.add_column(say(text("rows")), justify="right", no_wrap=True)
    table.add_column(say(text("share")), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, min_width=BAR)
    heads = [text("train"), text("validation"), text("test")] if has_parts else []
    for head in heads:
        table.add_column(say(head), justify="right", no_wrap=True)
    largest = max((row.n_rows for row in rows), default=1) or 1
    for row in rows[:MOST_CLASSES]:
        bar = "█" * max(round(BAR * row.n_rows / largest), 1 if row.n_rows else 0)
        parts = [str(n) for n in row.n_by_part] if has_parts else []
        table.add_row(Styled(row.name), str(row.n_rows), f"{row.frac:.1%}", bar, *parts)
    if len(rows) > MOST_CLASSES:
        table.add_row(say(text("and {n} more", n=len(rows) - MOST_CLASSES)))
    return table


def draw_columns(rows: Sequence[ColumnSummary]) -> Table:
    """Columns: what they are, what they are for, what is missing, what they hold.

    Args:
        rows: In the order of the file.

    Returns:
        The table.
    """
    table = _plain_table()
    heads = [text("column"), text("kind"), text("role"), text("missing"), text("distinct"), text("holds")]
    for i, head in enumerate(heads):
        table.add_column(say(head), justify="right" if i in (3, 4) else "left", overflow="fold", no_wrap=i in (3, 4))
    for row in rows[:MOST_COLUMNS]:
        cells = [
            Styled(row.name),
            say(KIND_WORDS.get(row.kind, verbatim(row.kind))),
            say(_role(row.role)),
            str(row.n_missing),
            str(row.n_distinct),
        ]
        table.add_row(*cells, Styled(_content(row)))
    if len(rows) > MOST_COLUMNS:
        table.add_row(say(text("and {n} more", n=len(rows) - MOST_COLUMNS)))
    return table


def draw_rejected(rows: Sequence[Rejected]) -> Table:
    """Rows or files that could not be read, and why.

    Args:
        rows: All of them; the first are shown.

    Returns:
        The table.
    """
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows[:MOST_REJECTED]:
        table.add_row(Styled(f"  {row.place}"), Styled(say(row.reason)))
    if len(rows) > MOST_REJECTED:
        table.add_row(f"  {say(text('and {n} more', n=len(rows) - MOST_REJECTED))}")
    return table


def _content(row: ColumnSummary) -> str:
    if row.low:
        return f"{row.low} … {row.high}"
    return ", ".join(f"{value} {n}" for value, n in row.top)


def _role(role: str) -> Text:
    known = {"input": text("input"), "target": text("target"), "left out": text("left out")}
    return known.get(role, verbatim(role))


def _plain_table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
