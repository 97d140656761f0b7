"""`fit`: train one network or a population, and get a Run.

Not for reading arguments in detail (see `engine/request.py`) nor for training (see `engine/train.py`).
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlit.backend import require_backend
from backlit.errors import StoreError
from backlit.language import language, say, text

if TYPE_CHECKING:  # importing these imports Keras
    from backlit.data import Dataset
    from backlit.run import Run


def fit(
    model: Any,
    data: Any,
    *,
    epochs: int | Sequence[int] = 10,
    batch_size: int | Sequence[int] = 32,
    learning_rate: float | Sequence[float] | Any = None,
    optimizer: Any = None,
    loss: Any = None,
    metrics: Any = None,
    seeds: int | Sequence[int] = 1,
    seed: int = 0,
    vary: Any = None,
    validation_split: float | None = None,
    validation_data: tuple[Any, Any] | None = None,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
    shuffle: bool = True,
    early_stopping: Any = None,
    reinitialise: bool = False,
    probes: bool | Sequence[str] = False,
    save: bool = True,
    verbose: bool = True,
    on_progress: Callable[..., None] | None = None,
    **settings: Any,
) -> "Run":
    """Trains a Keras model, or a population of it: give a list where a number goes.

    The model that is given is never changed. Arguments that Keras's `fit` has keep Keras's meaning.

    Args:
        model: A Keras model (compiled or not, built or not), or a function that builds one for `vary`.
        data: What `load` returns or takes: a Dataset, a catalogue name, a file, (inputs, targets).
        epochs: Passes over the training rows.
        batch_size: Examples of one step; the last step of an epoch takes what is left.
        learning_rate: Step size of the optimiser, or a Keras schedule; None keeps the optimiser's own.
        optimizer: A Keras optimiser or its name; None takes the compiled one, else Adam.
        loss: A Keras loss, its name or a function; None takes the compiled one, else what suits the task.
        metrics: As `model.compile` takes them; None takes the compiled ones, else what suits the task.
        seeds: How many seeds, or which. More than one draws the weights anew for each.
        seed: The first seed; of the drawn weights and of dropout.
        vary: Lists by name for the building function, `zipped(…)` for paired lists, or several of these.
        validation_split: Fraction of the training rows, taken from the end as Keras does, that validate.
        validation_data: (inputs, targets) that validate.
        class_weight: How much each class counts.
        sample_weight: How much each training row counts.
        shuffle: Whether each epoch has an order of its own, drawn from `data_seed` and the epoch.
        early_stopping: Patience in epochs, or an EarlyStopping.
        reinitialise: Whether weights that were loaded or trained may be drawn anew for several seeds.
        probes: Whether to measure what happens inside the networks (`run.probes`): all probes, none, or which.
        save: Whether the run is kept in the store. If that fails after training, the Run is returned all the same,
            with the reason in `run.unkept`.
        verbose: Whether to say what was chosen and how it went.
        on_progress: Called after each chunk with (progress, group, number of groups).
        **settings: `l1`, `l2`, `dropout`, `data_seed`, and any number of the optimiser (`momentum`, `clipnorm`, …).

    Returns:
        The Run.

    Raises:
        BacklitError: If the data, the model or an argument is not right; the message says what to do.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
        >>> run = bl.fit(model, "iris", epochs=2, learning_rate=[0.1, 0.01], seeds=2, save=False, verbose=False)
        >>> len(run), run.axes
        (4, ('learning_rate', 'seed'))
    """
    require_backend()
    from backlit.engine import read_request, train
    from backlit.run import Run
    from backlit.store import Store

    dataset = _dataset(data, validation_split, validation_data, sample_weight)
    experiment, ingredients = read_request(
        model,
        dataset,
        epochs=epochs,
        batch_size=batch_size,
        loss=loss,
        optimizer=optimizer,
        metrics=metrics,
        seeds=seeds,
        seed=seed,
        vary=vary,
        shuffle=shuffle,
        class_weight=class_weight,
        early_stopping=early_stopping,
        reinitialise=reinitialise,
        probes=probes,
        settings={"learning_rate": learning_rate, **settings},
    )
    store = Store() if save else None
    if store is not None:
        store.require_writable()
    trained = train(experiment, ingredients, on_progress=on_progress)
    run = Run(experiment, ingredients, trained, notes=trained.notes)
    if store is not None:
        try:
            run = replace(run, id=store.keep(run))
        except StoreError as error:  # a full disk must not cost what was trained
            run = replace(run, unkept=error)
            print(error.say(language()), file=sys.stderr)
    if verbose:
        print(run.say())
        if run.id:
            print(say(text("Kept as run {id}.", id=run.id)))
    return run


def _dataset(data: Any, validation_split: float | None, validation_data: Any, sample_weight: Any) -> "Dataset":
    """The data with the validation rows and weights that `fit` was given, in Keras's meaning of these arguments."""
    from backlit.data import Dataset, Splits, from_arrays, load

    if isinstance(data, tuple) and (validation_data is not None or sample_weight is not None):
        return _cut(from_arrays(*data, validation=validation_data, sample_weight=sample_weight), validation_split)
    dataset = data if isinstance(data, Dataset) else load(data)
    if validation_data is not None:
        # Rows of a table come as the network reads them, so the preparation stays as it is.
        joined = from_arrays(
            *dataset.train,
            validation=validation_data,
            test=dataset.test if len(dataset.splits.test) else None,
            task=dataset.task,
            n_classes=dataset.n_classes if dataset.task == "classification" else None,
        )
        splits = Splits.of_rows(joined.splits.train, joined.splits.validation, joined.splits.test)
        weight = None if dataset.sample_weight is None else dataset.sample_weight[dataset.splits.train]
        dataset = replace(
            dataset,
            inputs=joined.inputs,
            targets=joined.targets,
            splits=splits,
            sample_weight=_spread(weight, joined),
            recipe=None,
        )
    if sample_weight is not None:
        given = from_arrays(*dataset.train, sample_weight=sample_weight, task=dataset.task).sample_weight
        dataset = replace(dataset, sample_weight=_spread(given, dataset), recipe=None)
    return _cut(dataset, validation_split if validation_data is None else None)


def _spread(weight: np.ndarray | None, dataset: "Dataset") -> np.ndarray | None:
    """Weights of the training rows as weights of all rows; the others count 1."""
    if weight is None:
        return None
    spread = np.ones(len(dataset), np.float32)
    spread[dataset.splits.train] = weight
    return spread


def _cut(dataset: "Dataset", validation_split: float | None) -> "Dataset":
    """Keras's `validation_split`: the last of the training rows validate, unshuffled.

    Validation rows that the data came with join the training rows first.
    """
    if validation_split is None:
        return dataset
    from backlit.data import last_rows

    rows = np.sort(np.concatenate([dataset.splits.train, dataset.splits.validation]))
    cut = last_rows(len(rows), validation_split=validation_split)
    splits = replace(
        dataset.splits, train=rows[cut.train], validation=rows[cut.validation], is_stratified=False, seed=None
    )
    return replace(dataset, splits=splits, recipe=None)
