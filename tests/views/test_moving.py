"""Moving figures as plain data, and their modules as one text."""

import json
import re
from importlib.resources import files

import pytest

from backlit.language import Words
from backlit.views.bundle import as_object, as_widget, bundled
from backlit.views.moving import Moving, module_source

KINDS = sorted(
    one.name.removesuffix(".js") for one in (files("backlit.views") / "es").iterdir() if one.name != "base.js"
)


def test_there_is_a_module_for_each_kind_of_moving_figure():
    assert KINDS == ["image_grid", "live_curve", "network", "sliding", "steps"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_module_imports_the_shared_one_alone_and_exports_draw(kind):
    source = module_source(kind)
    assert re.findall(r'from "(.*?)"', source) == ["./base.js"]
    assert re.findall(r"^export (?:function|const|class) (\w+)", source, re.MULTILINE) == ["draw"]
    assert "http" not in source


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_neither_imports_nor_exports(kind):
    for text in (bundled(kind), as_object(kind)):
        assert not re.search(r"^(import|export)\b", text, re.MULTILINE)
        assert "function draw(" in text
        assert "function canvas(" in text
    assert re.findall(r"^export\b.*", as_widget(kind), re.MULTILINE) == ["export default { render({ model, el }) {"]


def test_a_moving_figure_is_plain_data_in_both_languages():
    words = Words(en="Maps", zh="特征图")
    figure = Moving("image_grid", "maps", title=words, data={"images": [], "height": 1, "width": 1}, alternative=words)
    data = json.loads(json.dumps(figure.as_data()))
    assert data["title"] == {"en": "Maps", "zh": "特征图"}
    assert (data["kind"], data["data"]["height"]) == ("image_grid", 1)
