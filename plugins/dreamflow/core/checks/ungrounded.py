"""New specifics that nothing says: neither a session that the dream read, nor the input."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import ClassVar

from dreamflow.core.checks.check import Check, Examined, Found, Line, Memory
from dreamflow.core.grounding import StoreNames, Writing, find, shown
from dreamflow.core.nearness import Company
from dreamflow.core.old_amounts import OldAmounts
from dreamflow.core.review import Evidence, Severity
from dreamflow.core.specifics import Kind, Specific

__all__ = ["Ungrounded"]

#: An amount that so many memories say is none of a single one of them.
_SEVERAL = 4


class Ungrounded(Check):
    """
    Find lines of the output that say what nobody said, or what only that says which has nothing else of the line.

    So does what is said in no session that the line names. Left out: names of memories, counts of them, small numbers,
    and titles in headings. What one of the sessions says in another form (``grounding``) is said.
    """

    name: ClassVar[str] = "ungrounded"
    severity: ClassVar[Severity] = "flag"

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._names = StoreNames(examined.after, examined.before)
        self._amounts = OldAmounts(examined.text_before)

    def look(self, memory: Memory) -> Iterable[Found]:
        writing = Writing(memory.after, (line.number for line in memory.added))
        for line in memory.added:
            if found := self._found(memory, line, writing):
                yield found

    def _found(self, memory: Memory, line: Line, writing: Writing) -> Found | None:
        said, text = self.examined.said, line.text
        specifics = self._names.telling(text)
        company = None
        nowhere: list[str] = []
        unnamed: dict[str, Sequence[Evidence]] = {}
        elsewhere: dict[str, Sequence[Evidence]] = {}
        for one in specifics:
            held = find(one, said.memories)
            if held and self._is_settled(one, line, memory):
                continue
            places = find(one, said.sessions)
            if any(place.session_id.casefold() == one.key for place in places[:1]):
                continue  # the name of a session, as where a line comes from
            company = company or Company(said, text, specifics)
            if held and not self._is_strange(one, company, held, memory.change.origins):
                continue
            what = writing.of(line.number, text, one)
            if not places and not held:
                nowhere.append(what)
            elif company.is_unnamed(one):
                unnamed[what] = (*places, *held)
            elif not places or company.is_apart(one):
                elsewhere[what] = (*places, *held)
        if not nowhere and not unnamed and not elsewhere:
            return None
        nowhere = list(dict.fromkeys(nowhere))
        sentences = []
        if nowhere:
            sentences.append(
                f"Nothing says {shown(nowhere)}: neither the sessions nor the memories that the dream was given."
            )
        if unnamed:
            sentences.append(f"{shown(list(unnamed))}: said in no session that the line names.")
        if elsewhere:
            sentences.append(
                f"{shown(list(elsewhere))}: said only in {_where(elsewhere)} that share nothing else with the line."
            )
        evidence = [Evidence(what=what) for what in nowhere]
        doubtful = {**unnamed, **elsewhere}
        evidence += [one.model_copy(update={"what": what}) for what in doubtful for one in doubtful[what]]
        return Found(" ".join(sentences), memory.path, line.number, about=text, evidence=tuple(evidence))

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


def _where(doubtful: Mapping[str, Sequence[Evidence]]) -> str:
    """Return what alone says something: sessions, memories, or both."""
    places = [place for ones in doubtful.values() for place in ones]
    kinds = (
        ("sessions", any(place.session_id for place in places)),
        ("memories", any(place.path for place in places)),
    )
    return " and ".join(kind for kind, is_so in kinds if is_so)
