"""Every sentence a user reads, in English and in Chinese.

A sentence is written once, in English, where it is used; the Chinese stands in `locale/zh.po` under the English
sentence. Because the English is a literal, a test finds every `text("…")` call in the source and demands its Chinese.

    >>> rows = text("Loaded {n} rows", n=5)
    >>> str(rows)
    'Loaded 5 rows'
    >>> rows.say("en")
    'Loaded 5 rows'

Which language is shown: what `set_language` chose (the command line's `--lang` calls it), else the environment
variable `BACKLIT_LANG`, else the system's locale. An exception in Python is English always; the command line and the
lab show the same exception in the chosen language.

Not for lessons and rule pages: those are whole texts, one file a language.
"""

import locale
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_SEPARATOR: dict[Language, str] = {"en": ", ", "zh": "、"}
_chosen: Language | None = None


@dataclass(frozen=True)
class Text:
    """A sentence in every language: an English template and the values for its placeholders.

    Attributes:
        template: The English sentence with `{name}` placeholders, as `str.format` reads them.
        values: One value for each placeholder. A value may be a Text or a Listed itself.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def say(self, language: Language) -> str:
        """The sentence in one language; English where the Chinese is missing."""
        shown = {name: _shown(value, language) for name, value in self.values.items()}
        if language == "zh" and self.template in _chinese():
            return _Spacing().spaced(_chinese()[self.template], shown)
        return self.template.format_map(shown)

    def __str__(self) -> str:
        return self.say("en")


@dataclass(frozen=True)
class Listed:
    """Several things in a row: `a, b, c` in English, `a、b、c` in Chinese."""

    items: tuple[object, ...]

    def say(self, language: Language) -> str:
        """The things with the separator of the language between them."""
        return _SEPARATOR[language].join(str(_shown(item, language)) for item in self.items)

    def __str__(self) -> str:
        return self.say("en")


@dataclass(frozen=True, kw_only=True)
class Words:
    """A few words in both languages: a label, a title. Whole texts live in files of their own.

    Attributes:
        en: English.
        zh: Chinese.
    """

    en: str
    zh: str

    def say(self, language: Language) -> str:
        """The words in one language."""
        return self.zh if language == "zh" else self.en


def both(sentence: Text) -> Words:
    """A sentence that is already there, as words for a chart.

    Args:
        sentence: What `text` made.

    Returns:
        It in both languages.

    Example:
        >>> both(text("loss"))
        Words(en='loss', zh='损失')
    """
    return Words(en=sentence.say("en"), zh=sentence.say("zh"))


def text(template: str, /, **values: object) -> Text:
    """Makes the Text of an English sentence; the sentence must be a literal, so that a test can find it.

    Args:
        template: The English sentence, with `{name}` placeholders and, where useful, format specs.
        **values: One value for each placeholder.

    Returns:
        The sentence, not yet in any language.

    Example:
        >>> str(text("Loss fell to {loss:.2f}", loss=0.1234))
        'Loss fell to 0.12'
    """
    return Text(template, values)


def verbatim(words: object) -> Text:
    """Makes a Text of words that are the same in every language: a name, a path, a number, foreign output.

    Args:
        words: What to show, as `str` shows it.

    Returns:
        A Text that says these words in every language.

    Example:
        >>> verbatim("layer {3}").say("zh")
        'layer {3}'
    """
    return Text("{words}", {"words": str(words)})


def listed(items: Iterable[object]) -> Listed:
    """Puts things in a row, as the value of a placeholder.

    Args:
        items: Texts, or anything that `str` shows.

    Returns:
        The row, not yet in any language.

    Example:
        >>> listed(["moons", "circles"]).say("zh")
        'moons、circles'
    """
    return Listed(tuple(items))


def say(sentence: Text) -> str:
    """The sentence in the chosen language.

    Args:
        sentence: What `text` made.

    Returns:
        The words to show.
    """
    return sentence.say(language())


def set_language(name: str | None) -> None:
    """Chooses the language of what backlit shows, for this process.

    Args:
        name: `"zh"`, `"en"`, or None to follow `BACKLIT_LANG` and the system's locale again.

    Raises:
        SettingError: If backlit does not speak this language.
    """
    global _chosen
    if name is not None and name not in LANGUAGES:
        from backlit.errors import SettingError, did_you_mean

        raise SettingError(
            "language-unknown",
            what=text("Choosing the language"),
            expected=text("one of {names}", names=listed(f"`{known}`" for known in LANGUAGES)),
            received=verbatim(f"`{name}`"),
            fix=did_you_mean(name, LANGUAGES),
        )
    _chosen = name


def language() -> Language:
    """The language in which `say` speaks now.

    Returns:
        What `set_language` chose, else `BACKLIT_LANG`, else the system's locale; English where none is ours.
    """
    if _chosen is not None:
        return _chosen
    for tag in (os.environ.get("BACKLIT_LANG", ""), _system_locale()):
        for known in LANGUAGES:
            if tag.lower().startswith(known):
                return known
    return "en"


@cache
def glossary() -> dict[str, str]:
    """The words of the field and our own, English to Chinese, each pair once.

    Returns:
        English term to Chinese term, in the order of `terms.toml`.
    """
    import tomllib

    sections = tomllib.loads((files("backlit") / "terms.toml").read_text(encoding="utf-8"))
    return {english: chinese for section in sections.values() for english, chinese in section.items()}


@cache
def _chinese() -> dict[str, str]:
    """English template to Chinese template. Read only when Chinese is wanted: babel takes a while to import."""
    from babel.messages.pofile import read_po

    with (files("backlit") / "locale" / "zh.po").open("rb") as file:
        catalog = read_po(file, locale="zh", charset="utf-8")
    return {str(message.id): str(message.string) for message in catalog if message.id and message.string}


class _Spacing(Formatter):
    """Sets a space where Chinese meets the letters or digits of a value, as Chinese typesetting does.

    Only at the border of a value: what stands inside, such as the name of a file, stays as it is.
    """

    START, END = "\x02", "\x03"
    BORDER = re.compile(r"(?<=[一-鿿])\x02(?=[0-9A-Za-z`])|(?<=[0-9A-Za-z`%])\x03(?=[一-鿿])")
    MARKS = dict.fromkeys(map(ord, START + END))

    def format_field(self, value: object, format_spec: str) -> str:
        words = super().format_field(value, format_spec.translate(self.MARKS))
        return f"{self.START}{words}{self.END}"

    def spaced(self, template: str, values: Mapping[str, object]) -> str:
        """The template with its values."""
        return self.BORDER.sub(" ", self.vformat(template, (), values)).translate(self.MARKS)


def _shown(value: object, language: Language) -> object:
    """A placeholder's value in one language; numbers stay numbers, so that format specs reach them."""
    return value.say(language) if isinstance(value, Text | Listed) else value


def _system_locale() -> str:
    """The locale of messages as POSIX orders the variables, else what the operating system says."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return os.environ[variable]
    return locale.getlocale()[0] or ""
