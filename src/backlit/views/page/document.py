"""One page of HTML that holds all it needs: style, script, Plotly, our modules, the figures' data. It opens from disk.

    page = make_page(title=…, header="<h1>…</h1>", body=[Block, "<h2>…</h2>", Block], language="zh", theme="auto")

A Content-Security-Policy inside the page forbids the browser to load or send anything. Both languages and both themes
are in it; two buttons switch them. A page without charts does without Plotly's 4.8 MB.

Not for what stands on the page: that is `report.py`.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from backlit.language import Language, Words
from backlit.views.bundle import as_object
from backlit.views.page.blocks import Block
from backlit.views.page.markup import TAGS, escaped, said
from backlit.views.page.parts import in_script, page_text, plotly_script
from backlit.views.theme import Theme, template

PageTheme = Literal["light", "dark", "auto"]
# Nothing may be loaded or sent; scripts and styles are those in the page; pictures are those the page makes itself.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
MARK = "backlit-page"
"""Content of `<meta name="generator">`, by which our pages are known again."""
OTHER_LANGUAGE = Words(en="中文", zh="English")
DIGITS = 5  # of a number that a moving figure draws; more than a screen can show


def make_page(
    *,
    title: Words,
    body: Sequence[str | Block],
    language: Language,
    theme: PageTheme = "auto",
    header: str = "",
    has_buttons: bool = True,
) -> str:
    """Builds a page.

    Args:
        title: Of the window, and of the files that the menus save.
        body: HTML and figures in their order.
        language: Which language is shown first.
        theme: The ground at first; `auto` follows the reader's system.
        header: HTML above the body.
        has_buttons: Whether the reader may switch language and theme.

    Returns:
        HTML.
    """
    blocks = [part for part in body if isinstance(part, Block)]
    numbers = iter(range(len(blocks)))
    inner = "".join(part.numbered(next(numbers)) if isinstance(part, Block) else part for part in body)
    forms = {block.data["form"] for block in blocks}
    kinds = sorted({block.data["kind"] for block in blocks if block.data["form"] == "moving"})
    data = {
        "title": {"en": title.en, "zh": title.zh},
        "figures": [_short(block.data) for block in blocks],
        "templates": {name: template(name).to_plotly_json() for name in get_args(Theme)} if "chart" in forms else {},
    }
    modules = ",\n".join(f"{json.dumps(kind)}: {as_object(kind)}" for kind in kinds)
    scripts = [
        ("backlit-plotly", plotly_script() if "chart" in forms else ""),
        ("backlit-modules", in_script(f"const backlitModules = {{\n{modules}\n}};") if kinds else ""),
    ]
    return (
        f'<!doctype html>\n<html class="backlit" lang="{TAGS[language]}" data-language="{language}" '
        f'data-theme="{"light" if theme == "auto" else theme}"{" data-auto" if theme == "auto" else ""}>\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="generator" content="{MARK}">\n<link rel="icon" href="data:,">\n'
        f"<title>{escaped(title.say(language))}</title>\n"
        f'<style id="backlit-style">\n{page_text("page.css")}</style>\n'
        f"</head>\n<body>\n{_bar() if has_buttons else ''}"
        f'<main class="{"is-page" if has_buttons else "is-framed"}">\n{header}{inner}\n</main>\n'
        f'<script type="application/json" id="backlit-data">{_json(data)}</script>\n'
        + "".join(f'<script id="{name}">{code}</script>\n' for name, code in scripts if code)
        + f'<script id="backlit-script">\n{in_script(page_text("page.js"))}</script>\n</body>\n</html>\n'
    )


def _bar() -> str:
    dark, light = Words(en="Dark", zh="深色"), Words(en="Light", zh="浅色")
    return (
        '<div class="bar"><button type="button" data-switch="language">'
        f"{said(OTHER_LANGUAGE)}</button>"
        '<button type="button" data-switch="theme">'
        f'<span data-on="light">{said(dark)}</span><span data-on="dark">{said(light)}</span></button></div>\n'
    )


def _json(value: Any) -> str:
    """JSON that nothing in it can end; NaN, which JSON does not know, is null."""
    plain = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return plain.replace("<", "\\u003c")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _finite(value.tolist())
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _short(data: dict[str, Any]) -> dict[str, Any]:
    """A moving figure's numbers in the digits that can be seen; a picture of 28 × 28 is then a third as long."""
    return {**data, "data": _rounded(data["data"])} if data["form"] == "moving" else data


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _rounded(value.tolist())
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float | np.floating) and np.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return value
