"""Building functions, guarded: what goes wrong inside one is told as a fault of that function and its arguments.

    build(units=-3)  →  Building the model with units=-3: received `Received an invalid value for `units`…`. …

Not for faults of our own: a wrapped function is the user's, or a thin list of Keras layers.
"""

import functools
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backlit.errors import BacklitError, ModelError
from backlit.language import Text, text, verbatim


def guarded(build: Callable[..., Any], path: Path | None = None) -> Callable[..., Any]:
    """The same function, whose faults come as a ModelError.

    Args:
        build: A building function.
        path: The user's file that it stands in, or None for one of ours.

    Returns:
        A function with the same signature.
    """

    @functools.wraps(build)
    def calling(**arguments: Any) -> Any:
        try:
            return build(**arguments)
        except BacklitError:
            raise
        except Exception as error:
            words = ", ".join(f"{name}={value}" for name, value in arguments.items())
            raise ModelError(
                "model-building",
                what=text("Building the model with {arguments}", arguments=words)
                if words
                else text("Building the model"),
                expected=text("a Keras model"),
                received=fault_words(error, path),
                fix=text("Mend that line, then run the command again.")
                if path is not None
                else text("Choose another value."),
            ) from error

    return calling


def parameters_of(model: Any) -> tuple[str, ...]:
    """Names of the arguments of a building function, which can vary; none for a finished model.

    Args:
        model: What `read_model` gave.

    Returns:
        The names.
    """
    import keras

    if isinstance(model, keras.Model):
        return ()
    parameters = inspect.signature(model).parameters.values()
    return tuple(one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY))


def fault_words(error: BaseException, path: Path | None) -> Text:
    """The tail of a traceback in one line: what was raised, and the last line of the user's file that led to it.

    Args:
        error: What was raised.
        path: The user's file, or None.

    Returns:
        `NameError: name 'x' is not defined (net.py, line 3: y = x)`.
    """
    kind = type(error).__name__
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    words = verbatim(f"{kind}: {said}".rstrip(". ") if said else kind)
    if isinstance(error, SyntaxError) and error.lineno is not None:
        said = f"{kind}: {error.msg}"
        return text("{fault} (line {line}: `{code}`)", fault=said, line=error.lineno, code=(error.text or "").strip())
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if path is not None and Path(frame.filename) == path]
    if not own:
        return words
    return text("{fault} (line {line}: `{code}`)", fault=words, line=own[-1].lineno, code=own[-1].line or "")


def importable(folder: Path) -> None:
    """Lets a user's file import its neighbours, as Python does for a script.

    Args:
        folder: Where the file stands.
    """
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
