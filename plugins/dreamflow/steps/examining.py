"""Looking at what changed between two stores, one memory after the other: bounded memory, whatever the stores hold."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from dreamflow.core.changes import digest
from dreamflow.core.checks import CHECKS
from dreamflow.core.checks.check import CheckSettings, Examined, LookUp, Memory
from dreamflow.core.checks.run import Checking
from dreamflow.core.checks.unchanged import matters
from dreamflow.core.comparing import Compared, compare_stores, memory_of
from dreamflow.core.evidence import Said, SaidBuilder
from dreamflow.core.fates import Whereabouts
from dreamflow.core.grounding import address_key, wanted_in
from dreamflow.core.memory_paths import as_line
from dreamflow.core.old_places import OldPlaces
from dreamflow.core.personal import addresses_in
from dreamflow.core.review import Change, Finding, Score
from dreamflow.core.score import sampled_paths
from dreamflow.core.skimming import Skimmed
from dreamflow.core.sources import Sources
from dreamflow.steps.apart import Lost
from dreamflow.steps.bodies import BODIES
from dreamflow.steps.listening import Beside, Here, listen, listen_here
from dreamflow.steps.reads import with_last_days
from dreamflow.steps.texts import Texts

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.evidence import Gathered
    from dreamflow.steps.world import World

__all__ = ["Examination", "examine", "unchanged_nights"]

log = logging.getLogger(__name__)

#: Bytes of changed memories that are held from one look to the next; more are compared again.
_HELD_BYTES = 32_000_000
#: What going back does by its nature: no session said what an earlier store holds, and what was learned since goes.
_OF_DREAMS_ONLY = {
    **dict.fromkeys(("ungrounded", "single_source", "still_read", "unchanged"), "off"),
    **dict.fromkeys(("lost", "recall"), "note"),
}


class Examination(NamedTuple):
    """
    :ivar matters: whether anything differs that `unchanged` counts: not blanks alone, nor dates in an index.
    :ivar memories: what changed, with its texts, one after the other.
    :ivar whereabouts: tells what became of each line that went. :ivar old_places: where the input says what was asked.
    :ivar sources: where each specific of a new line was said; of a restore none.
    """

    counts: dict[str, int]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    score: Score
    matters: bool
    memories: Iterable[Memory]
    whereabouts: Whereabouts
    old_places: OldPlaces
    sources: Sources


class _Sides(NamedTuple):
    """Both stores: what they hold, and their texts."""

    before: Listing
    after: Listing
    olds: Texts
    news: Texts


def examine(
    world: World,
    run: RunRecords,
    before: tuple[str, Listing],
    after: tuple[str, Listing],
    *,
    session_ids: Sequence[str],
    of_restore: bool,
) -> Examination:
    """
    Compare two stores, each given by its id and what it holds; run the checks; measure the score.

    What can't be read does not fail it: that is a finding.

    :param of_restore: whether the second is to go back to, and no dream's.
    """
    olds, news = (Texts(world.hook, *side, bodies=BODIES, skip_redacted=True) for side in (before, after))
    sides = _Sides(before[1], after[1], olds, news)
    compared = compare_stores(sides.before, sides.after, sides.olds, sides.news)
    memories = _Memories(compared, sides)
    wanted, addresses = _wanted(memories)
    settings = _settings(world, of_restore=of_restore)
    checking = Checking(CHECKS, settings.severities)

    def examined(said: LookUp) -> Examined:
        return Examined(
            sides.before,
            sides.after,
            compared.changes,
            settings,
            said,
            text_after=news.get,
            text_before=olds.get,
            went=compared.whereabouts.went,
        )

    def look_ahead() -> None:
        """Run the checks that ask of texts alone, unless to have the texts once more would take as long."""
        if memories.are_held:
            checking.run(examined(cast("LookUp", _NotYet())), memories, of_texts=True)

    gathered, score, said = _read_all(
        world,
        run,
        session_ids,
        wanted,
        SaidBuilder(wanted | addresses),
        sides,
        compared,
        look_ahead,
    )
    unseen = _unheard(gathered)
    for texts in (olds, news):
        unseen |= dict.fromkeys(texts.redacted, "the version that was compared was redacted")
    whole = replace(
        examined(said),
        reads=gathered.reads if of_restore else with_last_days(world, gathered.reads, sides.before),
        score=score,
        unchanged_nights=unchanged_nights(world, run),
        unseen=unseen,
    )
    checking.run(whole, memories)
    findings = checking.findings()
    named = {
        check: sum(finding.specifics for finding in findings if finding.check == check)
        for check in ("ungrounded", "lost")
    }
    return Examination(
        compared.counts(),
        compared.changes,
        findings,
        score.model_copy(update=named),
        any(map(matters, memories)),
        memories,
        compared.whereabouts,
        OldPlaces.found(said.each_old_place()),
        Sources.of(digest(sides.after), whole, () if of_restore else memories),
    )


def _wanted(memories: Iterable[Memory]) -> tuple[set[str], set[str]]:
    """Return the keys that paths and changed lines ask of, and those that new ones ask of the memories alone."""
    wanted, addresses = set[str](), set[str]()
    for memory in memories:
        changed = (line.text for line in (*memory.added, *memory.removed))
        wanted |= wanted_in((as_line(memory.path), *changed))
        addresses.update(address_key(one) for line in memory.added for one in addresses_in(line.text))
    return wanted, addresses


class _Memories:
    """The changed memories with their texts, one after the other, as often as they are asked for."""

    def __init__(self, compared: Compared, sides: _Sides) -> None:
        self._compared, self._sides = compared, sides
        self._held: dict[str, Memory] = {}
        self._room = _HELD_BYTES

    def __iter__(self) -> Iterator[Memory]:
        for change in self._compared.changes:
            memory = self._held.get(change.path)
            # What became of its lines is told once all others were looked through.
            yield replace(memory, change=change) if memory else self._compare(change)

    @property
    def are_held(self) -> bool:
        """Whether the next look fetches none of them."""
        return len(self._held) == len(self._compared.changes)

    def _compare(self, change: Change) -> Memory:
        befores = [text for _, text in self._sides.olds.each(change.origins)]
        memory = memory_of(change, befores, self._sides.news.get(change.path) if change.after else "")
        size = len(memory.before) + len(memory.after)
        if size <= self._room:
            self._room -= size
            self._held[change.path] = memory
        return memory


class _NotYet:
    """What was said, before it is known: whoever asks breaks down."""

    def __getattr__(self, name: str) -> NoReturn:
        raise LookupError("what was said is not known yet")


def _unheard(gathered: Gathered) -> dict[str, str]:
    """Return why some of what the sessions say is not known."""
    count = len(gathered.unread)
    if gathered.refused:
        return {"": f"the sessions that the dream read can't be read ({gathered.refused})"}
    return (
        {"": f"{count} of the sessions that the dream read are gone, or can't be read now"} if count else {}
    )


def _read_all(
    world: World,
    run: RunRecords,
    session_ids: Sequence[str],
    wanted: set[str],
    builder: SaidBuilder,
    sides: _Sides,
    compared: Compared,
    meanwhile: Callable[[], None],
) -> tuple[Gathered, Score, Said]:
    """
    Read the sessions, and every text of both stores; return where everything was said, too.

    :param meanwhile: what to do once the stores were read: the sessions may take longer.
    """
    size = sum(entry.size for entry in sides.before.values())
    with closing(listen(world, run, session_ids, wanted, size)) as listening:
        _read_through(sides, compared, builder, listening)
        meanwhile()
        try:
            gathered, score = listening.listened()
        except Lost as e:
            log.warning("the other process of the review: %s. What it was to do is done in this one.", e)
            here = listen_here(world, run, session_ids, wanted, size)
            _measure(sides, compared, here)
            gathered, score = here.listened()
    return gathered, score, gathered.said.with_memories(builder.said())


def _read_through(sides: _Sides, compared: Compared, builder: SaidBuilder, listening: Here | Beside) -> None:
    """Read every text of both stores: for the evidence, the score, and lines that went."""
    _draw(sides, listening)
    for old_path, path, text in _each_text(sides, compared):
        skimmed = Skimmed(text)
        listening.add(skimmed, before=old_path is not None, after=path is not None)
        if old_path is not None and path is not None:
            builder.add_unchanged(old_path, path, skimmed)
            compared.look(path, text)
        elif old_path is not None:
            builder.add_memory("before", old_path, skimmed)
        elif path is not None:
            builder.add_memory("after", path, skimmed)


def _measure(sides: _Sides, compared: Compared, here: Here) -> None:
    """Read every text of both stores once more, for the score."""
    _draw(sides, here)
    for old_path, path, text in _each_text(sides, compared):
        here.add(text, before=old_path is not None, after=path is not None)


def _draw(sides: _Sides, listening: Here | Beside) -> None:
    """Draw the score's sample of what the input holds."""
    for _, text in sides.olds.each(sampled_paths(sides.before)):
        listening.draw(text)


def _each_text(sides: _Sides, compared: Compared) -> Iterator[tuple[str | None, str | None, str]]:
    """Yield every text of both stores, those that are in both once, with its path in each that holds it."""
    before, after, olds, news = sides
    origins = {change.path: change.origins[0] for change in compared.changes if change.origins}
    same = {origins.get(path, path): path for path in compared.unread}
    for old_path, text in olds.any_order(list(same)):
        yield old_path, same[old_path], text
    for old_path, text in olds.any_order([path for path in before if path not in same]):
        yield old_path, None, text
    for path, text in news.any_order(sorted(after.keys() - {*same.values()})):
        yield None, path, text


def _settings(world: World, *, of_restore: bool) -> CheckSettings:
    """Return what the pipeline's file says of the checks."""
    checks = world.pipeline.checks
    severities = checks.severities
    if of_restore:
        severities = severities | {
            name: most for name, most in _OF_DREAMS_ONLY.items() if severities.get(name) != "off"
        }
    return CheckSettings(severities, checks.protect, checks.max_removed, checks.max_shrunk)


def unchanged_nights(world: World, run: RunRecords) -> int:
    """
    Return how many nights before this run's, in a row, changed nothing that matters.

    A night is all its runs: catch-ups and dreams again are part of it. Rows of a release before name their run only.
    """
    own, changed = run.journal().night or run.run_id, dict[str, bool]()
    for row in world.records.trend():
        if row.get("run") == run.run_id:
            break
        night = row.get("night") or str(row.get("run"))
        changed[night] = changed.get(night, False) or bool(row.get("changed", True))
    if changed.pop(own, False):
        return 0
    return sum(1 for _ in takewhile(lambda is_changed: not is_changed, reversed(changed.values())))
