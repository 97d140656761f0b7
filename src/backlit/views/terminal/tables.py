"""Tables of the terminal: settings in pairs, a population by its axes, predictions, stored runs.

Each takes plain values; a wide table drops no column, it folds cells.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table

from backlit.language import Text, say, text
from backlit.views.terminal.words import metric_words, number


def draw_pairs(pairs: Iterable[tuple[Text, str]]) -> Table:
    """Names and what they are, one pair a line.

    Args:
        pairs: Name and value.

    Returns:
        The table.
    """
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(say(name), value)
    return table


def draw_summary(rows: Sequence[Mapping[str, Any]], *, axes: Sequence[str], best: int | None = None) -> Table:
    """A population by its axes: mean over seeds, 95 % interval, who diverged.

    Args:
        rows: `run.summary()` as dicts: axes, `metric`, `n`, `n_diverged`, `mean`, `lo`, `hi`.
        axes: Names of the axes without the seed.
        best: Number of the row to mark, or None.

    Returns:
        The table.
    """
    table = _plain_table()
    for name in axes:
        table.add_column(name, no_wrap=True)
    metric = rows[0]["metric"] if rows else "loss"
    has_lost = any(row["n_diverged"] for row in rows)
    table.add_column(say(metric_words(metric)), justify="right", min_width=10)
    table.add_column(say(text("95 % interval")), justify="right", no_wrap=True)
    table.add_column(say(text("members")), justify="right", no_wrap=True)
    if has_lost:
        table.add_column(say(text("diverged")), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for i, row in enumerate(rows):
        lo, hi = row["lo"], row["hi"]
        lost = [str(row["n_diverged"]) if row["n_diverged"] else "–"] if has_lost else []
        table.add_row(
            *(_cell(row[name]) for name in axes),
            "–" if row["mean"] is None else f"{row['mean']:.3g}",
            "–" if lo is None else f"{lo:.3g} … {hi:.3g}",
            str(row["n"] + row["n_diverged"]),
            *lost,
            "◀" if i == best else "",
            style="bold" if i == best else "",
        )
    return table


def draw_predictions(rows: Sequence[Sequence[Any]], *, columns: Sequence[Text]) -> Table:
    """Predicted rows.

    Args:
        rows: Cells.
        columns: Their heads.

    Returns:
        The table.
    """
    table = _plain_table()
    for i, column in enumerate(columns):
        table.add_column(say(column), justify="left" if i == 1 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    return table


def draw_runs(rows: Iterable[Sequence[str]], *, is_wide: bool) -> Table:
    """Stored runs, one a line.

    Args:
        rows: Name, model, members, score, time, data, size; written out already.
        is_wide: Whether there is room for the last two, some 100 columns.

    Returns:
        The table.
    """
    table = _plain_table()
    heads = [text("run"), text("model"), text("members"), text("best"), text("time"), text("data"), text("size")]
    heads = heads if is_wide else heads[:-2]
    for i, head in enumerate(heads):
        table.add_column(say(head), justify="right" if i in (2, 4, 6) else "left", no_wrap=True, overflow="fold")
    for name, model, *others in rows:
        table.add_row(name, _cut(model, 24 if is_wide else 16), *others[: len(heads) - 2])
    return table


def draw_unfinished(rows: Iterable[Sequence[str]], *, is_wide: bool) -> Table:
    """Runs that have not ended, one a line.

    Args:
        rows: Name, group, epoch, when it was begun, what becomes of it, members, model; written out already.
        is_wide: Whether there is room for the last two, some 100 columns.

    Returns:
        The table.
    """
    table = _plain_table()
    heads = [text("unfinished"), text("group"), text("epoch"), text("begun"), text("state"), text("members")]
    heads = [*heads, text("model")] if is_wide else heads[:-1]
    for head in heads:
        table.add_column(say(head), no_wrap=True, overflow="fold")
    for *others, model in rows:
        table.add_row(*[*others, _cut(model, 24)][: len(heads)])
    return table


def _plain_table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
