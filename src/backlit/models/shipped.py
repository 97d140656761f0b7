"""A trained network with what stands in front of it, in one `.keras` file that plain Keras reads.

    model.keras   config.json, model.weights.h5     coded numbers → preparation → network → outputs
                  backlit.json                      raw cells → coded numbers: columns, categories, class names

Keras ignores the fourth member of the archive. Whoever has only Keras gives coded numbers, as `backlit.json` tells;
whoever has backlit gives the raw CSV or folder: `backlit predict model.keras new.csv`. The layers in front are Keras's
own operations, with no class of ours and no code in the file.

Not for runs in the store, which keep the network and the preparation apart.
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from backlit.data import AbstractPreparation, Dataset, Splits, preparation_from_json, preparation_to_json
from backlit.errors import ModelError
from backlit.language import text

MEMBER = "backlit.json"
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Shipped:
    """What a file holds.

    Attributes:
        model: Takes coded rows.
        data: One row of zeros, with the names, the task and the preparation of the data that were trained on.
    """

    model: keras.Model
    data: Dataset


def ship(model: keras.Model, data: Dataset, path: Path) -> None:
    """Writes a network and the preparation of its data to one file.

    Args:
        model: Trained on prepared inputs.
        data: What it was trained on.
        path: Where to.
    """
    whole = with_preparation(model, data.preparation)
    is_compiled = model.compiled
    try:
        # A network inside another is written with its loss, which plain Keras could not leave out by `compile=False`.
        model.compiled = is_compiled and whole is model
        whole.save(path)
    finally:
        model.compiled = is_compiled
    words = {
        "format": FORMAT,
        "name": data.name,
        "task": data.task,
        "class_names": list(data.class_names),
        "feature_names": list(data.feature_names),
        "vocabulary": list(data.vocabulary),
        "input_shape": list(data.input_shape),
        "input_dtype": data.inputs.dtype.name,
        "output_size": data.output_size,
        "network": model.name if whole is not model else None,
        "preparation": preparation_to_json(data.preparation),
    }
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, json.dumps(words, ensure_ascii=False, indent=1))


def with_preparation(model: keras.Model, preparation: AbstractPreparation | None) -> keras.Model:
    """The network behind its preparation, as one model of coded rows.

    Args:
        model: Takes prepared inputs.
        preparation: Of its data, or None.

    Returns:
        A Functional model that shares the weights; the network itself where nothing stands in front.
    """
    if preparation is None:
        return model
    coded = keras.Input(preparation.coded_shape, dtype=preparation.coded_dtype, name="coded")
    prepared = preparation.as_layers(coded)
    if prepared is coded:
        return model
    whole = keras.Model(coded, model(prepared), name=f"prepared_{model.name}")
    _compile_alike(whole, model)
    return whole


def shipped_words(path: Path) -> dict[str, Any] | None:
    """What stands in a file's `backlit.json`.

    Args:
        path: A `.keras` file.

    Returns:
        Its content; None for a file that Keras alone has written.

    Raises:
        ModelError: If it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if MEMBER not in archive.namelist():
                return None
            words = json.loads(archive.read(MEMBER))
    except (OSError, ValueError, zipfile.BadZipFile) as fault:
        raise _unreadable(path) from fault
    if not isinstance(words, dict) or words.get("format") != FORMAT:
        raise _unreadable(path)
    return words


def bare_network(model: keras.Model, words: dict[str, Any] | None) -> keras.Model:
    """The network of a file without what stands in front of it, for training on.

    Args:
        model: As Keras reads the file.
        words: From `shipped_words`.

    Returns:
        A model of prepared inputs.
    """
    if words is None or words["network"] is None:
        return model
    network = model.get_layer(words["network"])
    assert isinstance(network, keras.Model), "bug in backlit: a shipped network is no model"
    _compile_alike(network, model)
    return network


def shipped(model: keras.Model, path: Path) -> Shipped:
    """A file that `run.save` wrote, ready to predict raw rows.

    Args:
        model: As Keras reads the file.
        path: The file.

    Returns:
        The model of coded rows, and what it was trained on.

    Raises:
        ModelError: If only Keras has written it.
    """
    words = shipped_words(path)
    if words is None:
        raise ModelError(
            "shipped-words",
            what=text("Reading the model `{path}`", path=path),
            expected=text("a file that `run.save` or `backlit train --save-model` wrote"),
            received=text("a file of Keras alone, which does not tell how rows were prepared"),
            fix=text("Predict with the run itself: `backlit predict RUN DATA`."),
        )
    n = int(words["output_size"])
    is_class = words["task"] == "classification"
    data = Dataset(
        words["name"],
        np.zeros((1, *words["input_shape"]), words["input_dtype"]),
        np.zeros(1, np.int32) if is_class else np.zeros((1, n), np.float32),
        task=words["task"],
        splits=Splits.of_rows([0]),
        class_names=tuple(words["class_names"]) or (tuple(str(i) for i in range(n)) if is_class else ()),
        feature_names=tuple(words["feature_names"]),
        vocabulary=tuple(words["vocabulary"]),
        preparation=preparation_from_json(words["preparation"]),
    )
    return Shipped(model, data)


def _compile_alike(model: keras.Model, other: keras.Model) -> None:
    """Compiles a model as another one that shares its weights, its optimiser's state included."""
    if not other.compiled:
        return
    try:
        model.compile_from_config(other.get_compile_config())
    except (TypeError, ValueError):  # a loss or metric of the user's own, which Keras cannot write down
        return
    if model.optimizer is not None and other.optimizer is not None and other.optimizer.built:
        model.optimizer.build(model.trainable_variables)
        for mine, theirs in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
            mine.assign(theirs)


def _unreadable(path: Path) -> ModelError:
    return ModelError(
        "shipped-words",
        what=text("Reading the model `{path}`", path=path),
        expected=text("a file that `run.save` or `backlit train --save-model` wrote"),
        received=text("a `{member}` that this backlit cannot read", member=MEMBER),
        fix=text("Save it again, or `pip install --upgrade backlit`."),
    )
