"""Finds the probes: every module of this folder with a `PROBE`."""

import importlib
import pkgutil
from collections.abc import Sequence

from backlit.engine import probes
from backlit.engine.probes.kind import Probe
from backlit.errors import SettingError, did_you_mean
from backlit.language import text, verbatim


def all_probes() -> dict[str, Probe]:
    """Every probe.

    Returns:
        By name, sorted.
    """
    modules = [
        importlib.import_module(f"{probes.__name__}.{one.name}") for one in pkgutil.iter_modules(probes.__path__)
    ]
    found = [vars(module)["PROBE"] for module in modules if "PROBE" in vars(module)]
    return {probe.name: probe for probe in sorted(found, key=lambda probe: probe.name)}


def chosen_probes(names: bool | Sequence[str]) -> tuple[Probe, ...]:
    """The probes that are asked for.

    Args:
        names: True for all, False for none, or which.

    Returns:
        The probes.

    Raises:
        SettingError: If there is no such probe.
    """
    known = all_probes()
    if isinstance(names, bool):
        return tuple(known.values()) if names else ()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SettingError(
            "probe-unknown",
            what=text("Choosing what to measure"),
            expected=text("True, False, or names of probes"),
            received=verbatim(", ".join(f"`{name}`" for name in unknown)),
            fix=did_you_mean(unknown[0], list(known)),
        )
    return tuple(known[name] for name in known if name in names)
