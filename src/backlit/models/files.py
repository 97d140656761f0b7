"""Models from the user's files: a saved Keras model, or a Python file that makes one.

A `.py` file is run: it is the user's own code, as `python FILE.py` would run it. A `.keras` file is read in Keras's
safe mode, which runs no code that the file carries.
"""

import importlib.util
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from backlit.errors import ModelError, did_you_mean
from backlit.language import text
from backlit.models.building import fault_words, guarded, importable
from backlit.models.shipped import Shipped, bare_network, shipped, shipped_words


def from_keras_file(path: Path) -> keras.Model:
    """A saved model, with its weights and how it was compiled.

    Args:
        path: The file.

    Returns:
        The model; of a file that `run.save` wrote the network behind the preparation, which the data bring themselves.
    """
    model = _load(path)
    return bare_network(model, shipped_words(path) if zipfile.is_zipfile(path) else None)


def open_shipped(path: Path) -> Shipped:
    """A model that `run.save` wrote, ready to predict raw rows.

    Args:
        path: The file.

    Returns:
        The model, and what it was trained on.
    """
    return shipped(_load(path), path)


def _load(path: Path) -> keras.Model:
    """The model as Keras reads the file.

    Raises:
        ModelError: If it is missing or cannot be read.
    """
    _require_there(path)
    fix = text('Save it again with `model.save("model.keras")`; classes of your own need `FILE.py:NAME`.')
    if path.suffix.lower() == ".keras" and not zipfile.is_zipfile(path):
        raise ModelError(
            "keras-file",
            what=text("Reading the model `{path}`", path=path),
            expected=text("a file that `model.save` of Keras wrote"),
            received=text("{n} bytes that are no Keras archive", n=path.stat().st_size),
            fix=fix,
        )
    try:
        model = keras.saving.load_model(path)
    except Exception as error:
        unknown = re.search(r"Could not locate (?:class|function) '(\w+)'", str(error))
        raise ModelError(
            "keras-file",
            what=text("Reading the model `{path}`", path=path),
            expected=text("a file that `model.save` of Keras wrote"),
            received=text("`{name}`, which Keras does not know", name=unknown[1])
            if unknown
            else fault_words(error, None),
            fix=fix,
        ) from error
    assert isinstance(model, keras.Model), "bug in backlit: load_model gave no model"
    return model


def from_python_file(path: Path, name: str) -> keras.Model | Callable[..., keras.Model]:
    """A model, or the function that builds it, from a Python file.

    Args:
        path: The file, which is run.
        name: What it calls the model or the function.

    Returns:
        The model; or the function, with its faults explained.

    Raises:
        ModelError: If the file is missing or fails, or has no such name.
    """
    _require_there(path)
    path = path.resolve()
    importable(path.parent)
    spec = importlib.util.spec_from_file_location(f"_backlit_model_{path.stem}", path)
    assert spec is not None, "bug in backlit: a .py file has a loader"
    assert spec.loader is not None, "bug in backlit: a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ModelError(
            "model-file-fails",
            what=text("Running `{path}`", path=path),
            expected=text("a Python file that runs to its end"),
            received=fault_words(error, path),
            fix=text("Mend that line, then run the command again."),
        ) from error
    found = getattr(module, name, None)
    if isinstance(found, keras.Model):
        return found
    if found is None or not callable(found):
        raise ModelError(
            "model-name-unknown",
            what=text("Looking for `{name}` in `{path}`", name=name, path=path),
            expected=text("a Keras model, or a function that builds one"),
            received=text("nothing of that name") if found is None else text("`{kind}`", kind=type(found).__name__),
            fix=did_you_mean(name, _candidates(module) or (name,)),
        )
    return guarded(found, path)


def _candidates(module: Any) -> list[str]:
    """What a user's file offers: models and functions that it defines itself."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            isinstance(value, keras.Model)
            or (callable(value) and getattr(value, "__module__", None) == module.__name__)
        )
    ]


def _require_there(path: Path) -> None:
    if not path.is_file():
        raise ModelError(
            "model-file-missing",
            what=text("Reading the model `{path}`", path=path),
            expected=text("a file that is there"),
            received=text("nothing at that place"),
            fix=text("Check the path; it is looked for in `{folder}`.", folder=path.resolve().parent),
        )
