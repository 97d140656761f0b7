"""The files of a page that are ours, and Plotly's own script, each as one text.

Not for what a page says (see `document.py`).
"""

from functools import cache
from importlib.resources import files


@cache
def page_text(name: str) -> str:
    """One of the files beside this module.

    Args:
        name: `page.css` or `page.js`.

    Returns:
        What stands in it.
    """
    return (files("backlit.views.page") / name).read_text(encoding="utf-8")


@cache
def plotly_script() -> str:
    """Plotly's script as it comes with Plotly's package; no copy of ours.

    Returns:
        JavaScript that nothing in a page of HTML can end early.
    """
    from plotly.offline import get_plotlyjs

    return in_script(get_plotlyjs())


def in_script(code: str) -> str:
    r"""Code that may stand between `<script>` and `</script>`.

    Args:
        code: JavaScript.

    Returns:
        The same code; what would end or hide the script is written with a backslash, which strings in it do not mind.

    Example:
        >>> in_script("'</script>'")
        "'<\\/script>'"
    """
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")
