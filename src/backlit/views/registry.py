"""Finds the views: every module of `gallery/` with a `VIEW`."""

import importlib
import pkgutil
from functools import cache

from backlit.errors import SettingError, did_you_mean
from backlit.language import text, verbatim
from backlit.views import gallery
from backlit.views.kind import PARTS, View


@cache
def all_views() -> dict[str, View]:
    """Every view.

    Returns:
        By name, in the order of a report.
    """
    modules = [
        importlib.import_module(f"{gallery.__name__}.{one.name}") for one in pkgutil.iter_modules(gallery.__path__)
    ]
    found = [vars(module)["VIEW"] for module in modules if "VIEW" in vars(module)]
    order = list(PARTS)
    return {view.name: view for view in sorted(found, key=lambda view: (order.index(view.part), view.place, view.name))}


def find_view(name: str) -> View:
    """The view of a name.

    Args:
        name: Its name.

    Returns:
        The view.

    Raises:
        SettingError: If there is none.
    """
    views = all_views()
    if name not in views:
        raise SettingError(
            "view-unknown",
            what=text("Choosing what to plot"),
            expected=text("the name of a view; `backlit.views.all_views()` lists them"),
            received=verbatim(f"`{name}`"),
            fix=did_you_mean(name, list(views)),
        )
    return views[name]
