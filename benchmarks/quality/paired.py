"""The difference that something makes, pair by pair: with and without it from the same seed.

>>> entry = compared([0.80, 0.84, 0.82], [0.70, 0.72, 0.74])
>>> round(entry["effect"], 3), [round(end, 3) for end in entry["interval"]], entry["holds"]
(0.1, [0.05, 0.15], True)
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


def compared(arm: Sequence[float], control: Sequence[float]) -> dict[str, Any]:
    """Mean of the paired differences, with its interval.

    Args:
        arm: Score of each seed with what is tried.
        control: Score of each seed without.

    Returns:
        What the record keeps; it holds if the whole interval lies above 0.
    """
    differences = np.asarray(arm, float) - np.asarray(control, float)
    n = len(differences)
    mean, error = float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(n))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    return {
        "effect": mean,
        "interval": [mean - half, mean + half],
        "arm": float(np.mean(arm)),
        "control": float(np.mean(control)),
        "differences": differences.tolist(),
        "margin": mean - half,
        "holds": mean - half > 0,
    }


def say(name: str, entry: dict[str, Any]) -> str:
    """One line about an entry."""
    low, high = entry["interval"]
    return (
        f"{name}: {entry['effect']:+.1%} ({low:+.1%} to {high:+.1%}), "
        f"{entry['control']:.1%} without, {entry['arm']:.1%} with, {len(entry['differences'])} seeds"
    )
