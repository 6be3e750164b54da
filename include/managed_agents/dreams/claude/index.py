"""The index of a store: does it lead to every file, and a complete one where the model left it incomplete."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from include.managed_agents.dreams.engine import StoreFiles
from include.managed_agents.memories.service import MAX_MEMORIES

__all__ = ["INDEX", "complete_index", "missing_from_index"]

INDEX = "/index.md"
#: Where an index is over what one memory holds, it is spread over pages that the index leads to.
PAGE = re.compile(r"/index/\d\d\.md")
PAGE_TITLE = "# Index, page "
PAGE_BYTES = 90_000
WORDS = (200, 100, 40, 0)  # characters that a line tells of a file; fewer where there is no room
LINE = re.compile(r"[-*] `?(/[^\s`:]+)`?")


def missing_from_index(paths: Iterable[str], index: str) -> list[str]:
    """Return the files that the index doesn't lead to."""
    return [path for path in paths if path != INDEX and not is_named(path, index)]


def is_named(path: str, index: str) -> bool:
    """Tell whether an index names a path, and not only a longer one that it is a part of."""
    return path in index and bool(re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w/-]|\.\w)", index))


def complete_index(files: StoreFiles, check: Callable[[], None]) -> None:
    """
    Write an index of paths, each with what the old one said of it, or its file's first line.

    A store that is full and has no index gets none: there is no room, or somebody took it meanwhile.
    """
    told: dict[str, str] = {}
    pages: list[str] = []
    lines: dict[str, str] = {}
    for path, content in files.read_all():
        check()
        if path == INDEX or (PAGE.fullmatch(path) and content.startswith(PAGE_TITLE)):
            told |= {match[1]: line for line in content.splitlines() if (match := LINE.match(line))}
            pages.append(path)
        else:
            first = next((line.strip("# ").strip() for line in content.splitlines() if line.strip()), "")
            lines[path] = f"- {path}: {first[: max(WORDS)]}"
    lines |= {path: line for path, line in told.items() if path in lines}
    wanted = fitting(lines, MAX_MEMORIES - len(lines))
    for path in pages:
        if path not in wanted:
            files.delete(path)
    with suppress(ValueError):
        for path, content in wanted.items():
            files.write(path, content)


def fitting(lines: Mapping[str, str], room: int) -> dict[str, str]:
    """Return the index as files, as telling as fits into ``room`` of them."""
    for words in WORDS:
        pages = pages_of([line[: len(path) + 4 + words].rstrip(" :") for path, line in lines.items()])
        named = named_pages(pages, [path for path in lines if PAGE.fullmatch(path)])
        if len(named) <= room:
            return named
    folders = sorted({path.rpartition("/")[0] + "/" for path in lines})
    pages = pages_of(
        [f"- {folder}: {sum(path.startswith(folder) for path in lines)} files" for folder in folders]
    )
    cut = pages[0] if len(pages) == 1 else f"{pages[0]}(and more; search for them)\n"
    return {INDEX: f"# Index\n\n{cut}"} if room else {}


def pages_of(lines: Iterable[str]) -> list[str]:
    pages, size = [""], 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > PAGE_BYTES and pages[-1]:
            pages.append("")
            size = len(line.encode()) + 1
        pages[-1] += f"{line}\n"
    return pages


def named_pages(pages: list[str], taken: list[str]) -> dict[str, str]:
    """Return pages by path: one is the index, more stand beside it."""
    if len(pages) == 1:
        return {INDEX: f"# Index\n\n{pages[0]}"}
    paths = free_paths(taken)
    named = {next(paths): f"{PAGE_TITLE}{number}\n\n{page}" for number, page in enumerate(pages, 1)}
    leading = "".join(f"- {path}: {reach(page)}\n" for path, page in zip(named, pages, strict=True))
    return {**named, INDEX: f"# Index\n\n{leading}"}


def free_paths(taken: list[str]) -> Iterator[str]:
    return (path for number in range(1, 100) if (path := f"/index/{number:02}.md") not in taken)


def reach(page: str) -> str:
    """Return from which file to which a page leads."""
    first, *_, last = [page.splitlines()[0], *page.splitlines()]
    return " to ".join(match[1] for line in (first, last) if (match := LINE.match(line)))
