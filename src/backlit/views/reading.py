"""A view of a run by its name: found, read, and drawn, or an error that says which views apply.

Not for showing what was drawn (see `notebook.py` and the command line).
"""

from collections.abc import Sequence

from backlit.errors import BacklitError, SettingError
from backlit.language import listed, text
from backlit.measure.subject import AbstractSubject
from backlit.views.kind import Figure, View
from backlit.views.registry import all_views, find_view


def read_view(subject: AbstractSubject, name: str) -> tuple[View, Sequence[Figure]]:
    """The figures of one view.

    Args:
        subject: A run.
        name: Of the view.

    Returns:
        The view, and its figures.

    Raises:
        SettingError: If there is no such view, or it does not apply to this run.
    """
    view = find_view(name)
    result = view.read(subject)
    if result is None:
        applying = [f"`{one.name}`" for one in all_views().values() if _applies(one, subject)]
        raise SettingError(
            "view-not-applying",
            what=text("Plotting the view `{name}`", name=name),
            expected=text("a view that applies to this run"),
            received=text("`{name}`, for which this run has nothing to show", name=name),
            fix=text("These apply: {names}.", names=listed(applying)),
        )
    return view, view.draw(result)


def _applies(view: View, subject: AbstractSubject) -> bool:
    """Whether a view shows something of a run; one that takes seconds to tell is not asked."""
    try:
        return not view.is_heavy and view.read(subject) is not None
    except BacklitError:  # the rows of a stored run are gone
        return False
