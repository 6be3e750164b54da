"""Where a memory of the input says amounts: every place of one, where the evidence keeps the first."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from dreamflow.core.grounding import asked_keys, said_keys
from dreamflow.core.specifics import Kind, Specific, specifics_of

__all__ = ["OldAmounts"]

#: Characters of its line on each side of an amount that tell what it is of; and how far above its heading may stand.
_AROUND, _ABOVE = 200, 2_000
#: Memories that are read in all, and that are held. More are read by nobody but to make a review slow.
_READ, _HELD = 60, 8
_Places = tuple[str, Mapping[str, Sequence[int]]]


class OldAmounts:
    """
    The memories of the input that say an amount, read as they are asked for.

    :param text_before: returns a memory's text; an empty one where there is none to be shown.
    """

    def __init__(self, text_before: Callable[[str], str]) -> None:
        self._text_before = text_before
        self._held: OrderedDict[str, _Places] = OrderedDict()
        self._left = _READ

    def texts(self, path: str, one: Specific) -> Iterator[str] | None:
        """Return the text around each place where a memory says an amount; None where it can't be looked through."""
        if (found := self._places(path)) is None:
            return None
        text, places = found
        starts = {start for key in asked_keys(one) for start in places.get(key, ())}
        return (f"{path}\n{_around(text, start)}" for start in sorted(starts)) if starts else None

    def _places(self, path: str) -> _Places | None:
        if path not in self._held:
            if not self._left or not (text := self._text_before(path)):
                return None
            self._left -= 1
            places: defaultdict[str, list[int]] = defaultdict(list)
            for one in specifics_of(text):
                if one.kind in (Kind.AMOUNT, Kind.NUMBER, Kind.IDENTIFIER):
                    for key in said_keys(one, "tool"):
                        places[key].append(one.start)
            self._held[path] = text, places
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        return self._held[path]


def _around(text: str, start: int) -> str:
    """Return the words of a line around a place, behind the heading that they stand under."""
    first, last = max(0, start - _AROUND), start + _AROUND
    begin, end = text.rfind("\n", first, start) + 1 or first, text.find("\n", start, last)
    above = text.rfind("\n#", max(0, start - _ABOVE), start) + 1
    heading = text[above : above + _AROUND].split("\n", 1)[0] if text.startswith("#", above) else ""
    return f"{heading}\n{text[begin : end if end >= 0 else last]}"
