"""
Mending the output before the decision: a reviewer's edits, each a compare-and-swap on what the page showed.

An edit is noted before it is done, and again once it is: a process that dies in between leaves neither an edit that
nobody made, nor one that nobody knows of. The same request again goes on where the first one died.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from dreamflow.core.comparing import joined
from dreamflow.core.diffs import take_back
from dreamflow.core.draft import MEMORIES_LIMIT
from dreamflow.core.memory_paths import mistake_in
from dreamflow.core.objects import MEMORY_BYTES
from dreamflow.core.review import Edit
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import Conflict, EditRefused, MendConflict, NotFound, RequestRejected
from dreamflow.steps.history import came_of, read_version
from dreamflow.steps.stores import check_undecided, stores_of, usable_output

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing, MemoryEntry
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["MendConflict", "MendRequest", "mend"]

log = logging.getLogger(__name__)

Action = Literal["write", "take_back", "keep", "delete", "restore"]


class MendRequest(BaseModel):
    """
    One edit that a reviewer asks for.

    ``write`` lets the memory hold ``content``. ``take_back`` undoes one part of its change, or all of it; see
    ``_taken_back``. ``keep`` brings a removed memory back, as it was compared. ``delete`` deletes it. ``restore`` gives
    it the content of an earlier version, of the output or of a store that it came of.

    :ivar content: as it is to stand: what a page has masked is put back by whoever masked it.
    :ivar expected_sha256: what the page showed at the path; None: nothing was there.
    :ivar hunk_id: which part of the change is taken back (``dreamflow.core.diffs``); None: all of it.
    :ivar store_id: the store that has the version; None: the output.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    path: str = Field(max_length=4096)
    expected_sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    content: str | None = None
    hunk_id: str | None = Field(None, max_length=200)
    version_id: str | None = Field(None, max_length=200)
    store_id: str | None = Field(None, max_length=200)


class _Wanted(NamedTuple):
    """What a path is to hold, None: nothing; and the checksum of what it holds now."""

    path: str
    content: str | None
    expected: str | None

    @property
    def sha256(self) -> str | None:
        return None if self.content is None else hashlib.sha256(self.content.encode()).hexdigest()


def mend(world: World, run: RunRecords, request: MendRequest, by: str) -> Edit:
    """
    Do what a reviewer asks for, if and only if the output's memory is as the page showed it; return it as noted.

    :param by: who asks.
    :raises MendConflict: it is not. It has what is there now.
    :raises EditRefused: it can't be done, and nothing was: the reason says what to do.
    """
    return _Mending(world, run, request, by).done()


@dataclass(frozen=True)
class _Mending:
    world: World
    run: RunRecords
    request: MendRequest
    by: str

    def done(self) -> Edit:
        request = self.request
        if mistake := mistake_in(request.path):
            raise EditRefused(f"the path {request.path!r} {mistake}. Nothing was changed.")
        usable_output(self.world, self.output_id)
        check_undecided(self.run)
        held = self._held(request.path)
        if (again := self._noted(request.path)) and again.after_sha256 == _sha(held):
            return self._note(again)
        if _sha(held) != request.expected_sha256 and not self._stands(held):
            raise self._conflict(request.path)
        edit = None
        for wanted in self._wanted(held):
            edit = self._do(wanted)
        assert edit
        log.info("%s %r of %s, by %s", request.action, mask(request.path), self.output_id, self.by)
        return edit

    @cached_property
    def output_id(self) -> str:
        return stores_of(self.run)[1]

    # What it comes to

    def _wanted(self, held: MemoryEntry | None) -> Iterator[_Wanted]:
        """Yield what is to be done, in an order in which nothing is lost wherever it ends."""
        request = self.request
        match request.action:
            case "write":
                if request.content is None:
                    raise EditRefused("an edit that writes needs a content. Nothing was changed.")
                yield self._to(request.content)
            case "delete":
                yield self._to(None)
            case "keep":
                yield self._to(self._input_text(request.path))
            case "restore":
                yield self._to(self._version())
            case "take_back" if request.hunk_id is None:
                yield from self._taken_back()
            case "take_back":
                yield self._to(self._without_hunk(held, request.hunk_id))

    def _to(self, content: str | None) -> _Wanted:
        return _Wanted(self.request.path, content, self.request.expected_sha256)

    def _stands(self, held: MemoryEntry | None) -> bool:
        """Tell whether a path that is not as the page showed it is as it is to be: there is nothing left to do."""
        content = self.request.content
        if self.request.action == "write" and content is not None:
            return _sha(held) == self._to(content).sha256
        return self.request.action == "delete" and held is None

    def _taken_back(self) -> Iterator[_Wanted]:
        """
        Yield how a whole change is undone: what the memory came of is back first, and then it is as it was, or gone.

        What was added goes; what was removed, edited or split is as it was. Of one that was renamed, moved or merged,
        every memory that it came of is brought back where it lay. What else came of those, such as the parts of one
        that was split, stays: it is an addition then. A path that holds something else is not touched, and nothing is
        done: what is there is another change.
        """
        base, path, output = self._base(), self.request.path, self.world.hook.list_memories(self.output_id)
        origins = [origin for origin in self._origins(base) if origin != path]
        for origin in origins:
            if origin in output and output[origin].sha256 != base[origin].sha256:
                raise EditRefused(
                    f"{path!r} can't be taken back whole: it came of {origin!r}, which holds something else now. Take "
                    "that one's change back first, or edit both. Nothing was changed."
                )
        for origin in origins:
            if origin not in output or self._noted(origin):
                yield _Wanted(origin, self._input_text(origin), None)
        yield self._to(self._input_text(path) if path in base else None)

    def _origins(self, base: Listing) -> tuple[str, ...]:
        """Return the input's memories that the output's came of, as the review has it."""
        review, path = self.run.read_review(), self.request.path
        change = next((change for change in review.changes if change.path == path), None) if review else None
        origins = change.origins if change is not None and change.origins else (path,)
        return tuple(origin for origin in origins if origin in base)

    def _without_hunk(self, held: MemoryEntry | None, hunk_id: str) -> str:
        if held is None:
            raise EditRefused(
                f"{self.request.path!r} has no part that could be taken back. Nothing was changed."
            )
        before = joined([self._input_text(origin) for origin in self._origins(self._base())])
        return take_back(before, self._text(held) or "", hunk_id)

    # What it reads

    def _base(self) -> Listing:
        return self.run.launch_listing()

    def _input_text(self, path: str) -> str:
        """Return what the input's memory held when it was compared."""
        entry = self._base().get(path)
        if entry is None:
            raise EditRefused(f"the input held no {path!r} when it was compared. Nothing was changed.")
        return self.world.hook.read_bodies(stores_of(self.run)[0], {path: entry})[path]

    def _version(self) -> str:
        """Return the content of the version that is to come back: of a store that the output came of."""
        version_id, store_id = self.request.version_id, self.request.store_id or self.output_id
        if not version_id:
            raise EditRefused("to restore needs the id of a version. Nothing was changed.")
        if not came_of(self.world, self.run, store_id):
            raise EditRefused(f"{self.output_id} did not come of {store_id}. Nothing was changed.")
        content = read_version(self.world, store_id, self.request.path, version_id)
        if content is None:
            raise EditRefused(
                f"version {version_id} of {store_id} has no content to restore: it is a deletion, was redacted, or is "
                "gone. Nothing was changed."
            )
        return content

    def _held(self, path: str) -> MemoryEntry | None:
        return self.world.hook.find_memory(self.output_id, path)

    def _text(self, held: MemoryEntry) -> str | None:
        try:
            return self.world.hook.read_bodies(self.output_id, {"": held})[""]
        except NotFound:
            return None

    # Doing it

    def _do(self, wanted: _Wanted) -> Edit:
        """Let the path hold what is wanted, if it holds what is expected; what stands already is not done again."""
        held = self._held(wanted.path)
        noted = self._noted(wanted.path)
        if _sha(held) == wanted.sha256:
            return self._note(noted) if noted else self._edit(wanted)
        if _sha(held) != wanted.expected:
            raise self._conflict(wanted.path)
        self._check_room(wanted, is_new=held is None)
        check_undecided(self.run)
        begun = noted if noted and not noted.done else self._edit(wanted)
        begun = self.run.add_edit(begun.model_copy(update={"done": False}), self._key)
        try:
            if wanted.content is not None:
                self.world.hook.write_memory(self.output_id, wanted.path, wanted.content, held)
            elif held is not None:
                self.world.hook.delete_memory(self.output_id, wanted.path, held)
        except Conflict as e:
            self.run.forget_edit(begun)
            raise self._conflict(wanted.path) from e
        except RequestRejected:
            self.run.forget_edit(begun)
            raise
        return self._note(begun)

    def _check_room(self, wanted: _Wanted, *, is_new: bool) -> None:
        if wanted.content is None:
            return
        size = len(wanted.content.encode())
        if size > MEMORY_BYTES:
            raise EditRefused(
                f"{wanted.path!r} would hold {size:,} bytes, {size - MEMORY_BYTES:,} more than a memory can. Split it, "
                "or cut it. Nothing was changed."
            )
        if is_new and len(self.world.hook.list_memories(self.output_id)) >= MEMORIES_LIMIT:
            raise EditRefused(
                f"{self.output_id} holds {MEMORIES_LIMIT:,} memories, as many as a store can: delete one before you "
                f"add {wanted.path!r}. Nothing was changed."
            )

    def _edit(self, wanted: _Wanted) -> Edit:
        return Edit(
            at=self.world.now(),
            by=self.by,
            action=self.request.action,
            path=wanted.path,
            before_sha256=wanted.expected,
            after_sha256=wanted.sha256,
        )

    @cached_property
    def _key(self) -> str:
        """Return what names the request: the same for the same one."""
        return hashlib.sha256(self.request.model_dump_json().encode()).hexdigest()[:16]

    @cached_property
    def _known(self) -> tuple[Edit, ...]:
        """Return the edits noted so far; none where none is of this request, which the names of their files tell."""
        return self.run.edits() if self.run.has_edit(self._key) else ()

    def _noted(self, path: str) -> Edit | None:
        """Return the newest edit of the path, if this very request has made it, or was about to."""
        newest = next((edit for edit in reversed(self._known) if edit.path == path), None)
        return newest if newest and newest.id.endswith(f"-{self._key}") else None

    def _note(self, edit: Edit) -> Edit:
        """Note that an edit is done."""
        return edit if edit.done else self.run.add_edit(edit.model_copy(update={"done": True}), self._key)

    def _conflict(self, path: str) -> MendConflict:
        held = self._held(path)
        text = self._text(held) if held else None
        what = "is not there any more" if held is None else "holds something else than the page showed"
        return MendConflict(
            f"{path!r} {what}: somebody changed it meanwhile. It was left as it is.",
            text,
            _sha(held) if text is not None else None,
        )


def _sha(held: MemoryEntry | None) -> str | None:
    return held.sha256 if held else None
