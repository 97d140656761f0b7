"""Section `quality`: what a way of learning is worth, in points of test accuracy, on data that come with backlit.

    claim      each entry names an effect; most must be above nothing with their whole interval
    baseline   the same training without it: the same rows, first weights and number of steps
    unit       mean of the paired differences over the seeds, with a 95 % interval by Student's t

One file a family of claims, each with `measure(only)`, which gives entries by name (see `paired.py`); a new file is
found by itself.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

_NO_FAMILIES = ("paired",)


def measure(only: str = "") -> dict[str, Any]:
    """Measures every family.

    Args:
        only: Part of an entry's name.

    Returns:
        Entries by name.
    """
    found: dict[str, Any] = {}
    for family in sorted(module.name for module in iter_modules(__path__) if module.name not in _NO_FAMILIES):
        found |= import_module(f"benchmarks.quality.{family}").measure(only)
    return found
