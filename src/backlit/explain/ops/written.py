r"""Numbers as a derivation writes them: four digits, signs in brackets, long sums cut in the middle of nothing.

>>> sum_of_products([(0.5, 2.0), (-0.25, 4.0)], plus=(1.0,))
'0.5 \\times 2 + (-0.25) \\times 4 + 1'
"""

from collections.abc import Iterable, Sequence
from typing import SupportsFloat

MOST_TERMS = 8
DIGITS = 4


def number(value: SupportsFloat, *, in_product: bool = False) -> str:
    r"""A number with four significant digits.

    Args:
        value: Which.
        in_product: Whether a sign needs brackets.

    Returns:
        LaTeX.

    Example:
        >>> number(-0.123456, in_product=True), number(1.5e-7)
        ('(-0.1235)', '1.5 \\times 10^{-7}')
    """
    words = f"{float(value) + 0.0:.{DIGITS}g}"  # + 0.0 takes the sign off a zero
    mantissa, mark, exponent = words.partition("e")
    if mark:
        words = rf"{mantissa} \times 10^{{{int(exponent)}}}"
    return f"({words})" if in_product and (words.startswith("-") or mark) else words


def product(factors: Sequence[SupportsFloat], *, is_first: bool = True) -> str:
    r"""Factors with × between them.

    Args:
        factors: At least one.
        is_first: Whether nothing stands before it; a negative number behind a plus needs brackets.

    Returns:
        LaTeX.

    Example:
        >>> product([2.0, -3.0])
        '2 \\times (-3)'
    """
    first = number(factors[0], in_product=len(factors) > 1 or not is_first)
    return r" \times ".join([first, *(number(factor, in_product=True) for factor in factors[1:])])


def sum_of_products(terms: Iterable[Sequence[float]], *, plus: Iterable[float] = (), most: int = MOST_TERMS) -> str:
    r"""A sum of products; of more than `most` terms the largest are shown, and the rest as one number.

    That number carries the count of the terms that it stands for: `0.01_{(12)}`.

    Args:
        terms: The factors of each product.
        plus: What is added at the end, such as a bias.
        most: Most products shown.

    Returns:
        LaTeX; "0" for an empty sum.

    Example:
        >>> sum_of_products([(1.0, 2.0), (3.0, 4.0), (0.1, 0.1)], most=2)
        '1 \\times 2 + 3 \\times 4 + 0.01_{(1)}'
    """
    terms = [tuple(map(float, term)) for term in terms]
    sizes = [_value(term) for term in terms]
    shown = set(range(len(terms)))
    if len(terms) > most:
        shown = set(sorted(range(len(terms)), key=lambda i: -abs(sizes[i]))[:most])
    chosen = [term for i, term in enumerate(terms) if i in shown]
    parts = [product(term, is_first=i == 0) for i, term in enumerate(chosen)]
    if len(shown) < len(terms):
        rest = sum(size for i, size in enumerate(sizes) if i not in shown)
        parts.append(rf"{number(rest, in_product=True)}_{{({len(terms) - len(shown)})}}")
    parts += [number(value, in_product=True) for value in plus]
    return " + ".join(parts) or "0"


def _value(factors: Sequence[float]) -> float:
    value = 1.0
    for factor in factors:
        value *= factor
    return value
