"""`bag`: networks that each learn from a bootstrap sample of the training rows, and predict together.

    rows     0 1 2 3 4 5          member 0   0 0 2 3 5 5
                                  member 1   1 2 2 2 4 5          each draws as many rows as there are, with replacement

A sample holds 63 % of the rows, so members differ more than networks that differ in first weights alone, and each of
them is a little worse. Whether the mean wins more than that costs depends on how much a single network depends on its
rows: with few rows, or noisy ones, a lot.

Not for what members that differ in seeds alone gain: `mean(fit(…, seeds=10))`.
"""

from typing import Any

from backlit.data import bags, given_rows
from backlit.fitting import fit
from backlit.language import language, text
from backlit.modes.ensemble.combined import Ensemble, Part, require_votes
from backlit.modes.reading import first_seeds, read_data, require_no_lists, require_whole, watched


def bag(
    model: Any,
    data: Any,
    *,
    n: Any = 10,
    fraction: Any = 1.0,
    how: str = "mean",
    seeds: Any = 1,
    seed: Any = 0,
    verbose: bool = True,
    **arguments: Any,
) -> Ensemble:
    """Trains networks on bootstrap samples, all as one population, and lets them predict together.

    Args:
        model: As for `fit`.
        data: As for `fit`.
        n: How many networks.
        fraction: Rows of a sample, as a fraction of the training rows.
        how: `mean` of their probabilities or amounts, or `vote`.
        seeds: How many copies of the ensemble, or from which seeds: each has its own samples and first weights.
        seed: The first seed.
        verbose: Whether to say how it went.
        **arguments: Any others of `fit`, one value each.

    Returns:
        The ensemble.

    Raises:
        BacklitError: If the data, the model or an argument is not right.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> crowd = bl.ensemble.bag(model, "iris", n=3, epochs=2, save=False, verbose=False)
        >>> len(crowd), crowd.members.columns[3:]
        (3, ['loss', 'accuracy'])

    Source:
        breiman-1996, section 1.
    """
    what = text("Bagging")
    n = require_whole("n", n, least=2, what=what)
    numbers = first_seeds(seeds, seed, what=what)
    require_no_lists(arguments, what=what)
    dataset, left = read_data(data, arguments)
    require_votes(dataset, how)
    train = [splits.train for number in numbers for splits in bags(n, seed=number, fraction=fraction).rows(dataset)]
    first = [number * n + place for number in numbers for place in range(n)]
    run = fit(model, dataset, rows=given_rows(train, seeds=first), **watched(left, verbose=verbose))
    _ = run.best  # raises where every member diverged
    sound = set(run.finished)
    copies = tuple(
        tuple(Part(run, i) for i in range(start, start + n) if i in sound) for start in range(0, len(first), n)
    )
    crowd = Ensemble(tuple(parts for parts in copies if parts), how, "bag")
    if verbose:
        print(crowd.say())
        if run.id:
            print(text("Kept as run {id}.", id=run.id).say(language()))
    return crowd
