"""An index that leads nowhere, a file that it leaves out, or a copy of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar
from urllib.parse import unquote

from dreamflow.core.changes import lines_of
from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.review import Severity

__all__ = ["Index", "is_index"]

_NAMES = re.compile(r".*/(index|memory|readme|contents)\.\w{1,8}|/index[-/]\d+\.\w{1,8}", re.IGNORECASE)
#: Indexes that are read, at most; and the share of the other memories that they must name to be complete.
_READ = 50
_MOST = 0.6
#: Memories that another one must name to be a list of them; the share that it has in common with an index it copies.
_LIST = 5
_COPY = 0.9

_LINK = re.compile(r"\]\(<?([^)\s>]{1,1024})")
_PATH = re.compile(r"(?<![\w.:/-])(/[^\s`'\"<>()\[\]|,;]+)")
_MOUNT = re.compile(r"^/mnt/memory/[^/]+(?=/)")


def is_index(path: str) -> bool:
    """Tell whether a memory is called as an index of others is."""
    return bool(_NAMES.fullmatch(path))


class Index(Check):
    name: ClassVar[str] = "index"
    severity: ClassVar[Severity] = "note"
    of_texts: ClassVar[bool] = True

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        #: What each changed memory that lists others names.
        self._lists: dict[str, set[str]] = {}
        self._known = {*self.examined.after, *self.examined.before}
        self._suffixes = {posixpath.splitext(path)[1] for path in self.examined.after} - {""}

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.change.after is not None and not is_index(memory.path):
            named = {
                path for _, path in self._led_to(memory.path, memory.after) if path in self.examined.after
            }
            if len(named) >= _LIST:
                self._lists[memory.path] = named
        return ()

    def conclude(self) -> Iterable[Found]:
        after = self.examined.after
        indexes = sorted(filter(is_index, after), key=lambda path: (path.count("/"), path))[:_READ]
        named: dict[str, set[str]] = {}
        for path in indexes:
            text = self.examined.text_after(path)
            named[path] = self._named(path, text)
            yield from self._leading_nowhere(path, text)
        yield from self._left_out(named)
        yield from self._copies(named)

    def _leading_nowhere(self, index: str, text: str) -> Iterator[Found]:
        for number, path in self._led_to(index, text):
            if path not in self.examined.after:
                yield Found(
                    "This line of an index leads to a memory that is not there.",
                    index,
                    number,
                    about=path,
                    paths=(path,),
                )

    def _left_out(self, named: dict[str, set[str]]) -> Iterator[Found]:
        """Yield the memories that no index names, where they name most: those that are new, or whose index is."""
        others = {path for path in self.examined.after if path not in named}
        known = set[str]().union(*named.values()) & others
        if len(known) < _MOST * len(others) or not known:
            return
        differing = {change.path for change in self.examined.changes}
        new = others if differing & named.keys() else others & differing
        left = tuple(sorted(path for path in new - known if path not in self._lists))
        if left:
            who = "This memory is" if len(left) == 1 else f"{len(left):,} memories are"
            path = left[0] if len(left) == 1 else ""
            yield Found(
                f"{who} in no index, which names most others.", path, about="\0".join(left), paths=left
            )

    def _copies(self, named: dict[str, set[str]]) -> Iterator[Found]:
        after = self.examined.after
        differing = {change.path for change in self.examined.changes}
        for index, own in named.items():
            same = {path for path in after if after[path].sha256 == after[index].sha256 and after[path].size}
            others = {**named, **self._lists}
            alike = {
                path
                for path in others
                if len(own & others[path]) >= max(_LIST, _COPY * len(own | others[path]))
            }
            for path in sorted((same | alike) - {index}):
                is_told = path in named and path < index
                if not is_told and differing & {index, path}:
                    yield Found(
                        "Two memories list the same others: one of them is enough.",
                        path,
                        about=index,
                        paths=(index, path),
                    )

    def _named(self, index: str, text: str) -> set[str]:
        named = {path for _, path in self._led_to(index, text)}
        for path in self.examined.after.keys() - named:
            # Most are not there at all, which is told without a pattern.
            if path[1:] in text and re.search(rf"(?<![\w./-])/?{re.escape(path[1:])}(?![\w/-]|\.\w)", text):
                named.add(path)
        return (named & self.examined.after.keys()) - {index}

    def _led_to(self, index: str, text: str) -> Iterator[tuple[int, str]]:
        """Yield what a memory leads to, once each: (line, path). Addresses, folders and anchors are left out."""
        seen: set[str] = set()
        for number, line in enumerate(lines_of(text), 1):
            links = [unquote(link) for link in _LINK.findall(line)]
            for target in (*links, *_PATH.findall(_LINK.sub("]", line))):
                path = self._path(index, target)
                if path is not None and path not in seen:
                    seen.add(path)
                    yield number, path

    def _path(self, index: str, target: str) -> str | None:
        target = _MOUNT.sub("", target)
        if re.match(r"[\w+.-]+:|//|#", target):
            return None
        folder, found = posixpath.dirname(index), ""
        for form in (target, target.partition("#")[0], target.rstrip(".,:;!?*_")):
            found = posixpath.normpath(posixpath.join(folder, form))
            if found in self._known:
                return found
        return found if posixpath.splitext(found)[1] in self._suffixes else None
