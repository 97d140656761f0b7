"""Names and numbers as every terminal view writes them.

>>> number(0.012345), number(12345.6), number(float("nan")), number(None)
('0.01235', '12,346', 'NaN', '–')
"""

import math

from backlit.language import Text, text, verbatim


def metric_words(name: str, split: str = "") -> Text:
    """A metric's name in both languages; names that are not known stay as Keras has them.

    Args:
        name: As in the history: `loss`, `accuracy`, …; a `val_` in front means validation.
        split: `train`, `validation`, or "" where it needs no saying.

    Returns:
        The words.

    Example:
        >>> str(metric_words("val_accuracy")), metric_words("loss").say("zh")
        ('validation accuracy', '损失')
    """
    if name.startswith("val_"):
        name, split = name.removeprefix("val_"), "validation"
    known = {
        "loss": text("loss"),
        "accuracy": text("accuracy"),
        "binary_accuracy": text("accuracy"),
        "mean_absolute_error": text("mean absolute error"),
        "mean_squared_error": text("mean squared error"),
    }
    words = known.get(name, verbatim(name))
    if split == "validation":
        return text("validation {metric}", metric=words)
    if split == "train":
        return text("training {metric}", metric=words)
    return words


def number(value: float | None) -> str:
    """A number in at most four significant digits.

    Args:
        value: Any; None where there is none.

    Returns:
        The digits, thousands with commas.
    """
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e7 else f"{value:.2e}"
    return f"{value:.4g}"


def seconds(value: float) -> str:
    """A time for people: `0:04`, `1:02:03`.

    Args:
        value: Seconds.

    Returns:
        Minutes and seconds, hours where there are any.
    """
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(n_bytes: int) -> str:
    """A size for people: `34 kB`, `1.2 MB`.

    Args:
        n_bytes: Bytes.

    Returns:
        At most three digits and a unit of thousands.

    Example:
        >>> size(34_567), size(1_234_567)
        ('35 kB', '1.2 MB')
    """
    amount, units = float(n_bytes), iter(("B", "kB", "MB", "GB"))
    unit = next(units)
    for larger in units:
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if amount < 10 and unit != "B" else f"{amount:.0f} {unit}"
