"""`fit`: train one network or a population, and get a Run.

Not for reading arguments in detail (see `engine/request.py`) nor for training (see `engine/train.py`).
"""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlit.backend import require_backend
from backlit.errors import SettingError
from backlit.language import language, say, text
from backlit.store import CHECKPOINT_S

if TYPE_CHECKING:  # importing these imports Keras
    from backlit.data import Dataset
    from backlit.engine import Experiment, Ingredients
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
    rows: Any = None,
    start_from: Any = None,
    validation_split: float | None = None,
    validation_data: tuple[Any, Any] | None = None,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
    shuffle: bool = True,
    early_stopping: Any = None,
    reinitialise: bool = False,
    probes: bool | Sequence[str] = False,
    augment: Any = None,
    save: bool = True,
    checkpoint_s: float | Any = CHECKPOINT_S,
    verbose: bool = True,
    on_progress: Callable[..., None] | None = None,
    **settings: Any,
) -> "Run":
    """Trains a Keras model, or a population of it: give a list where a number goes.

    The model that is given is never changed. Arguments that Keras's `fit` has keep Keras's meaning. A long training
    that is kept writes checkpoints: after Ctrl-C, or a power cut, `resume` goes on with it.

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
        rows: How rows are dealt out, a member for each deal: `folds(5)`, `bags(10)`, `subsets([50, 100])`.
        start_from: A run whose members these begin with: each takes the weights of the member of its number. Or a list
            of runs of one member each.
        validation_split: Fraction of the training rows, taken from the end as Keras does, that validate.
        validation_data: (inputs, targets) that validate.
        class_weight: How much each class counts.
        sample_weight: How much each training row counts.
        shuffle: Whether each epoch has an order of its own, drawn from `data_seed` and the epoch.
        early_stopping: Patience in epochs, or an EarlyStopping.
        reinitialise: Whether weights that were loaded or trained may be drawn anew for several seeds.
        probes: Whether to measure what happens inside the networks (`run.probes`): all probes, none, or which.
        augment: How training images are changed anew in every step, such as `{"rotation": 15, "shift": [0.0, 0.1]}`:
            strengths by name (`backlit.data.augment` lists them), each perhaps a list. As in Keras, loss and metrics
            of the training rows are those of the changed images; rows that validate, test, or that probes look at
            stay as they are. The draws depend on a member's seed and step alone.
        save: Whether the run is kept in the store. If that fails after training, the Run is returned all the same,
            with the reason in `run.unkept`.
        checkpoint_s: Seconds to the first checkpoint, and at least between two; 0 writes one after each chunk, None
            none but at Ctrl-C. They take at most 2 % of the time.
        verbose: Whether to say what was chosen and how it went, and every ten seconds how far it is.
        on_progress: Called after each chunk with (progress, group, number of groups).
        **settings: `l1`, `l2`, `dropout`, `data_seed`, and any number of the optimiser (`momentum`, `clipnorm`, …).

    Returns:
        The Run.

    Raises:
        BacklitError: If the data, the model or an argument is not right; the message says what to do.
        Interrupted: After Ctrl-C, a KeyboardInterrupt that says how to go on.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
        >>> run = bl.fit(model, "iris", epochs=2, learning_rate=[0.1, 0.01], seeds=2, save=False, verbose=False)
        >>> len(run), run.axes
        (4, ('learning_rate', 'seed'))
    """
    require_backend()
    from rich.console import Console

    from backlit.engine import Trainer
    from backlit.engine.loop import UNWATCHED_S
    from backlit.store import Store
    from backlit.store.training import Interrupted, train_and_keep
    from backlit.views.terminal.progress import LateProgress

    experiment, ingredients = requested(
        model,
        data,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        optimizer=optimizer,
        loss=loss,
        metrics=metrics,
        seeds=seeds,
        seed=seed,
        vary=vary,
        rows=rows,
        start_from=start_from,
        validation_split=validation_split,
        validation_data=validation_data,
        class_weight=class_weight,
        sample_weight=sample_weight,
        shuffle=shuffle,
        early_stopping=early_stopping,
        reinitialise=reinitialise,
        probes=probes,
        augment=augment,
        **settings,
    )
    checkpoints = Store().checkpoints(checkpoint_s) if save else None
    try:
        trainer = Trainer(experiment, ingredients)
        if on_progress is None and verbose:  # a line now and then is no reason for short chunks
            run = train_and_keep(trainer, checkpoints, on_progress=LateProgress(Console()), chunk_s=UNWATCHED_S)
        else:
            run = train_and_keep(trainer, checkpoints, on_progress=on_progress)
    except Interrupted as stop:
        if verbose:
            print(say(stop.words), file=sys.stderr)
        raise
    tell(run, verbose=verbose)
    return run


def requested(
    model: Any,
    data: Any,
    *,
    learning_rate: Any = None,
    validation_split: float | None = None,
    validation_data: tuple[Any, Any] | None = None,
    sample_weight: Any = None,
    start_from: Any = None,
    **arguments: Any,
) -> "tuple[Experiment, Ingredients]":
    """What `fit` was given, as an Experiment and the live objects that it names.

    Args:
        model: As for `fit`.
        data: As for `fit`.
        learning_rate: As for `fit`.
        validation_split: As for `fit`.
        validation_data: As for `fit`.
        sample_weight: As for `fit`.
        start_from: As for `fit`.
        **arguments: As for `fit`; those that are left out are as `fit` has them.

    Returns:
        The Experiment and its Ingredients.

    Raises:
        BacklitError: If the data, the model or an argument is not right.
    """
    from backlit.engine import read_request

    names = inspect.signature(read_request).parameters.keys() - {"model", "data", "settings"}
    known = {name: argument.default for name, argument in inspect.signature(fit).parameters.items() if name in names}
    known |= {name: value for name, value in arguments.items() if name in names}
    settings = {name: value for name, value in arguments.items() if name not in names}
    dataset = dataset_for(
        data, validation_split=validation_split, validation_data=validation_data, sample_weight=sample_weight
    )
    known["start_from"] = _first_weights(start_from)
    return read_request(model, dataset, **known, settings={"learning_rate": learning_rate, **settings})


def tell(run: "Run", *, verbose: bool) -> None:
    """Says how a training went, and in any case that its run could not be kept.

    Args:
        run: Just trained.
        verbose: Whether to say what was chosen and how it went, and every ten seconds how far it is.
    """
    if run.unkept is not None:
        print(run.unkept.say(language()), file=sys.stderr)
    if verbose:
        print(run.say())
        if run.id:
            print(say(text("Kept as run {id}.", id=run.id)))


def _first_weights(start_from: Any) -> "list[list[np.ndarray]] | None":
    """For each member the weights that it begins with.

    Raises:
        SettingError: If it is neither a run nor a list of runs.
    """
    from backlit.run import Run

    if start_from is None:
        return None
    runs = list(start_from) if isinstance(start_from, list | tuple) else [start_from]
    if not runs or not all(isinstance(run, Run) for run in runs):
        raise SettingError(
            "start-from-kind",
            what=text("Reading `start_from`"),
            expected=text("a run, or a list of runs"),
            received=text("`{kind}`", kind=type(start_from).__name__),
            fix=text("Give what `fit` or `open_run` returned."),
        )
    return [run.layer_weights(member) for run in runs for member in range(len(run))]


def dataset_for(
    data: Any,
    *,
    validation_split: float | None = None,
    validation_data: tuple[Any, Any] | None = None,
    sample_weight: Any = None,
) -> "Dataset":
    """The data with the validation rows and weights that `fit` was given, in Keras's meaning of these arguments.

    Args:
        data: As for `fit`.
        validation_split: As for `fit`.
        validation_data: As for `fit`.
        sample_weight: As for `fit`.

    Returns:
        The data set that is trained on.
    """
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
            coded=None,
            places=(),
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
    """Keras's `validation_split`: the last of the training rows validate, unshuffled; of groups some, whole.

    Validation rows that the data came with join the training rows first.
    """
    if validation_split is None:
        return dataset
    from backlit.data import Splits, hold_out, last_rows, with_splits

    rows, own = np.sort(np.concatenate([dataset.splits.train, dataset.splits.validation])), dataset.splits
    if own.order is not None:
        rows = rows[np.argsort(own.order[rows], kind="stable")]
    if own.groups is None:
        cut = last_rows(len(rows), validation_split=validation_split)
    else:  # the last rows alone might part a group
        cut = hold_out(len(rows), validation_split=validation_split, test_split=0, groups=own.groups[rows])
    parts = Splits.of_rows(rows[cut.train], rows[cut.validation])
    splits = replace(own, train=parts.train, validation=parts.validation, is_stratified=False, seed=cut.seed)
    return with_splits(dataset, splits)
