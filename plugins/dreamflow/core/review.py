"""
The review of one run: what a dream, or going back, would change, and whether it can be trusted.

It is kept as ``review.json`` in the run's folder (docs/review.md has the schema). The page, the question in Airflow and
the HTML record are renderings of it. Keys may be added; ``version`` rises when one changes its meaning. Text of
memories, transcripts and paths in it is hostile, and secrets in it are masked.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dreamflow.core.handoffs import Moment
from dreamflow.core.late_writes import LateNote

__all__ = [
    "SEVERITIES",
    "Change",
    "ChangeKind",
    "Decision",
    "DreamFacts",
    "Edit",
    "Evidence",
    "Fate",
    "FateKind",
    "Finding",
    "Held",
    "RestoreFacts",
    "Review",
    "Score",
    "Severity",
    "Side",
    "StoreFacts",
    "Verdict",
    "finding_id",
    "verdict_of",
]

#: ``note``: worth knowing. ``flag``: a person must look, and say so. ``block``: can't be adopted as it is.
Severity = Literal["note", "flag", "block"]
SEVERITIES: tuple[Severity, ...] = ("block", "flag", "note")
Verdict = Literal["clean", "flagged", "blocked"]
#: Which store a path or a line is of.
Side = Literal["before", "after"]
ChangeKind = Literal["added", "removed", "edited", "renamed", "moved", "merged", "split"]
#: What became of a line that is not where it was.
FateKind = Literal["moved", "said_again", "replaced", "gone"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Evidence(_Part):
    """
    Where something was said: in an event of a session, or in a memory.

    Empty ``session_id`` and ``path``: it was looked for, and found nowhere.

    :ivar what: the specific that it is about, as it is written in the memory; empty where it is about the whole line.
    :ivar quote: the words around it, at most 240 characters. :ivar session_id: the session that says it.
    :ivar event_id: the event of that session. :ivar role: who spoke: ``user``, ``agent`` or ``tool``.
    :ivar at: when. :ivar side: which store ``path`` is of. :ivar path: the memory that says it.
    :ivar line: its line there, from 1.
    """

    what: str = ""
    quote: str = ""
    session_id: str = ""
    event_id: str = ""
    role: str = ""
    at: Moment | None = None
    side: Side = "before"
    path: str = ""
    line: int | None = None


class Finding(_Part):
    """
    Something that a check found.

    :ivar id: the same as long as what it is about stays the same: a tick is for an id.
    :ivar check: the name of the check. :ivar severity: how grave it is.
    :ivar path: the memory it is about; empty where it is about the store.
    :ivar line: its line there, from 1. :ivar side: which store ``path`` is of: ``before`` is the input.
    :ivar message: one sentence of ours. It never holds memory text, but for a specific that is in doubt.
    :ivar evidence: what was looked for, with where it was said. :ivar paths: all memories it is about, where they
        are several; never cut.
    :ivar lines: all lines it is about, where it stands for many findings of one memory, such as `3-7, 12`; never cut.
    :ivar specifics: how many specifics it is about; of many findings in one, ``evidence`` names only the first.
    """

    id: str
    check: str
    severity: Severity
    path: str = ""
    line: int | None = None
    side: Side = "after"
    message: str
    evidence: tuple[Evidence, ...] = ()
    paths: tuple[str, ...] = ()
    lines: str = ""
    specifics: int = 0

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Return the first and the last of each run of lines that it is about."""
        if not self.lines:
            return ((self.line, self.line),) if self.line else ()
        ends = (span.split("-") for span in self.lines.split(", "))
        return tuple((int(span[0]), int(span[-1])) for span in ends)


class Held(_Part):
    """
    One memory as a store holds it, at the version that was compared.

    :ivar memory_id: ``mem_…``. :ivar version_id: ``memver_…``. :ivar sha256: of its bytes. :ivar size: in bytes.
    """

    memory_id: str
    version_id: str
    sha256: str
    size: int


class Fate(_Part):
    """
    What became of a line of the input that is not where it was: where it stands now.

    :ivar line: its number in the input's memory, from 1. :ivar path: the output's memory; empty where it is gone.
    """

    line: int
    kind: FateKind
    path: str = ""
    to_line: int | None = None


class Change(_Part):
    """
    One memory that differs.

    :ivar path: the output's, or the input's where it was removed. :ivar kind: what happened to it.
    :ivar origins: the input's memories that it came of: of a rename or move one, of a merge several.
    :ivar into: the output's other memories where lines that went stand now; of a removed one, where a tenth does.
    :ivar before: the input's memory; null where there was none. :ivar after: the output's; null where it is gone.
    :ivar lines_added: lines that came. :ivar lines_removed: lines that went.
    :ivar fates: how many of its removed lines ended how: ``moved``, ``said_again``, ``replaced`` or ``gone``.
    :ivar gone_bytes: of those whose words stand nowhere now.
    """

    path: str
    kind: ChangeKind
    origins: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    before: Held | None = None
    after: Held | None = None
    lines_added: int = 0
    lines_removed: int = 0
    fates: dict[FateKind, int] = {}
    gone_bytes: int = 0


class StoreFacts(_Part):
    """
    A memory store as it was compared.

    :ivar id: ``memstore_…``. :ivar memories: how many it holds. :ivar bytes: of all of them.
    """

    id: str
    memories: int
    bytes: int


class DreamFacts(_Part):
    """
    The dream's own figures.

    :ivar id: ``drm_…``. :ivar session_id: the session that ran it. :ivar sessions: those that it read.
    :ivar left_for_next_run: sessions that qualified, and wait. :ivar usage: tokens by kind, as the service counts them.
    :ivar list_cost: US dollars; null where the service does not tell. :ivar seconds: from its creation to its end.
    :ivar instructions: what it was asked.
    """

    id: str
    session_id: str = ""
    sessions: tuple[str, ...] = ()
    left_for_next_run: int = 0
    usage: dict[str, int] = {}
    list_cost: float | None = None
    seconds: float | None = None
    instructions: str = ""


class RestoreFacts(_Part):
    """
    What going back takes, in place of a dream's figures.

    :ivar ancestor_id: the store that is gone back to. :ivar paths: patterns of what comes back; none: all of it.
    :ivar warnings: what a person has to know, a sentence each.
    :ivar carried: what agents wrote since, and was carried into the copy.
    :ivar left_behind: paths of what agents wrote since, and was not.
    """

    ancestor_id: str
    paths: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    carried: tuple[LateNote, ...] = ()
    left_behind: tuple[str, ...] = ()


class Score(_Part):
    """
    What the change does to what can be found, measured without a model.

    Pairs are (input, output). Shares are 0 to 1, None where nothing was there to be asked for.

    :ivar sessions_found: of the specifics that the sessions state, the share that a search over the store finds within
        500 tokens. :ivar input_found: of those that the input held.
    :ivar sessions_asked: how many were asked for, a sample. :ivar input_asked: the same of the input's.
    :ivar ungrounded: new specifics that nothing says, or only what has nothing else of their line: those that findings
        of that check are about. :ivar lost: specifics of removed text that stand nowhere: those that findings of that
        check are about.
    :ivar alike: pairs of lines that say nearly the same. :ivar bytes: of all memories.
    """

    sessions_found: tuple[float | None, float | None] = (None, None)
    input_found: tuple[float | None, float | None] = (None, None)
    sessions_asked: int = 0
    input_asked: int = 0
    ungrounded: int = 0
    lost: int = 0
    alike: tuple[int, int] = (0, 0)
    bytes: tuple[int, int] = (0, 0)


class Edit(_Part):
    """
    What a reviewer did to the output before the decision.

    :ivar at: when. :ivar by: who. :ivar path: the memory of the output.
    :ivar action: ``write``, ``take_back``, ``keep``, ``delete`` or ``restore``.
    :ivar before_sha256: what the path held; None: nothing. :ivar after_sha256: what it holds since.
    :ivar id: names it among the edits of its run. :ivar done: it is noted before it is done: False where the process
        died in between, and nobody asked for it again.
    """

    at: Moment
    by: str
    action: str
    path: str
    before_sha256: str | None = None
    after_sha256: str | None = None
    id: str = ""
    done: bool = True


class Decision(_Part):
    """
    What was decided.

    :ivar decision: ``Adopt``, ``Reject`` or ``Dream again``. :ivar by: who. :ivar at: when. :ivar comment: why.
    :ivar digest: what it was about.
    :ivar ticked: ids of the findings that the reviewer said to have looked at.
    :ivar looked: whether a person looked: not where ``approval.mode`` asked nobody, or nobody answered in time.
    """

    decision: str
    by: str
    at: Moment
    comment: str = ""
    digest: str = ""
    ticked: tuple[str, ...] = ()
    looked: bool = True


class Review(_Part):
    """
    The whole of it.

    :ivar version: it rises when a key changes its meaning. :ivar pipeline: whose memory.
    :ivar dag_id: of the run. :ivar run_id: of the run. :ivar made_at: when the output was compared.
    :ivar digest: names every path and byte of the output: a decision is bound to it.
    :ivar verdict: as grave as its gravest finding: ``blocked``, ``flagged``, or ``clean``.
    :ivar input: the store that the dream read, as it was at launch; of a restore, the live store.
    :ivar output: the store that is to replace it. :ivar dream: null where it goes back.
    :ivar restore: null where it is a dream's.
    :ivar counts: memories ``added``, ``changed``, ``removed`` and ``unchanged``, by path; and how many of those were
        ``renamed``, ``moved``, ``merged`` and ``split``.
    :ivar changes: every memory that differs, removed ones first. :ivar findings: the gravest first.
    :ivar score: what can be found, before and after.
    :ivar late: what the input received since the dream saw it: before the decision how it would be carried, after it
        how it was. :ivar late_warning: why that can't be told, or carried.
    :ivar edits: what reviewers did to the output, oldest first. :ivar decision: null until there is one.
    """

    version: Literal[1] = 1
    pipeline: str
    dag_id: str = ""
    run_id: str
    made_at: Moment
    digest: str
    verdict: Verdict
    input: StoreFacts
    output: StoreFacts
    dream: DreamFacts | None = None
    restore: RestoreFacts | None = None
    counts: dict[str, int]
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    score: Score = Score()
    late: tuple[LateNote, ...] = ()
    late_warning: str = ""
    edits: tuple[Edit, ...] = ()
    decision: Decision | None = None

    def flags(self) -> tuple[Finding, ...]:
        """Return the findings that a person must have looked at before adopting."""
        return tuple(finding for finding in self.findings if finding.severity == "flag")

    def blocks(self) -> tuple[Finding, ...]:
        """Return the findings for which nothing can be adopted as it is."""
        return tuple(finding for finding in self.findings if finding.severity == "block")


def finding_id(check: str, side: str, path: str, about: str) -> str:
    """Return what a finding is called: by what it is about, not by its line's number, which an edit above moves."""
    return hashlib.sha256("\0".join((check, side, path, about)).encode()).hexdigest()[:16]


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """Return the verdict: as grave as its gravest finding."""
    severities = {finding.severity for finding in findings}
    return "blocked" if "block" in severities else "flagged" if "flag" in severities else "clean"
