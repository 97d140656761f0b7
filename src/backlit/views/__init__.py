"""What is shown. Views compute nothing: every number comes from the engine, from `measure` or from the run.

    backlit.views.all_views()      every view by name, in the order of a report
    backlit.views.find_view(…)     one of them

Where views are shown: `run.plot`, `run.report`, `backlit show`, `backlit report`. Names are imported when they are
first used: modules below this one are read by what must start quickly.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlit.views.kind import View as View
    from backlit.views.registry import all_views as all_views
    from backlit.views.registry import find_view as find_view

__all__ = ["View", "all_views", "find_view"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'backlit.views' has no attribute {name!r}")
    from backlit.views import kind, registry

    value = getattr(kind if name == "View" else registry, name)
    globals()[name] = value
    return value
