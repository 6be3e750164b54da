"""A target of which settings came from environment variables: people read them as the pipeline file has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dreamflow.errors import DreamflowError

if TYPE_CHECKING:
    from dreamflow.targets._live import LiveTarget

__all__ = ["AsWritten", "hidden_words"]


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
        self._target = target
        self._words = words
        self._hidden = re.compile("|".join(re.escape(text) for text in sorted(words, key=len, reverse=True)))
        self.name = self._told(target.name)

    def check(self) -> None:
        with self._telling():
            self._target.check()

    def read(self) -> str:
        with self._telling():
            return self._target.read()

    def write(self, before: str, after: str) -> None:
        with self._telling():
            self._target.write(before, after)

    def _told(self, text: str) -> str:
        return self._hidden.sub(lambda found: self._words[found[0]], text)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except DreamflowError as e:
            e.args = (self._told(str(e)), *e.args[1:])
            raise e from None  # a log would show what led to it, in the service's words
