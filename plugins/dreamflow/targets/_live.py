"""What every kind of target can do, and how one speaks that has settings from environment variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from dreamflow.errors import DreamflowError


class LiveTarget(Protocol):
    """One place that names the live store."""

    #: For people, such as ``deployment depl_…``.
    name: str

    def check(self) -> None:
        """Raise where a swap could not be written, though the target can be read."""
        ...

    def read(self) -> str:
        """Return the id of the memory store that the target names now."""
        ...

    def write(self, before: str, after: str) -> None:
        """Name ``after`` instead of ``before``, if and only if ``before`` is named now."""
        ...


def hidden_words(values: Iterable[Any], shown: Callable[[str], str]) -> dict[str, str]:
    """Return, by each text that is not to be read, what is written instead. A URI may be told without its scheme."""
    words: dict[str, str] = {}
    for value in values:
        if isinstance(value, str) and (written := shown(value)) != value:
            _, _, rest = value.partition("://")
            words |= dict.fromkeys(filter(None, (value, rest, rest.partition("@")[2])), written)
    return words


class AsWritten:
    """
    The target, with name and errors in the words of the pipeline file.

    :param words: what is written instead, by what is hidden.
    """

    def __init__(self, target: LiveTarget, words: Mapping[str, str]) -> None:
        self._words = words
        self._hidden = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
        self.name = self._told(target.name)
        self.check = self._telling()(target.check)
        self.read = self._telling()(target.read)
        self.write = self._telling()(target.write)

    def _told(self, text: str) -> str:
        return self._hidden.sub(lambda found: self._words[found[0]], text)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except DreamflowError as e:
            e.args = (self._told(str(e)), *e.args[1:])
            raise e from None  # a log would show what led to it, in the service's words
