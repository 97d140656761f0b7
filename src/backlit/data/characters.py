"""The bytes of a text file as characters.

| bytes | read as |
| --- | --- |
| with a byte order mark | UTF-8 or UTF-16, as the mark says |
| every other byte 0 | UTF-16, as Windows writes it without a mark |
| UTF-8 | UTF-8 |
| anything else | nothing: the same bytes mean something else in each encoding, so the caller has to say |

    >>> decoded("a,b".encode("utf-16"), name="x.csv")
    'a,b'

Line ends of all systems become one sign.
"""

import codecs

from backlit.errors import DataError, SettingError
from backlit.language import Text, text

GUESSES = ("gb18030", "cp1252")
"""Encodings to propose, in this order, where a file is no UTF-8: what spreadsheets in China and Europe write."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decoded(content: bytes, *, name: str, encoding: str | None = None) -> str:
    """The characters of a file.

    Args:
        content: Its bytes.
        name: What messages call it.
        encoding: What the caller says; None to find out.

    Returns:
        Its text, lines parted by one line feed.

    Raises:
        SettingError: If there is no such encoding.
        DataError: If the bytes are not of that encoding.
    """
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise SettingError(
                "encoding-unknown",
                what=text("Reading the option `{name}`", name="encoding"),
                expected=text("an encoding that Python knows, such as `gb18030`, `cp1252` or `utf-8`"),
                received=text("`{name}`", name=encoding),
                fix=text("Leave it out for UTF-8 and UTF-16."),
            ) from None
    codec = encoding or _found(content)
    try:
        characters = content.decode(codec)
    except UnicodeDecodeError as fault:
        raise DataError(
            "csv-encoding",
            what=text("Reading `{path}`", path=name),
            expected=text("text in {encoding}", encoding=codec.upper().replace("-SIG", "")),
            received=text(
                "byte {byte:#04x} at position {position}",
                byte=content[fault.start] if fault.start < len(content) else 0,
                position=fault.start,
            ),
            fix=_proposal(content),
        ) from None
    return characters.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _found(content: bytes) -> str:
    for mark, codec in _MARKS.items():
        if content.startswith(mark):
            return codec
    beginning = content[:400]
    if len(beginning) >= 4 and len(content) % 2 == 0:
        for first, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
            other = 1 - first
            # Latin letters and digits in UTF-16 have a 0 in every other byte; text in UTF-8 has none.
            if set(beginning[first::2]) == {0} and 0 not in beginning[other::2]:
                return codec
    return "utf-8"


def _proposal(content: bytes) -> Text:
    for codec in GUESSES:
        try:
            content.decode(codec)
        except UnicodeDecodeError:
            continue
        return text('Save it as UTF-8, or say `encoding="{encoding}"` if that is what it is.', encoding=codec)
    return text("Save it as UTF-8; in a spreadsheet program choose `CSV UTF-8`.")
