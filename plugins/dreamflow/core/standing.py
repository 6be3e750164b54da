"""What every specific of a new line rests on: a session, a memory of the input, something else, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from dreamflow.core.checks.check import Examined, Line, Memory
from dreamflow.core.grounding import StoreNames, find
from dreamflow.core.nearness import Company
from dreamflow.core.old_amounts import OldAmounts
from dreamflow.core.review import Evidence
from dreamflow.core.specifics import Kind, Specific

__all__ = ["Standing", "Stands"]

#: ``unnamed``: said, but in no session that the line names. ``elsewhere``: only by what has nothing else of the line.
How = Literal["said", "unnamed", "elsewhere", "nowhere"]
#: An amount that so many memories say is none of a single one of them.
_SEVERAL = 4


class Stands(NamedTuple):
    """
    How a specific stands.

    :ivar sessions: where sessions say it; of what memories say, nobody has looked for that. :ivar memories: where the
        input's memories do.
    """

    specific: Specific
    how: How
    sessions: Sequence[Evidence] = ()
    memories: Sequence[Evidence] = ()


class Standing:
    """
    Tells of each specific of a new line how it stands.

    Left out: names of old memories, and of new ones with their ending, counts of them, small numbers, and titles in
    headings. What one of the sessions says in another form (``grounding``) is said.
    """

    def __init__(self, examined: Examined) -> None:
        self._said = examined.said
        self._names = StoreNames(examined.before, new=examined.after)
        self._amounts = OldAmounts(examined.text_before)

    def of(self, memory: Memory, line: Line) -> Iterator[Stands]:
        """Yield how the specifics of one of its new lines stand."""
        said, text = self._said, line.text
        specifics = self._names.telling(text)
        company = None
        for one in specifics:
            held = find(one, said.memories)
            if held and self._is_settled(one, line, memory):
                yield Stands(one, "said", (), held)
                continue
            places = find(one, said.sessions)
            if any(place.session_id.casefold() == one.key for place in places[:1]):
                yield Stands(one, "said", places, held)  # the name of a session, as where a line comes from
                continue
            company = company or Company(said, text, specifics)
            if held and not self._is_strange(one, company, held, memory.change.origins):
                yield Stands(one, "said", places, held)
            elif not places and not held:
                yield Stands(one, "nowhere")
            elif company.is_unnamed(one):
                yield Stands(one, "unnamed", places, held)
            else:
                is_elsewhere = not places or company.is_apart(one)
                yield Stands(one, "elsewhere" if is_elsewhere else "said", places, held)

    def _is_strange(
        self, one: Specific, company: Company, held: Sequence[Evidence], own: Collection[str]
    ) -> bool:
        """Tell whether the memories that say an amount say it of something else, wherever in them they do."""
        if len(held) >= _SEVERAL or not company.is_strange(one, ()):
            return False
        paths = dict.fromkeys(place.path for place in held)
        if not paths.keys().isdisjoint(own):
            return False
        texts = (self._amounts.texts(path, one) for path in paths)
        return all(there is not None and company.is_strange(one, there) for there in texts)

    @staticmethod
    def _is_settled(one: Specific, line: Line, memory: Memory) -> bool:
        """Tell whether it is as good as said that old memories say it; not of an amount that others than its own do."""
        return one.kind is not Kind.AMOUNT or line.text[one.start : one.end] in memory.before
