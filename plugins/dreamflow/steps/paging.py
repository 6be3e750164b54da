"""Keeping beside what can't be merged: in pages below /late/, which the index names, where there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dreamflow.core.beside import Aside, index_path, pages, standing, with_entries
from dreamflow.core.draft import Draft, Laid, Rest, Slot

__all__ = ["Paging"]


class Paging:
    """
    Lays asides into the pages of a draft.

    :param text_of: returns what a memory is to hold by now. :param put: lets it hold a text; tells whether it has room.
    """

    def __init__(
        self, draft: Draft, text_of: Callable[[Slot], str], put: Callable[[Slot, str], bool]
    ) -> None:
        self._draft, self._text_of, self._put = draft, text_of, put
        self._laid: list[Laid] = []

    def lay(self, asides: Sequence[Aside]) -> list[Laid]:
        """Let each aside stand in a page of its memory, once, on top of what the pages hold."""
        existing = {
            path: self._text_of(slot) for aside in asides for path, slot in self._pages(aside).items()
        }
        written = pages(existing, asides)
        for path, text in written.items():
            self._put(self._draft.at(path) or self._draft.create(path), text)
        laid = [
            Laid(aside, tuple(slot for path, slot in self._pages(aside).items() if path in written))
            for aside in asides
        ]
        self._laid += laid
        return laid

    def take_up(self, rest: Rest) -> None:
        """Lay what an earlier carry left: what stands in its page already is not put there again."""
        to_page = iter(self.lay([kept.aside for kept in rest.of.kept if kept.pages is None]))
        to_enter = [Laid(kept.aside) for kept in rest.of.kept if kept.pages is not None]
        self._laid += to_enter
        rest.laid = [*to_page, *to_enter]

    def enter(self) -> None:
        """Enter the pages in the index."""
        path = index_path(self._draft) if self._laid else None
        slot = self._draft.at(path) if path is not None else None
        if slot is None:
            return
        text = self._text_of(slot)
        entered = with_entries(
            text, sorted({path for laid in self._laid for path in self._pages(laid.aside)})
        )
        if entered != text and self._put(slot, entered):
            for laid in self._laid:
                laid.index = slot

    def _pages(self, aside: Aside) -> dict[str, Slot]:
        """Return the memories that hold what belongs to the aside's."""
        return {path: slot for path in standing(self._draft, aside.path) if (slot := self._draft.at(path))}
