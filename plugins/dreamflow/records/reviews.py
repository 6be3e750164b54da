"""What a run keeps of its review: the review itself, its renderings, and what reviewers did to the output."""

from __future__ import annotations

import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from dreamflow.core.review import Edit, Review

if TYPE_CHECKING:
    from dreamflow.records.files import Storage

__all__ = ["EDITS", "REVIEW_FILES", "ReviewFiles"]

#: Edits of one output of the run.
EDITS = re.compile(r"edit-(\d+)-[0-9a-f]+\.json")
#: ``report.json`` is an older release's.
REVIEW_FILES = re.compile(
    rf"(review|score|report|evidence(-\d+)?)\.json|review\.html|report\.md|{EDITS.pattern}"
)

T = TypeVar("T")


class ReviewFiles(ABC):
    """The files of one run that have to do with its review."""

    @property
    @abstractmethod
    def folder(self) -> str: ...

    @property
    @abstractmethod
    def storage(self) -> Storage: ...

    @abstractmethod
    def _read(self, name: str, parse: Callable[[Any], T]) -> T | None: ...

    @abstractmethod
    def _write(self, name: str, data: Any) -> None: ...

    @abstractmethod
    def _names(self) -> list[str]: ...

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

    def write_record(self, html: str) -> None:
        """Keep the review as a page of its own."""
        self.storage.write_text(self.report_uri, html)

    def write_question(self, markdown: str) -> None:
        """Keep the review as the question in Airflow shows it."""
        self.storage.write_text(f"{self.folder}/report.md", markdown)

    def read_question(self) -> str | None:
        try:
            return self.storage.read_text(f"{self.folder}/report.md")
        except FileNotFoundError:
            return None

    def add_edit(self, edit: Edit) -> None:
        """Note what a reviewer did: in a file of its own, so that of two who edit at once neither is lost."""
        name = f"edit-{len(self._edit_names()) + 1:04}-{uuid.uuid4().hex[:8]}"
        self._write(name, edit.model_dump(mode="json"))

    def edits(self) -> tuple[Edit, ...]:
        """Return what reviewers did to the output, oldest first."""
        read = (self._read(name.removesuffix(".json"), Edit.model_validate) for name in self._edit_names())
        return tuple(sorted((edit for edit in read if edit), key=lambda edit: edit.at))

    def _edit_names(self) -> list[str]:
        return sorted(name for name in self._names() if EDITS.fullmatch(name))
