"""A moving figure as an anywidget: alive in JupyterLab, Jupyter Notebook, VS Code and Colab, changed from Python.

    widget = moving_widget(figure, language="en")
    widget.figure = {**widget.figure, "data": …}     the drawing follows

Needs the extra `notebook`. Not for pages without a kernel: those hold the module itself (see `page/`).
"""

from functools import cache
from importlib.util import find_spec
from typing import Any

from backlit.errors import MissingPackageError
from backlit.language import Language, text
from backlit.views.bundle import as_widget
from backlit.views.moving import Moving
from backlit.views.theme import Theme


def moving_widget(figure: Moving, *, language: Language, theme: Theme = "light") -> Any:
    """Makes the widget of a moving figure.

    Args:
        figure: What moves.
        language: Of what is written.
        theme: For a light or a dark ground.

    Returns:
        An anywidget with the traits `figure`, `language` and `theme`.

    Raises:
        MissingPackageError: If anywidget is not installed.
    """
    if find_spec("anywidget") is None:
        raise MissingPackageError(
            "notebook-missing",
            what=text("Showing `{name}` as a widget", name=figure.name),
            expected=text("the package anywidget"),
            fix=text('Install it: `pip install "backlit[notebook]"`.'),
        )
    return _widget_class(figure.kind)(figure=figure.as_data(), language=language, theme=theme)


@cache
def _widget_class(kind: str) -> Any:
    """One class a kind, because an anywidget's module belongs to its class."""
    import anywidget
    import traitlets

    traits = {
        "_esm": as_widget(kind),
        "figure": traitlets.Dict().tag(sync=True),
        "language": traitlets.Unicode("en").tag(sync=True),
        "theme": traitlets.Unicode("light").tag(sync=True),
        "__module__": __name__,
        "__doc__": f"The moving figure `{kind}`.",
    }
    return type("MovingWidget", (anywidget.AnyWidget,), traits)
