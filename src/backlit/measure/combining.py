"""How the predictions of several networks become one: their mean, or a vote.

    three networks, one row, two classes      mean              vote
    0.9 0.1                                   0.6               2/3
    0.6 0.4                                   0.4   class 0     1/3   class 0
    0.3 0.7

The mean keeps how sure each network is; a vote counts heads. Both give one number a class that add up to 1, so that
what comes out reads like a network's own probabilities. A vote may be weighted, as boosting wants it.

Not for which networks to combine (see `backlit.modes`) nor for training them.
"""

import math

import numpy as np
from jaxtyping import Bool, Float, Int

LEAST_ERROR = 1e-10
"""A member that makes no mistake would get an endless weight; its error is taken as this. Source: ours."""


def mean_outputs(
    outputs: Float[np.ndarray, "member sample column"], weights: Float[np.ndarray, " member"] | None = None
) -> Float[np.ndarray, "sample column"]:
    """What the members give on average.

    Args:
        outputs: Probabilities, or amounts.
        weights: How much each member counts; None means equally. At least one above 0.

    Returns:
        The mean over members, float64.

    Example:
        >>> mean_outputs(np.array([[[0.9, 0.1]], [[0.3, 0.7]]])).round(2).tolist()
        [[0.6, 0.4]]
    """
    return np.average(outputs.astype(np.float64), axis=0, weights=weights)


def vote_shares(
    outputs: Float[np.ndarray, "member sample column"],
    weights: Float[np.ndarray, " member"] | None = None,
    *,
    is_exclusive: bool = True,
) -> Float[np.ndarray, "sample column"]:
    """The share of the members that vote for each class; a member votes for the one it finds likeliest.

    A member that is undecided between classes votes for the first of them. Labels of which several may be true, and one
    column for two classes, are voted on one by one: yes is above one half.

    Args:
        outputs: Probabilities.
        weights: How much each vote counts; None means equally. At least one above 0.
        is_exclusive: Whether columns are classes, of which one is true; else labels.

    Returns:
        Shares; over classes they add up to 1.

    Example:
        >>> three = np.array([[[0.9, 0.1]], [[0.6, 0.4]], [[0.3, 0.7]]])
        >>> vote_shares(three, np.array([1.0, 1.0, 2.0])).tolist()
        [[0.5, 0.5]]
    """
    if is_exclusive and outputs.shape[-1] > 1:
        votes = np.eye(outputs.shape[-1])[outputs.argmax(-1)]
    else:
        votes = (outputs > 0.5).astype(np.float64)
    return mean_outputs(votes, weights)


def samme_weight(error: float, *, n_classes: int) -> float:
    """How much a member's vote counts in boosting, by its weighted share of mistakes.

    Above 0 for whoever is better than guessing, which is wrong in 1 - 1/`n_classes` of all cases.

    Args:
        error: Weighted share of mistakes on the training rows, from 0 to 1.
        n_classes: At least 2.

    Returns:
        ln((1 - error) / error) + ln(n_classes - 1); at or below 0 for a member that only guesses.

    Example:
        >>> f"{samme_weight(0.25, n_classes=3):.3f}"      # ln 3 + ln 2
        '1.792'

    Source:
        zhu-2009, algorithm 2, step 2(c).
    """
    error = min(max(error, LEAST_ERROR), 1 - LEAST_ERROR)
    return math.log((1 - error) / error) + math.log(n_classes - 1)


def samme_rows(
    weights: Float[np.ndarray, " row"], *, is_wrong: Bool[np.ndarray, " row"], member_weight: float
) -> Float[np.ndarray, " row"]:
    """How much each training row counts for the next member: rows that were missed count more.

    Args:
        weights: As they counted for this member.
        is_wrong: Which rows this member gets wrong.
        member_weight: From `samme_weight`.

    Returns:
        New weights, with sum 1.

    Example:
        >>> is_wrong = np.array([True, False, False, False])
        >>> samme_rows(np.full(4, 0.25), is_wrong=is_wrong, member_weight=np.log(3.0)).round(3).tolist()
        [0.5, 0.167, 0.167, 0.167]

    Source:
        zhu-2009, algorithm 2, steps 2(d) and 2(e).
    """
    raised = weights * np.where(is_wrong, np.exp(member_weight), 1.0)
    return raised / raised.sum()


def weighted_rows(weights: Float[np.ndarray, " row"], *, seed: tuple[int, ...]) -> Int[np.ndarray, " row"]:
    """As many places as there are rows, drawn with replacement by weight.

    Args:
        weights: With sum 1.
        seed: Whole numbers that make the draw repeatable.

    Returns:
        Places in `weights`, sorted.
    """
    draw = np.random.default_rng(seed)
    return np.sort(draw.choice(len(weights), size=len(weights), p=weights)).astype(np.int64)
