"""The registry of views: found by scanning, in the order of a report, and a wrong name is told."""

import pytest

from backlit.errors import SettingError
from backlit.views import gallery
from backlit.views.kind import PARTS
from backlit.views.registry import all_views, find_view


def test_views_stand_in_the_order_of_a_report():
    places = [(list(PARTS).index(view.part), view.place) for view in all_views().values()]
    assert places == sorted(places)
    assert len(places) > 25


def test_a_new_view_is_one_new_file(tmp_path, monkeypatch):
    (tmp_path / "newest.py").write_text(
        "from backlit.language import Words\n"
        "from backlit.views.kind import View\n"
        'W = Words(en="Newest", zh="最新")\n'
        'VIEW = View(name="newest", title=W, about=W, part="data", read=lambda run: None, draw=lambda found: ())\n'
    )
    monkeypatch.setattr(gallery, "__path__", [*gallery.__path__, str(tmp_path)])
    all_views.cache_clear()
    try:
        assert find_view("newest").part == "data"
    finally:
        all_views.cache_clear()


def test_a_wrong_name_is_told():
    with pytest.raises(SettingError, match=r"received `curvs`\. Did you mean `curves`"):
        find_view("curvs")
