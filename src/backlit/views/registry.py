"""Finds the views: every module of this folder with a `VIEW`."""

import importlib
import pkgutil

from backlit import views
from backlit.errors import SettingError, did_you_mean
from backlit.language import listed, text, verbatim
from backlit.views.kind import View


def all_views() -> dict[str, View]:
    """Every view.

    Returns:
        By name, sorted.
    """
    modules = [importlib.import_module(f"{views.__name__}.{one.name}") for one in pkgutil.iter_modules(views.__path__)]
    found = [vars(module)["VIEW"] for module in modules if "VIEW" in vars(module)]
    return {view.name: view for view in sorted(found, key=lambda view: view.name)}


def find_view(name: str) -> View:
    """One view.

    Args:
        name: As `run.plot` calls it.

    Returns:
        The view.

    Raises:
        SettingError: If there is none of this name.
    """
    known = all_views()
    if name not in known:
        raise SettingError(
            "view-unknown",
            what=text("Choosing a view"),
            expected=text("one of {names}", names=listed(f"`{one}`" for one in known)),
            received=verbatim(f"`{name}`"),
            fix=did_you_mean(name, known),
        )
    return known[name]
