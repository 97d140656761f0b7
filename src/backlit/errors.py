"""Every error that backlit raises for a user's mistake.

    BacklitError
    ├── DataError            (ValueError)    a data set, file or column is not what training needs
    ├── ModelError           (ValueError)    a model, layer, loss or optimiser cannot be used, or does not fit the data
    ├── CompileError         (RuntimeError)  the training program could not be built
    ├── RunError             (RuntimeError)  no member of a population finished
    ├── SettingError         (ValueError)    a wrong argument or option
    ├── StoreError           (OSError)       the store of runs cannot be read or written
    ├── MissingPackageError  (ImportError)   an extra package is needed
    └── LessonError          (ValueError)    a lesson cannot be shown or run

Each has a code and four parts: what was being done, what was expected, what was received, what to do next.

    >>> error = DataError(
    ...     "labels-range",
    ...     what=text("`one_hot`"),
    ...     expected=text("labels 0..{last}", last=9),
    ...     received=text("{value} at index {index}", value=10, index=417),
    ...     fix=text("Labels counting from 1? Subtract 1."),
    ... )
    >>> print(error)
    `one_hot`: expected labels 0..9, received 10 at index 417. Labels counting from 1? Subtract 1.

`str(error)` is English; `error.say("zh")` is Chinese. Only `fix` carries its own full stop; the other parts carry none.

Not for our own mistakes (those are `assert` with "bug in backlit") and not for the health of a run (a Finding).
"""

import difflib
from collections.abc import Callable, Iterable

from backlit.language import Language, Text, listed, text


class BacklitError(Exception):
    """A user's mistake, with what to do next.

    Args:
        code: A short kebab-case name that never changes, such as `file-missing`. All five are fields, too.
        what: What was being done.
        fix: What to do next: one sentence with its full stop.
        expected: What would have been right, or None where that makes no sense.
        received: What came instead (value and shape), or None.
    """

    def __init__(
        self, code: str, *, what: Text, fix: Text, expected: Text | None = None, received: Text | None = None
    ) -> None:
        self.code = code
        self.what = what
        self.expected = expected
        self.received = received
        self.fix = fix
        super().__init__(self.say("en"))

    def say(self, language: Language) -> str:
        """The message in one language, at most three sentences."""
        return self._sentence().say(language)

    def _sentence(self) -> Text:
        what, expected, received, fix = self.what, self.expected, self.received, self.fix
        if expected is not None and received is not None:
            return text(
                "{what}: expected {expected}, received {received}. {fix}",
                what=what,
                expected=expected,
                received=received,
                fix=fix,
            )
        if expected is not None:
            return text("{what}: expected {expected}. {fix}", what=what, expected=expected, fix=fix)
        if received is not None:
            return text("{what}: received {received}. {fix}", what=what, received=received, fix=fix)
        return text("{what}. {fix}", what=what, fix=fix)

    def __str__(self) -> str:
        return self.say("en")

    def __reduce__(self) -> tuple[Callable[..., "BacklitError"], tuple[object, ...]]:
        """Errors travel between the lab's processes; the default would call the class with the message alone."""
        return _rebuild, (type(self), self.code, self.what, self.expected, self.received, self.fix)


class DataError(BacklitError, ValueError):
    """A data set, file or column is not what training needs."""


class ModelError(BacklitError, ValueError):
    """A model, layer, loss or optimiser cannot be used, or does not fit the data."""


class CompileError(BacklitError, RuntimeError):
    """The training program could not be built."""


class RunError(BacklitError, RuntimeError):
    """No member of a population finished."""


class SettingError(BacklitError, ValueError):
    """A wrong argument or option."""


class StoreError(BacklitError, OSError):
    """The store of runs cannot be read or written."""


class MissingPackageError(BacklitError, ImportError):
    """An extra package is needed and is not installed."""


class LessonError(BacklitError, ValueError):
    """A lesson cannot be shown or run."""


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """Finds the choice that a mistyped name most likely meant.

    Args:
        name: What the user wrote.
        choices: What there is.

    Returns:
        The closest choice, letter case apart, or None where nothing is close.

    Example:
        >>> nearest("digit", ["iris", "digits", "wine"])
        'digits'
    """
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, choices: Iterable[str]) -> Text:
    """Writes the `fix` of an unknown name: the nearest choice, if any is near, and all choices.

    Args:
        name: What the user wrote.
        choices: What there is, in the order to show.

    Returns:
        A sentence or two, with their full stops.

    Example:
        >>> print(did_you_mean("digit", ["iris", "digits"]))
        Did you mean `digits`? There are: `iris`, `digits`.
    """
    names = list(choices)
    everything = listed(f"`{choice}`" for choice in names)
    meant = nearest(name, names)
    if meant is None:
        return text("There are: {choices}.", choices=everything)
    return text("Did you mean `{meant}`? There are: {choices}.", meant=meant, choices=everything)


def _rebuild(
    kind: type[BacklitError], code: str, what: Text, expected: Text | None, received: Text | None, fix: Text
) -> BacklitError:
    return kind(code, what=what, expected=expected, received=received, fix=fix)
