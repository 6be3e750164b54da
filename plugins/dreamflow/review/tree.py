"""The changed memories in the order in which they are read: as a tree of folders, and as pages of changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from dreamflow.core.review import Change, Finding, Review, Side
from dreamflow.core.secrets.masking import mask

__all__ = ["Folder", "Item", "Outline", "outline_of"]

#: Rows of diffs, and memories, on one page of changes. A memory with more rows is paged by itself.
PAGE_ROWS, PAGE_MEMORIES = 400, 25
#: Rows that stand around a memory's changed lines, about: its title and the context.
_AROUND = 12
#: Folders within folders; what lies deeper stands in the last of them, with the rest of its path.
DEPTH_LIMIT = 12
#: Folders are open while there are at most so many memories.
_OPEN_LIMIT = 60


@dataclass(frozen=True)
class Item:
    """
    One changed memory.

    :ivar name: its path below the folder that it stands in, without secrets.
    :ivar key: names it in the page, and holds none of its text. :ivar page: of the pages of changes, from 1.
    :ivar findings: what was found about it.
    """

    change: Change
    name: str
    key: str
    page: int
    findings: tuple[Finding, ...] = ()

    @property
    def gravity(self) -> str:
        """Return the severity of its gravest finding; empty where nothing was found."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in ("block", "flag", "note") if severity in found), "")


@dataclass
class Folder:
    """Memories below one folder; a folder with nothing but one folder in it stands in one line with it."""

    name: str
    folders: list[Folder] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    is_open: bool = True

    def all_items(self) -> Iterator[Item]:
        for folder in self.folders:
            yield from folder.all_items()
        yield from self.items

    @property
    def added(self) -> int:
        return sum(item.change.lines_added for item in self.all_items())

    @property
    def removed(self) -> int:
        return sum(item.change.lines_removed for item in self.all_items())

    @property
    def count(self) -> int:
        return sum(1 for _ in self.all_items())

    @property
    def gravity(self) -> str:
        found = {item.gravity for item in self.all_items()}
        return next((severity for severity in ("block", "flag", "note") if severity in found), "")


@dataclass(frozen=True)
class Outline:
    """:ivar pages: how many pages of changes there are, at least one."""

    items: Sequence[Item]
    tree: Folder
    pages: int
    _by_place: Mapping[tuple[str, str], Item]

    def page(self, number: int) -> list[Item]:
        return [item for item in self.items if item.page == number]

    def keyed(self, key: str) -> Item | None:
        return next((item for item in self.items if item.key == key), None)

    def of(self, path: str, side: Literal["before", "after"] = "after") -> Item | None:
        """Return the change that has a memory of that path on that side, else on the other."""
        other: Side = "before" if side == "after" else "after"
        return self._by_place.get((side, path)) or self._by_place.get((other, path))


@lru_cache(1 << 14)  # Every page has all paths.
def _shown(path: str) -> str:
    """Return a path without its secrets: one may be told by the folders that it stands in."""
    return mask(path)


def outline_of(review: Review) -> Outline:
    """Return the changes of a review by path, folders first, as the tree shows them."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in review.findings:
        for path in dict.fromkeys((finding.path, *finding.paths)):
            found.setdefault((finding.side, path), []).append(finding)
    root = _folded(_tree(review.changes, found), is_open=len(review.changes) <= _OPEN_LIMIT)
    items = list(_numbered(root))
    by_place: dict[tuple[str, str], Item] = {}
    for item in items:
        for place in _places(item.change):
            by_place.setdefault(place, item)
    return Outline(items, root, max((item.page for item in items), default=1), by_place)


def _places(change: Change) -> list[tuple[Side, str]]:
    """Return where a change's memory lies, on either side; its own path first."""
    origins: list[tuple[Side, str]] = [("before", path) for path in change.origins]
    if change.after is not None:
        # What was edited in its place has no origins.
        own = [("before", change.path)] if change.before is not None and not origins else []
        return [("after", change.path), *own, *origins]  # type: ignore[list-item]
    return [("before", change.path), *origins]


def _tree(changes: Sequence[Change], found: Mapping[tuple[str, str], Sequence[Finding]]) -> Folder:
    root = Folder("")
    folders = {"": root}
    for change in changes:
        parts = _shown(change.path).split("/")
        depth = min(len(parts) - 1, DEPTH_LIMIT)
        findings = {f.id: f for place in _places(change) for f in found.get(place, ())}
        side = "after" if change.after is not None else "before"
        key = f"c{hashlib.sha256(f'{side}{change.path}'.encode()).hexdigest()[:12]}"
        item = Item(change, "/".join(parts[depth:]) or _shown(change.path), key, 0, tuple(findings.values()))
        _folder(folders, "/".join(parts[:depth])).items.append(item)
    return root


def _folder(folders: dict[str, Folder], path: str) -> Folder:
    """Return the folder of that path, made with those above it where it is not there yet."""
    missing = []
    while path not in folders:
        missing.append(path)
        path = path.rpartition("/")[0]
    folder = folders[path]
    for path in reversed(missing):
        folders[path] = Folder(path.rpartition("/")[2])
        folder.folders.append(folders[path])
        folder = folders[path]
    return folder


def _folded(root: Folder, *, is_open: bool) -> Folder:
    """Put every folder in order, and into one line what holds nothing but one folder."""
    stack = [root]
    while stack:
        folder = stack.pop()
        folder.folders = [_joined(inner) for inner in folder.folders]
        for inner in folder.folders:
            inner.is_open = is_open
        folder.folders.sort(key=lambda inner: inner.name)
        folder.items.sort(key=lambda item: item.change.path)
        stack += folder.folders
    return root


def _joined(folder: Folder) -> Folder:
    while len(folder.folders) == 1 and not folder.items:
        (only,) = folder.folders
        folder = Folder(f"{folder.name}/{only.name}", only.folders, only.items)
    return folder


def _numbered(root: Folder) -> Iterator[Item]:
    """Give every item its page, in the tree's order."""
    page, rows, memories = 1, 0, 0

    def visit(folder: Folder) -> Iterator[Item]:
        nonlocal page, rows, memories
        for inner in folder.folders:
            yield from visit(inner)
        for position, item in enumerate(folder.items):
            own = min(item.change.lines_added + item.change.lines_removed + _AROUND, PAGE_ROWS)
            if memories and (rows + own > PAGE_ROWS or memories >= PAGE_MEMORIES):
                page, rows, memories = page + 1, 0, 0
            rows, memories = rows + own, memories + 1
            folder.items[position] = replace(item, page=page)
            yield folder.items[position]

    yield from visit(root)
