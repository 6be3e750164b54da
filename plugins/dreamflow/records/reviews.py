"""What a run keeps of its review: the review itself, its renderings, and what reviewers did to the output."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from dreamflow.core.kept_fates import KeptFates
from dreamflow.core.late_notes import NO_CHOICES, LateChoice
from dreamflow.core.old_places import OldPlaces
from dreamflow.core.review import Edit, Review
from dreamflow.core.sources import Sources
from dreamflow.errors import StateError
from dreamflow.records.folder import Folder, Version

__all__ = ["CHOICES", "EDITS", "REVIEW_FILES", "Marks", "ReviewFiles"]

#: Edits of one output of the run.
EDITS = re.compile(r"edit-(\d+)-[0-9a-f]+\.json")
#: What was chosen for late writes into it; an older release numbered none.
CHOICES = re.compile(r"choice-(?:(\d+)-)?[0-9a-f]+\.json")
#: ``report.json`` is an older release's.
REVIEW_FILES = re.compile(
    rf"(review|score|report|fates|sources|evidence(-\d+|-old)?)\.json|review\.html|report\.md|{EDITS.pattern}|{CHOICES.pattern}"
)

T = TypeVar("T")
K = TypeVar("K", KeptFates, Sources)


class Marks(NamedTuple):
    """:ivar edits: how many are noted. :ivar choices: a checksum of those for late writes; ``none``: there are none."""

    edits: int
    choices: str


class ReviewFiles(Folder):
    """The files of one run that have to do with its review."""

    @property
    def report_uri(self) -> str:
        """Return where the review is read as a page of its own."""
        return f"{self.folder}/review.html"

    def write_review(self, review: Review) -> None:
        self._write("review", review.model_dump(mode="json"))

    def read_review(self) -> Review | None:
        """
        Return the run's review; None where there is none yet.

        :raises StateError: it is cut, or not ours.
        """
        return self._read("review", Review.model_validate)

    def review_version(self) -> Version | None:
        """Return what tells the review as it is kept now from any other; None where nothing does for sure."""
        return self._version("review.json")

    def write_record(self, html: str) -> None:
        """Keep the review as a page of its own."""
        self._write_text("review.html", html)

    def write_question(self, markdown: str) -> None:
        """Keep the review as the question in Airflow shows it."""
        self._write_text("report.md", markdown)

    def read_question(self) -> str | None:
        return self._read_text("report.md")

    def write_evidence(self, part: int, data: Any) -> None:
        """Keep a part of what the sessions said; the first part last, so that all are there where it is."""
        self._write_text(f"{_evidence(part)}.json", json.dumps(data, ensure_ascii=False))

    def read_evidence(self, part: int) -> dict[str, Any] | None:
        """Return what was kept; None where there is nothing, or it is cut: it can be read from the sessions again."""
        try:
            return self._read(_evidence(part), dict)
        except StateError:
            return None

    def write_fates(self, fates: KeptFates) -> None:
        """Keep what became of the lines that went."""
        self._write_text("fates.json", json.dumps(fates.to_json()))

    def read_fates(self, digest: str) -> KeptFates | None:
        """Return them, of an output with this digest; None where they are not kept, or are another one's."""
        return self._of_digest("fates", KeptFates.from_json, digest)

    def write_sources(self, sources: Sources) -> None:
        """Keep where each specific of a new line was said."""
        self._write_text(
            "sources.json", json.dumps(sources.to_json(), ensure_ascii=False, separators=(",", ":"))
        )

    def read_sources(self, digest: str) -> Sources | None:
        """Return them, of an output with this digest; None where they are not kept, or are another one's."""
        return self._of_digest("sources", Sources.from_json, digest)

    def _of_digest(self, name: str, parse: Callable[[Any], K], digest: str) -> K | None:
        try:
            kept = self._read(name, parse)
        except StateError:
            return None
        return kept if kept is not None and kept.digest == digest else None

    def write_old_places(self, digest: str, places: OldPlaces) -> None:
        """Keep where the old memory says what the review of that digest asked of."""
        kept = {"digest": digest, **places.to_json()}
        self._write_text("evidence-old.json", json.dumps(kept, ensure_ascii=False, separators=(",", ":")))

    def read_old_places(self, digest: str) -> OldPlaces | None:
        """Return what was kept for that review; None where there is nothing, it is cut, or another review's."""
        try:
            kept = self._read("evidence-old", dict)
            return OldPlaces.from_json(kept) if kept and kept["digest"] == digest else None
        except (StateError, KeyError, TypeError, ValueError):
            return None

    def add_edit(self, edit: Edit, key: str = "") -> Edit:
        """
        Note what a reviewer did to the output, or is about to do, and return it as noted: in a file of its own, so that
        of two who edit at once neither is lost. The same edit again takes the place of what was noted of it.

        :param key: hexadecimal; names the request that it is for.
        """
        if not edit.id:
            numbers = (int(match[1]) for name in self._names() if (match := EDITS.fullmatch(name)))
            edit = edit.model_copy(
                update={"id": f"{max(numbers, default=0) + 1:04}-{key or uuid.uuid4().hex[:16]}"}
            )
        self._write(f"edit-{edit.id}", edit.model_dump(mode="json"))
        return edit

    def forget_edit(self, edit: Edit) -> None:
        """Take back the note of an edit that was about to be done."""
        self._delete(f"edit-{edit.id}.json")

    def edits(self) -> tuple[Edit, ...]:
        """Return what reviewers did to the output, oldest first."""
        read = (self._read(name.removesuffix(".json"), Edit.model_validate) for name in self._edit_names())
        return tuple(edit for edit in read if edit)

    def has_edit(self, key: str) -> bool:
        """Tell whether an edit is noted for the request of that name."""
        return any(name.endswith(f"-{key}.json") for name in self._edit_names())

    def note_choice(self, choice: LateChoice) -> None:
        """Note what a reviewer chose for a late write: it holds in place of what was chosen for it before."""
        number = max((number for number, _ in self._choice_names()), default=0) + 1
        self._write(f"choice-{number:04}-{uuid.uuid4().hex[:16]}", choice.model_dump(mode="json"))

    def late_choices(self) -> dict[tuple[str, str | None], LateChoice]:
        """Return what reviewers chose last for each late write, by its path and checksum."""
        names = ((number, name.removesuffix(".json")) for number, name in self._choice_names())
        read = ((number, self._read(name, LateChoice.model_validate)) for number, name in names)
        # Of two who chose at once, and took one number, the later.
        ordered = sorted(
            ((number, choice) for number, choice in read if choice), key=lambda one: (one[0], one[1].at)
        )
        return {(choice.path, choice.sha256): choice for _, choice in ordered}

    def marks(self) -> Marks:
        """Return what tells that reviewers did something more, without reading what: a page asks every few seconds."""
        names = self._names()
        chosen = "\n".join(name for _, name in _choices_among(names))
        return Marks(
            edits=sum(1 for name in names if EDITS.fullmatch(name)),
            choices=hashlib.sha256(chosen.encode()).hexdigest()[:16] if chosen else NO_CHOICES,
        )

    def _choice_names(self) -> list[tuple[int, str]]:
        return _choices_among(self._names())

    def _edit_names(self) -> list[str]:
        return sorted(name for name in self._names() if EDITS.fullmatch(name))


def _choices_among(names: Iterable[str]) -> list[tuple[int, str]]:
    """Return the files of choices, with their numbers, the first one first."""
    found = ((CHOICES.fullmatch(name), name) for name in names)
    return sorted((int(match[1] or 0), name) for match, name in found if match)


def _evidence(part: int) -> str:
    return "evidence" if part == 1 else f"evidence-{part}"
