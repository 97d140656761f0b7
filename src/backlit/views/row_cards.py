"""How a row that was told in words and numbers stands on a card."""

from backlit.language import Words
from backlit.measure.told_rows import ToldRow, Value
from backlit.views.terminal.words import number


def card_lines(told: ToldRow) -> tuple[Words, ...]:
    """The sentences of a row.

    Args:
        told: One row.

    Returns:
        Its own sentence, its shape, or how many columns are left out; often none.
    """
    if told.sentence:
        return (Words(en=f"“{told.sentence}”", zh=f"“{told.sentence}”"),)
    if told.shape:
        shape, low, high = " × ".join(map(str, told.shape)), number(told.lowest), number(told.highest)
        return (Words(en=f"{shape} numbers from {low} to {high}", zh=f"{shape} 个数，从 {low} 到 {high}"),)
    if told.n_left_out:
        return (Words(en=f"and {told.n_left_out} more columns", zh=f"另有 {told.n_left_out} 列"),)
    return ()


def card_numbers(told: ToldRow) -> tuple[tuple[Words, str], ...]:
    """The columns of a row.

    Args:
        told: One row.

    Returns:
        Names and values.
    """
    return tuple((Words(en=name, zh=name), _shown(value)) for name, value in told.values)


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return value if isinstance(value, str) else number(value)
