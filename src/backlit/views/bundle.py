r"""ES modules as one text, for places where a module cannot import another: a report opened from disk, a notebook.

In the lab the modules import `base.js` as modules do. From `file://` a browser refuses that, so `bundled` puts the text
of `base.js` in front of a module and takes the words `import` and `export` away; nothing else is changed.

    >>> "export" in bundled("image_grid").split("function draw")[0][-10:]
    False
"""

import re

from backlit.views.moving import module_source

_IMPORT = re.compile(r"^import .*?;$", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)


def bundled(kind: str) -> str:
    """A module with all that it needs, as plain statements; its scope has a function `draw`.

    Args:
        kind: Of a moving figure.

    Returns:
        JavaScript.
    """
    return "\n".join(_plain(module_source(name)) for name in ("base", kind))


def as_object(kind: str) -> str:
    """A module as an expression that gives `{draw}`, its names hidden from others.

    Args:
        kind: Of a moving figure.

    Returns:
        JavaScript.
    """
    return f"(() => {{\n{bundled(kind)}\nreturn {{ draw }};\n}})()"


def as_widget(kind: str) -> str:
    """A module for anywidget: it draws the trait `figure` and follows its changes.

    Args:
        kind: Of a moving figure.

    Returns:
        An ES module.
    """
    return (
        f"{bundled(kind)}\n"
        "export default { render({ model, el }) {\n"
        '  const options = () => ({ language: model.get("language"), theme: model.get("theme") });\n'
        '  let drawn = draw(el, model.get("figure"), options());\n'
        '  model.on("change:figure", () => drawn.update(model.get("figure").data));\n'
        "  return () => drawn.stop();\n"
        "} };\n"
    )


def _plain(source: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", source))
