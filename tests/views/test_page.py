"""Pages: what is in them, that nothing in them loads anything, and that words of users cannot break out of them."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from backlit.language import Words
from backlit.views.cards import Card, Cards
from backlit.views.chart import Axis, Chart, Series
from backlit.views.moving import Moving
from backlit.views.page import Block, cards_html, figure_block, figure_data, make_page, said, table_html
from backlit.views.page.document import MARK
from backlit.views.page.drawn import chart_height, difference
from backlit.views.page.parts import in_script

TITLE = Words(en="A page", zh="一页")
LOSS = Words(en="loss", zh="损失")
CURVE = Chart(
    "curve",
    title=LOSS,
    x=Axis(Words(en="epoch", zh="轮次")),
    y=Axis(LOSS),
    series=(Series(LOSS, [1, 2], [0.5, np.nan]),),
)
GRID = Moving(
    "image_grid",
    "maps",
    title=Words(en="Maps", zh="特征图"),
    data={"images": [{"pixels": [1 / 3, np.float32(0.5)]}], "height": 1, "width": 2, "channels": 1},
    alternative=Words(en="one map", zh="一张图"),
)
CARDS = Cards(
    "found",
    TITLE,
    (
        Card(Words(en="Dead <units>", zh="失效神经元"), tone="bad", tag="G303", numbers=((LOSS, "1e-6"),)),
        Card(LOSS, lines=(Words(en="all is well", zh="一切正常"),)),
    ),
)


def page(*body, **options):
    return make_page(title=TITLE, body=[figure_block(one) for one in body], language="en", **options)


def data_of(html):
    [found] = re.findall(r'<script type="application/json" id="backlit-data">(.*?)</script>', html, re.DOTALL)
    return json.loads(found)


def applied(base, changes):
    base = json.loads(json.dumps(base))
    for path, value in changes:
        place = base
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
    return base


def test_a_difference_says_all_that_has_to_be_changed():
    one = {"a": [1, {"b": "x"}], "c": None, "d": [1, 2]}
    other = {"a": [1, {"b": "y"}], "c": 3, "d": [1]}
    changes = difference(one, other)
    assert changes == [[["a", 1, "b"], "y"], [["c"], 3], [["d"], [1]]]
    assert applied(one, changes) == other
    assert difference(one, one) == []


def test_a_chart_is_written_once_and_three_times_by_what_differs():
    data = figure_data(CURVE)
    assert data["changes"]["en-light"] == []
    dark = applied(data["base"], data["changes"]["zh-dark"])
    assert dark["data"][0]["name"] == "损失"
    assert dark["data"][0]["line"]["color"] == "#56B4E9"
    assert data["base"]["data"][0]["line"]["color"] == "#0072B2"
    assert data["alternative"]["zh"].startswith("损失。横轴：轮次")
    long = replace(CURVE, series=(Series(LOSS, range(1000), np.linspace(0, 1, 1000)),))
    assert len(json.dumps(figure_data(long))) < len(json.dumps(figure_data(CURVE))) + 1.5 * 8 * 1000 * 4 / 3


def test_a_chart_of_many_named_rows_is_higher():
    rows = tuple(Words(en=str(i), zh=str(i)) for i in range(30))
    assert chart_height(CURVE) == 420
    assert chart_height(Chart("rows", LOSS, Axis(LOSS), Axis(LOSS, labels=rows))) == 150 + 26 * 30


def test_a_page_loads_nothing_and_says_so_to_the_browser():
    html = page(CURVE, GRID)
    assert "default-src 'none'" in html
    assert not re.search(
        r"""(?:src|href)\s*=\s*["'](?!data:|#)""", re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    )
    assert not re.search(r"<script[^>]+src=", html)
    assert "sourceMappingURL" not in html
    assert "@import" not in html
    assert html.startswith("<!doctype html>\n<html")
    assert 'lang="en"' in html
    assert MARK in html[:4096]


def test_plotly_is_in_a_page_once_and_only_where_there_are_charts():
    assert page(CURVE, CURVE).count('id="backlit-plotly"') == 1
    moving = page(GRID, GRID)
    assert 'id="backlit-plotly"' not in moving
    assert moving.count("function tile(") == 1
    assert len(moving) < 100_000


def test_numbers_of_a_moving_figure_are_as_long_as_can_be_seen():
    [figure] = data_of(page(GRID))["figures"]
    assert figure["data"]["images"][0]["pixels"] == [0.33333, 0.5]


def test_what_is_not_finite_is_null():
    figure = Moving("live_curve", "c", title=LOSS, data={"x": [1.0, np.nan]}, alternative=LOSS)
    assert data_of(page(figure))["figures"][0]["data"] == {"x": [1.0, None]}


def test_words_of_users_cannot_end_a_script_or_begin_a_tag():
    evil = "</script><script>alert(1)</script><!--"
    words = Words(en=evil, zh=evil)
    chart = Chart("evil", title=words, x=Axis(words), y=Axis(words), series=(Series(words, [1], [1]),))
    html = make_page(title=words, header=f"<h1>{said(words)}</h1>", body=[figure_block(chart)], language="en")
    assert "<script>alert" not in html
    assert data_of(html)["title"]["en"] == evil
    assert in_script("a </script> b <!-- c") == "a <\\/script> b <\\!-- c"


def test_cards_say_their_tone_by_a_sign_and_in_words():
    html = cards_html(CARDS)
    assert 'class="card is-bad"' in html
    assert "✗" in html
    assert "problem" in html
    assert "问题" in html
    assert "Dead &lt;units&gt;" in html
    assert "<dd>1e-6</dd>" in html
    alone = cards_html(CARDS, languages=("zh",))
    assert "data-in" not in alone
    assert "失效神经元" in alone
    assert "Dead" not in alone


@pytest.mark.parametrize(
    ("figure", "ways"), [(CURVE, ["html", "svg", "png"]), (GRID, ["html", "png"]), (CARDS, ["html"])]
)
def test_each_form_of_figure_has_its_menu(figure, ways):
    block = figure_block(figure)
    assert re.findall(r'data-save="(\w+)"', block.html) == ways
    assert 'data-figure="7"' in block.numbered(7)
    assert block.data["title"]["zh"] == figure.title.zh


def test_a_title_with_braces_does_not_confuse_the_numbering():
    odd = Words(en="{number} of {x}", zh="{number}")
    block = figure_block(Cards("odd", odd, (Card(odd),)))
    assert isinstance(block, Block)
    assert 'data-figure="3"' in block.numbered(3)
    assert "{number} of {x}" in block.numbered(3)


def test_words_that_are_the_same_are_written_once():
    assert said(Words(en="Adam", zh="Adam")) == "Adam"
    assert said(LOSS, languages=("zh",)) == "损失"


def test_a_table_of_pairs_has_heads_of_rows():
    assert '<th scope="row">a</th><td>b</td>' in table_html((), [("a", "b")])
    assert '<td class="is-number">1</td>' in table_html(("n",), [("1",)], numbers=(0,))
    assert "<tbody></tbody>" in table_html(("n",), [])


def test_the_theme_of_a_page():
    assert "data-auto" in page(CARDS)[:300]
    dark = page(CARDS, theme="dark")[:300]
    assert 'data-theme="dark"' in dark
    assert "data-auto" not in dark
    assert 'data-switch="theme"' in page(CARDS)
    assert 'data-switch="theme"' not in re.sub(r"<script.*", "", page(CARDS, has_buttons=False), flags=re.DOTALL)
