"""
How values are shown in a page.

Text of memories, paths and transcripts is hostile: whatever a template prints is escaped, with the characters that hide
or reorder text as their code points. Memory text and quotes go through ``shown``, which masks secrets too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from dreamflow.core.secrets.masking import mask
from dreamflow.core.visible import code_point, unseen_characters, visible

__all__ = [
    "FILTERS",
    "duration",
    "marked",
    "moment",
    "number",
    "plural",
    "printed",
    "share",
    "shown",
    "size",
    "usd",
]


def shown(text: object) -> Markup:
    """
    Return hostile text as HTML: secrets masked, unseen characters as their code points, marked.

    Spaces, tabs and line ends stay: where they matter, its element has the style ``white-space: pre-wrap``.
    """
    return marked(mask(str(text)))


def marked(text: str) -> Markup:
    """Return text as HTML with unseen characters as their code points, in an element that tells them from the rest."""
    if text.isascii() and text.isprintable():
        return escape(text)
    html, at = [], 0
    for match in unseen_characters().finditer(text):
        html += [
            escape(text[at : match.start()]),
            Markup('<b class="unseen">{}</b>').format(code_point(match[0])),
        ]
        at = match.end()
    return Markup("").join([*html, escape(text[at:])])


def printed(value: Any) -> Any:
    """Return what a template prints for a value: no text leaves one with a character that can't be seen."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def number(value: float) -> str:
    """Return a whole number with thousands apart."""
    return f"{value:,.0f}"


def size(bytes_: float) -> str:
    """Return a number of bytes as people read it."""
    if bytes_ < 1000:
        return f"{bytes_:.0f} B"
    return f"{bytes_ / 1000:,.1f} kB" if bytes_ < 1_000_000 else f"{bytes_ / 1_000_000:,.1f} MB"


def share(value: float | None) -> str:
    """Return a share of 0 to 1 in percent; ``n/a`` where nothing was there to be asked for."""
    return "n/a" if value is None else f"{value:.1%}" if 0 < value < 1 else f"{value:.0%}"


def moment(value: datetime | None) -> str:
    """Return a moment in UTC, to the minute; an empty text where it is not known."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if value is not None else ""


def duration(seconds: float | None) -> str:
    """Return a duration in seconds as people read it."""
    if seconds is None:
        return "not told"
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s" if minutes else f"{left} s"


def usd(value: float | None) -> str:
    """Return US dollars; what the service did not tell is said so."""
    return "not told" if value is None else f"USD {value:,.2f}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return so many of something, in words."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


#: By the names that templates call them.
FILTERS = {
    function.__name__: function for function in (duration, moment, number, plural, share, shown, size, usd)
}
