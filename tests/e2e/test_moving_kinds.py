"""The moving kinds in Chromium: drawn, and driven with the keyboard alone."""

import pytest

from backlit.language import Words
from backlit.views.kind import View
from backlit.views.moving import Moving
from backlit.views.shown import Shown

pytestmark = pytest.mark.slow

WORDS = Words(en="A figure", zh="一张图")
UNIT = Words(en="unit", zh="单元")


def network():
    layers = [
        {"name": {"en": "input", "zh": "输入"}, "kind": "units", "values": [0.5, -1.0], "names": None, "more": 0},
        {"name": "maps", "kind": "maps", "maps": [[0.0, 1.0, 2.0, 3.0]] * 2, "height": 2, "width": 2, "more": 0},
        {"name": "dense", "kind": "units", "values": [0.25, 0.75, -0.5], "names": None, "more": 2},
    ]
    return {"layers": layers, "weights": [None, [[0, 0, 0.5], [1, 2, -0.7]]]}


def image_grid():
    images = [{"pixels": [0.0, 0.5, 0.75, 1.0], "label": {"en": f"map {i}", "zh": f"图 {i}"}} for i in range(3)]
    return {"images": images, "height": 2, "width": 2, "channels": 1, "range": None, "columns": 3}


def sliding():
    image = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    positions = [
        {"row": r, "column": c, "patch": [row[c : c + 2] for row in image[r : r + 2]], "sum": image[r][c]}
        for r in range(2)
        for c in range(2)
    ]
    words = {name: Words(en=name, zh="数").__dict__ for name in ("image", "kernel", "output", "padding")}
    return {
        "kind": "convolution",
        "image": image,
        "kernel": [[1.0, 0.0], [0.0, 0.0]],
        "bias": 0,
        "strides": 1,
        "padding": {"top": 0, "left": 0, "bottom": 0, "right": 0},
        "output": [[1.0, 2.0], [4.0, 5.0]],
        "positions": positions,
        "words": words,
    }


def steps():
    made = [
        {
            "number": i + 1,
            "kind": "computed",
            "layer": "dense",
            "words": {"en": f"step {i + 1}", "zh": f"第 {i + 1} 步"},
            "symbol": f"z{i + 1}",
            "formula": "z = w x",
            "shape": "(1,)",
            "uses": [i] if i else [],
            "equations": [f"{i} = {i}"],
        }
        for i in range(3)
    ]
    return {"steps": made, "agreement": None}


def live_curve():
    series = [{"name": {"en": "loss", "zh": "损失"}, "values": [3.0, 2.0, 1.0, 0.5]}]
    return {
        "x": [1, 2, 3, 4],
        "series": series,
        "xName": {"en": "epoch", "zh": "轮次"},
        "yName": "loss",
        "isLog": False,
    }


DATA = {"network": network, "image_grid": image_grid, "sliding": sliding, "steps": steps, "live_curve": live_curve}
VIEW = View("one", WORDS, WORDS, "inside", read=lambda _: None, draw=lambda _: ())


@pytest.fixture
def drawn(open_page, tmp_path):
    def draw(kind, language="en"):
        figure = Moving(kind, kind.replace("_", "-"), title=WORDS, data=DATA[kind](), alternative=WORDS)
        path = Shown(VIEW, [figure], language=language).save(tmp_path / "one.html")
        opened = open_page(path)
        opened.frame()
        return opened

    return draw


def press(opened, *keys):
    for key in keys:
        opened.page.keyboard.press(key)
    opened.frame()


def tab_to(opened, selector):
    for _ in range(12):
        opened.page.keyboard.press("Tab")
        if opened.page.locator(selector).first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {selector}")


@pytest.mark.parametrize("kind", sorted(DATA))
def test_a_kind_is_drawn_without_a_word_on_the_console(drawn, kind):
    opened = drawn(kind)
    if kind != "steps":
        assert opened.colours(".drawing canvas") > 3
    assert (opened.said, opened.asked) == ([], [])
    assert opened.page.locator(".drawing figure").get_attribute("aria-label") == "A figure"


def test_arrows_walk_through_a_network(drawn):
    opened = drawn("network")
    tab_to(opened, ".drawing canvas")
    press(opened, "ArrowDown")
    assert opened.shows(".drawing [aria-live]") == "input 1: 0.5"
    press(opened, "ArrowDown")
    assert opened.shows(".drawing [aria-live]") == "input 2: −1"
    press(opened, "ArrowRight", "ArrowRight")
    assert opened.shows(".drawing [aria-live]").startswith("dense")
    press(opened, "ArrowUp", "ArrowUp", "ArrowUp")
    assert opened.shows(".drawing [aria-live]") == "dense 1: 0.25"


def test_arrows_choose_an_image_and_say_its_range(drawn):
    opened = drawn("image_grid")
    tab_to(opened, ".drawing canvas")
    press(opened, "ArrowRight", "ArrowRight")
    assert opened.shows(".drawing [aria-live]") == "map 1 0 … 1"


def test_arrows_slide_the_window_and_its_buttons_answer_to_enter(drawn):
    opened = drawn("sliding")
    said = ".drawing [aria-live]"
    tab_to(opened, ".drawing canvas")
    assert opened.shows(said).startswith("(1, 1)")
    press(opened, "ArrowRight")
    assert opened.shows(said) == "(1, 2) 2×1 + 3×0 + 5×0 + 6×0 = 2"
    press(opened, "End")
    assert opened.shows(said).startswith("(2, 2)")
    tab_to(opened, ".drawing [data-action=back]")
    press(opened, "Enter")
    assert opened.shows(said).startswith("(2, 1)")


def test_arrows_walk_through_steps_and_enter_goes_to_what_a_step_uses(drawn):
    opened = drawn("steps")
    tab_to(opened, ".drawing ol")
    press(opened, "ArrowDown", "ArrowDown")
    assert "dense: step 3" in opened.shows(".drawing [aria-live]")
    press(opened, "Enter")
    assert "dense: step 2" in opened.shows(".drawing [aria-live]")
    press(opened, "Home")
    assert "dense: step 1" in opened.shows(".drawing [aria-live]")


def test_arrows_read_a_curve_point_by_point(drawn):
    opened = drawn("live_curve", language="zh")
    tab_to(opened, ".drawing canvas")
    press(opened, "ArrowRight")
    assert opened.shows(".drawing [aria-live]") == "轮次 1 损失 3"
    press(opened, "End")
    assert opened.shows(".drawing [aria-live]") == "轮次 4 损失 0.5"


def test_a_moving_figure_is_saved_as_png_and_steps_are_not_offered_as_one(drawn, tmp_path):
    opened = drawn("network")
    tab_to(opened, "summary")
    press(opened, "Enter", "Tab", "Tab")
    with opened.page.expect_download() as waiting:
        press(opened, "Enter")
    waiting.value.save_as(tmp_path / "network.png")
    assert (tmp_path / "network.png").read_bytes().startswith(b"\x89PNG")
    assert waiting.value.suggested_filename == "network.png"
    assert drawn("steps").page.locator("[data-save=png]").get_attribute("hidden") is not None
