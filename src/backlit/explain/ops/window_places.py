r"""How formulas name the places of a sliding window: p, q the window, u, v inside it, r, c in the input, all from 1.

Window p sees, at its position u, the input r = s (p − 1) + d (u − 1) + 1 − P: s the stride, d the dilation, P what
padding adds in front. Numbers that are known are put in, so that the usual cases read `p + u - 1` and `2p + u - 2`.

    >>> seen(Windows((3, 3))), seen(Windows((3,), padding="same"))
    ('p+u-1,q+v-1', 'p+u-2')

Not for computing.
"""

from backlit.explain.ops.windows import Windows
from backlit.language import Words

_OUTPUT, _WINDOW, _INPUT, _PADDING = "pq", "uv", "rc", "PQ"


def outputs(windows: Windows) -> str:
    """The number of a window: `p,q`."""
    return ",".join(_OUTPUT[: len(windows.size)])


def offsets(windows: Windows) -> str:
    """A position inside a window: `u,v`."""
    return ",".join(_WINDOW[: len(windows.size)])


def inputs(windows: Windows) -> str:
    """A place of the input: `r,c`."""
    return ",".join(_INPUT[: len(windows.size)])


def seen(windows: Windows) -> str:
    """Which place of the input a window sees at one of its positions.

    Args:
        windows: Which.

    Returns:
        An index for each axis.

    Example:
        >>> seen(Windows((3,), strides=(2,), padding="same"))
        '2p+u-2-P'
    """
    return ",".join(_seen_along(windows, axis) for axis in range(len(windows.size)))


def where(windows: Windows) -> str:
    r"""The same as equations.

    Args:
        windows: Which.

    Returns:
        LaTeX, to stand behind a formula.

    Example:
        >>> where(Windows((2, 2), strides=(2, 2)))
        ', \\; r = 2p+u-2, \\; c = 2q+v-2'
    """
    return "".join(rf", \; {_INPUT[axis]} = {_seen_along(windows, axis)}" for axis in range(len(windows.size)))


def padding_words(windows: Windows) -> Words:
    """What P and Q are, in brackets, where the formula needs them.

    Args:
        windows: Which.

    Returns:
        Words to stand behind the name of an operation; none where all places are known.

    Example:
        >>> padding_words(Windows((3,), strides=(2,), padding="same")).en
        ' (P: places that padding adds in front)'
    """
    names = [_PADDING[axis] for axis in range(len(windows.size)) if _is_padding_open(windows, axis)]
    if not names:
        return Words(en="", zh="")
    return Words(
        en=f" ({', '.join(names)}: places that padding adds in front)",
        zh=f"（{'、'.join(names)} 为填充在前端补入的位置数）",
    )


def _is_padding_open(windows: Windows, axis: int) -> bool:
    """Whether the padding in front depends on the length of the input."""
    return windows.padding == "same" and windows.strides[axis] > 1 and windows.spans[axis] > 1


def _seen_along(windows: Windows, axis: int) -> str:
    s, d, span = windows.strides[axis], windows.dilation[axis], windows.spans[axis]
    known = 1 - s - d
    if windows.padding == "causal":
        known -= span - 1
    elif windows.padding == "same" and s == 1:
        known -= (span - 1) // 2
    open_padding = f"-{_PADDING[axis]}" if _is_padding_open(windows, axis) else ""
    return f"{_times(s, _OUTPUT[axis])}+{_times(d, _WINDOW[axis])}{known:+d}{open_padding}"


def _times(factor: int, letter: str) -> str:
    return letter if factor == 1 else f"{factor}{letter}"
