"""Small charts of text: bars for a curve, readable in any viewer."""

EIGHTHS = " ▏▎▍▌▋▊▉"
WIDTH = 24


def bar(value: float, most: float, width: int = WIDTH) -> str:
    """A bar whose length is `value / most` of the width, to an eighth of a sign.

    Args:
        value: At least 0.
        most: The value of a full bar.
        width: Signs of a full bar.

    Returns:
        The bar, without blanks at its end.

    Example:
        >>> bar(3.0, 4.0, width=4), bar(1.0, 32.0, width=4)
        ('███', '▏')
    """
    whole, rest = divmod(round(8 * width * value / most) if most else 0, 8)
    return "█" * whole + EIGHTHS[rest].strip()


def short(number: float) -> str:
    """A rate in words of three digits or so.

    Example:
        >>> short(2_304_000.0), short(297_300.0), short(5_130.0), short(870.0)
        ('2.30 M', '297 k', '5.13 k', '870')
    """
    if number >= 1e6:
        return f"{number / 1e6:.2f} M"
    if number >= 1e5:
        return f"{number / 1e3:.0f} k"
    if number >= 1e4:
        return f"{number / 1e3:.1f} k"
    return f"{number / 1e3:.2f} k" if number >= 1e3 else f"{number:.0f}"
