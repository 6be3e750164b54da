"""
Which sessions the next dream reads: never a gap, at worst a repeat.

A session is *covered* once a dream in the live store's history has read it and it has not changed since. Two
facts tell: ``since``, the moment in the live store's lineage up to which everything is covered, and ``covered``,
what the dreams after that moment have read. The first alone is enough when the second is lost.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dreamflow.core.objects import Dream, Session

__all__ = ["Selection", "covered_through", "select_sessions", "sessions_to_set_aside"]

#: The API's times have microseconds; the smallest step back from a moment.
_TICK = timedelta(microseconds=1)
#: Errors of a dream that a session can be the cause of (the Dreams guide).
_UNREAD = "input_session_unavailable"
_SESSION_ERRORS = frozenset({_UNREAD, "internal_error", "timeout"})
_SESSION_ID = re.compile(r"sesn_\w+")


@dataclass(frozen=True)
class Selection:
    """
    :ivar session_ids: what to dream now, least recently changed first.
    :ivar left: what qualifies, and is beyond the limit.
    :ivar running: what was at work, and comes when it has finished.
    :ivar set_aside: what qualifies, and made too many dreams fail. It stays outstanding: a raised limit brings it back.
    :ivar later: what has changed since the night began, and is not this catch-up's.
    :ivar dreamed: how many were read already, and have not changed since.
    :ivar through: once this selection is dreamed, every session last changed up to here is covered. None: nothing is.
    """

    session_ids: tuple[str, ...]
    left: tuple[Session, ...]
    running: tuple[Session, ...]
    set_aside: tuple[Session, ...]
    later: tuple[Session, ...]
    dreamed: int
    through: datetime | None

    @property
    def left_until(self) -> datetime | None:
        """Return when the newest session that is left over had last changed."""
        return max((session.updated_at for session in self.left), default=None)

    def aging_out(self, created_before: datetime) -> list[str]:
        """Return the sessions that are not dreamed now, and will be too old for the next run."""
        waiting = (*self.left, *self.running, *self.set_aside, *self.later)
        return [session.id for session in waiting if session.created_at < created_before]


def select_sessions(
    sessions: Iterable[Session],
    *,
    since: datetime | None,
    covered: Mapping[str, datetime],
    limit: int,
    listed_from: datetime,
    excluded: Collection[str] = frozenset(),
    set_aside: Collection[str] = frozenset(),
    until: datetime | None = None,
) -> Selection:
    """
    Choose the sessions to dream.

    :param sessions: what the service lists within ``max_age``, archived ones included, in any order.
    :param since: every session last changed up to this moment is covered.
    :param listed_from: when the service began to list them. A session that spoke after its page was read is not
        what the list shows, so nothing later than this counts as covered by ``through``.
    :param covered: by session, the moment of the newest dream in the store's history that read it.
    :param excluded: ids never to choose: sessions that dreams ran themselves.
    :param set_aside: ids not to choose for now.
    :param until: take none that changed after this moment: a catch-up is for what its night's first run left.
    """
    running: list[Session] = []
    waiting: list[Session] = []
    aside: list[Session] = []
    dreamed = 0
    newest_covered = since
    for session in sessions:
        if session.id in excluded:
            continue
        if session.status in ("running", "rescheduling"):
            running.append(session)
        elif _is_covered(session, since, covered):
            dreamed += 1
            newest_covered = _later(newest_covered, session.updated_at)
        else:
            (aside if session.id in set_aside else waiting).append(session)
    waiting.sort(key=lambda session: (session.updated_at, session.id))
    in_time = [session for session in waiting if until is None or session.updated_at <= until]
    chosen, left, later = in_time[:limit], in_time[limit:], waiting[len(in_time) :]
    for session in chosen:
        newest_covered = _later(newest_covered, session.updated_at)
    return Selection(
        session_ids=tuple(session.id for session in chosen),
        left=tuple(left),
        running=tuple(running),
        set_aside=tuple(aside),
        later=tuple(later),
        dreamed=dreamed,
        through=_through(newest_covered, since, listed_from, [*left, *running, *aside, *later]),
    )


def covered_through(collected: datetime | None, dream_created: datetime | None) -> datetime | None:
    """
    Return up to when sessions are covered once a dream over a selection is adopted.

    Sessions that were collected anew after the dream was created, and so found changed, were not read as they are now.
    """
    if collected is None or dream_created is None:
        return collected
    return min(collected, dream_created - _TICK)


def sessions_to_set_aside(dreams: Iterable[Dream], after: int) -> dict[str, int]:
    """
    Return the sessions that made ``after`` dreams or more fail, with the number.

    A failure is a session's where the error names it, or where it was the dream's only session: then, unless the
    service could not read it, all failures of a day count as one, because the service itself may have had a bad day. A
    failure that can't be pinned on a session is nobody's.
    """
    failures: dict[str, set[object]] = defaultdict(set)
    for dream in dreams:
        if dream.status != "failed" or dream.error_type not in _SESSION_ERRORS:
            continue
        named = set(_SESSION_ID.findall(dream.error_message or "")) & set(dream.session_ids)
        for session_id in named:
            failures[session_id].add(dream.id)
        if not named and len(dream.session_ids) == 1:
            unread = dream.error_type == _UNREAD
            failures[dream.session_ids[0]].add(dream.id if unread else dream.created_at.date())
    return {session_id: len(ways) for session_id, ways in failures.items() if len(ways) >= after}


def _is_covered(session: Session, since: datetime | None, covered: Mapping[str, datetime]) -> bool:
    moments = [moment for moment in (since, covered.get(session.id)) if moment is not None]
    return bool(moments) and session.updated_at <= max(moments)


def _later(a: datetime | None, b: datetime) -> datetime:
    return b if a is None or b > a else a


def _through(
    newest_covered: datetime | None, since: datetime | None, listed_from: datetime, outstanding: list[Session]
) -> datetime | None:
    """Step back behind the listing and the first session that is not covered yet, but never behind ``since``."""
    if newest_covered is None:
        return None
    before_first = [session.updated_at - _TICK for session in outstanding]
    through = min([newest_covered, listed_from - _TICK, *before_first])
    return through if since is None or through > since else since
