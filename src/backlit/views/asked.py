"""Language and theme as the user asked for them, checked.

Not for choosing the language of a whole process: that is `backlit.set_language`.
"""

from typing import Any, get_args

from backlit.errors import SettingError, did_you_mean
from backlit.language import LANGUAGES, Language, listed, text
from backlit.language import language as spoken_language
from backlit.views.page.document import PageTheme
from backlit.views.theme import Theme


def asked_language(name: Any) -> Language:
    """The language to write in.

    Args:
        name: `en`, `zh`, or None for that of the process.

    Returns:
        The language.

    Raises:
        SettingError: If backlit does not speak it.
    """
    if name is None:
        return spoken_language()
    return _one_of(name, LANGUAGES, "language")


def asked_theme(name: Any, *, may_be_auto: bool = False) -> Any:
    """The ground to draw on.

    Args:
        name: `light`, `dark`, and for a page perhaps `auto`.
        may_be_auto: Whether `auto` makes sense.

    Returns:
        The theme.

    Raises:
        SettingError: If there is no such theme.
    """
    return _one_of(name, get_args(PageTheme) if may_be_auto else get_args(Theme), "theme")


def _one_of(name: Any, names: tuple[str, ...], setting: str) -> Any:
    if name not in names:
        raise SettingError(
            f"{setting}-unknown",
            what=text("Reading `{name}`", name=setting),
            expected=text("one of {names}", names=listed(f"`{one}`" for one in names)),
            received=text("`{value}`", value=name),
            fix=did_you_mean(str(name), names),
        )
    return name
