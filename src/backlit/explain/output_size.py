r"""How large the output of a sliding window is, along one axis, and how many zeros stand at each end.

A window of k places that moves s places at a time over n places, p zeros before and q after them, fits

    o = ⌊(n − k + p + q) / s⌋ + 1

times. Keras's `valid` has no zeros. Its `same` puts so many there that o = ⌈n / s⌉, half on each side; where the number
is odd, the odd one stands at the end. `causal` puts k − 1 zeros before and none after, so that no output sees what
comes later. With dilation d a window of k places reaches over d (k − 1) + 1.

    >>> output_size(28, kernel=3), output_size(28, kernel=3, padding=1), output_size(28, kernel=3, padding="same")
    (26, 28, 28)
    >>> padding_of(28, kernel=2)
    (0, 1)

Not for whole layers: see `shapes.py`.

Source:
    dumoulin-visin-2016, section 2.4, relationship 6, and section 5.1 (dilation).
"""

from collections.abc import Sequence
from typing import Any

from backlit.errors import SettingError, did_you_mean
from backlit.language import text

PADDINGS = ("valid", "same", "causal")


def output_size(n: int, *, kernel: int, stride: int = 1, padding: Any = "valid", dilation: int = 1) -> int:
    """How many places a window fits.

    Args:
        n: Places of the input. At least 1, as all numbers here.
        kernel: Places of the window.
        stride: How many places the window moves at a time.
        padding: `valid`, `same`, `causal`, a number of zeros for each end, or a pair: before and after.
        dilation: How far the places of the window are apart.

    Returns:
        Places of the output.

    Raises:
        SettingError: If a number is below 1, the padding is not known, or the window is larger than the padded input.

    Example:
        >>> output_size(28, kernel=3, padding=1)  # (28 − 3 + 2·1) / 1 + 1
        28
        >>> output_size(7, kernel=3, stride=2)  # (7 − 3) / 2 + 1
        3

    Source:
        dumoulin-visin-2016, section 2.4, relationship 6.
    """
    before, after = padding_of(n, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    return (n - reach(kernel, dilation) + before + after) // stride + 1


def padding_of(n: int, *, kernel: int, stride: int = 1, padding: Any = "same", dilation: int = 1) -> tuple[int, int]:
    """How many zeros are put before and after the input.

    Args:
        n: Places of the input. At least 1, as all numbers here.
        kernel: Places of the window.
        stride: How many places the window moves at a time.
        padding: `valid`, `same`, `causal`, a number of zeros for each end, or a pair: before and after.
        dilation: How far the places of the window are apart.

    Returns:
        Zeros before, zeros after.

    Raises:
        SettingError: If a number is below 1, the padding is not known, or the window is larger than the padded input.

    Example:
        >>> padding_of(28, kernel=3), padding_of(28, kernel=3, stride=2)  # 2 zeros; (14 − 1)·2 + 3 − 28 = 1 zero
        ((1, 1), (0, 1))
    """
    for name, value in (("n", n), ("kernel", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            raise SettingError(
                "explain-size",
                what=text("Computing the size of an output"),
                expected=text("`{name}` of at least 1", name=name),
                received=text("{value}", value=value),
                fix=text("Give whole numbers of places."),
            )
    before, after = _zeros(n, kernel=reach(kernel, dilation), stride=stride, padding=padding)
    if n + before + after < reach(kernel, dilation):
        raise SettingError(
            "explain-window",
            what=text("Computing the size of an output"),
            expected=text("a window of at most {n} places, zeros included", n=n + before + after),
            received=text("{n} places", n=reach(kernel, dilation)),
            fix=text('Use a smaller window, or `padding="same"`.'),
        )
    return before, after


def reach(kernel: int, dilation: int) -> int:
    """Places from the first of a window to its last, both included.

    Args:
        kernel: Places of the window.
        dilation: How far they are apart.

    Returns:
        The reach; the window's size itself without dilation.
    """
    return dilation * (kernel - 1) + 1


def size_equation(n: int | None, *, kernel: int, stride: int = 1, padding: Any = "valid", dilation: int = 1) -> str:
    r"""The size of the output as an equation.

    Args:
        n: Places of the input; None where it depends on the sample.
        kernel: Places of the window.
        stride: How many places the window moves at a time.
        padding: As for `output_size`.
        dilation: How far the places of the window are apart.

    Returns:
        LaTeX; the formula with the letter n, without a result, where n is None.

    Raises:
        SettingError: As for `output_size`.

    Example:
        >>> from backlit.formula import readable
        >>> readable(size_equation(28, kernel=3, padding=1)), readable(size_equation(28, kernel=3, stride=2))
        ('(28 − 3 + 2 · 1)/1 + 1 = 28', '⌊(28 − 3)/2⌋ + 1 = 13')
        >>> readable(size_equation(28, kernel=3, stride=2, padding="same"))
        '⌈28/2⌉ = (28 − 3 + 0 + 1)/2 + 1 = 14'
    """
    k = str(kernel) if dilation == 1 else rf"({dilation} \cdot ({kernel} - 1) + 1)"
    if n is None:
        if padding == "same":
            return rf"\left\lceil \frac{{n}}{{{stride}}} \right\rceil"
        before, after = _zeros(1, kernel=reach(kernel, dilation), stride=stride, padding=padding)
        return _fraction(f"n - {k}{_added(padding, before, after)}", stride, is_even=stride == 1)
    before, after = padding_of(n, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    rest = (n - reach(kernel, dilation) + before + after) % stride
    sums = _fraction(f"{n} - {k}{_added(padding, before, after)}", stride, is_even=rest == 0)
    start = rf"\left\lceil \frac{{{n}}}{{{stride}}} \right\rceil = " if padding == "same" else ""
    result = output_size(n, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    return f"{start}{sums} = {result}"


def _fraction(over: str, stride: int, *, is_even: bool) -> str:
    fraction = rf"\frac{{{over}}}{{{stride}}}"
    return f"{fraction} + 1" if is_even else rf"\left\lfloor {fraction} \right\rfloor + 1"


def _added(padding: Any, before: int, after: int) -> str:
    if padding == "valid":
        return ""
    return rf" + 2 \cdot {before}" if before == after else f" + {before} + {after}"


def _zeros(n: int, *, kernel: int, stride: int, padding: Any) -> tuple[int, int]:
    if padding == "valid":
        return 0, 0
    if padding == "same":
        needed = max((-(-n // stride) - 1) * stride + kernel - n, 0)
        return needed // 2, needed - needed // 2
    if padding == "causal":
        return kernel - 1, 0
    if isinstance(padding, int) and padding >= 0:
        return padding, padding
    if isinstance(padding, Sequence) and not isinstance(padding, str) and len(padding) == 2 and min(padding) >= 0:
        return int(padding[0]), int(padding[1])
    raise SettingError(
        "explain-padding",
        what=text("Reading `padding`"),
        expected=text("`valid`, `same`, `causal`, a number of zeros, or a pair of numbers"),
        received=text("`{name}`", name=padding),
        fix=did_you_mean(str(padding), PADDINGS),
    )
