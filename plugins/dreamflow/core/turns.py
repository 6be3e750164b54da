"""
Turns: which members of a fleet dream tonight, where a night is not enough for all of them.

Who has waited longest comes first. Who had its turn, or needed none, waits from that moment; a new member from the
night on which it was first seen. So nobody is overtaken twice by the same member, whoever comes and goes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dreamflow.core.verdicts import Budget, Spent

__all__ = ["LEFT_OUT", "Allowance", "Share", "admit", "share_of", "shares", "turns_after"]

#: What is said of a member that has to wait.
LEFT_OUT = "the night's budget is used up: first next night"

#: US dollars are shared out and counted in millionths: sums of fractions would not come out even.
_MILLIONTHS = 1_000_000
_TICK = timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Allowance:
    """What the dreams of a night may come to, in number and in use. None: as many, or as much, as it takes."""

    dreams: int | None = None
    budget: Budget = field(default_factory=Budget)

    @property
    def is_bounded(self) -> bool:
        return self != Allowance()

    def less(self, spent: Spent) -> Allowance:
        """Return what is left of it."""
        dreams = None if self.dreams is None else max(self.dreams - spent.dreams, 0)
        return Allowance(dreams, self.budget.less(spent))

    def room(self, each: Budget) -> int | None:
        """Return how many dreams it has room for, if each may use as much as it may. None: any number."""
        left = self.budget
        known = [self.dreams, _times(left.tokens, each.tokens), _times(_whole(left.usd), _whole(each.usd))]
        return min((count for count in known if count is not None), default=None)


@dataclass(frozen=True)
class Share:
    """One shard's part of a night."""

    shard: int = 0
    shards: int = 1
    allowance: Allowance = field(default_factory=Allowance)


def shares(whole: int, sizes: Sequence[int], least: int = 0) -> tuple[int, ...]:
    """
    Share a whole number out by size, in whole numbers, by the largest remainder: the shares sum to the whole.

    :param least: what each that has a size is given first, where the whole is enough for that: one that is too small
        for a dream would leave its members out for good.
    """
    sizes = sizes if any(sizes) else [1] * len(sizes)
    first = [least if size else 0 for size in sizes]
    if sum(first) > whole:
        first = [0] * len(sizes)
    parts = [divmod((whole - sum(first)) * size, sum(sizes)) for size in sizes]
    over = whole - sum(first) - sum(floor for floor, _ in parts)
    nearest = sorted(range(len(sizes)), key=lambda place: (-parts[place][1], place))[:over]
    return tuple(first[place] + floor + (place in nearest) for place, (floor, _) in enumerate(parts))


def share_of(whole: Allowance, each: Budget, shard: int, sizes: Sequence[int]) -> Share:
    """
    Return a shard's part of a night.

    :param each: what one dream may use at most. :param sizes: how many members each shard has.
    """

    def part(of: int | None, least: int | None) -> int | None:
        return None if of is None else shares(of, sizes, least or 0)[shard]

    usd = part(_whole(whole.budget.usd), _whole(each.usd))
    budget = Budget(part(whole.budget.tokens, each.tokens), None if usd is None else usd / _MILLIONTHS)
    return Share(shard, len(sizes), Allowance(part(whole.dreams, 1), budget))


def admit(
    candidates: Iterable[str], last_turn: Mapping[str, datetime], room: int | None
) -> tuple[list[str], list[str]]:
    """
    Return who dreams tonight, and who is left out: who has waited longest first, new ones last, then by id.

    :param candidates: ids of those that need a dream. :param room: how many may have one; None: all.
    """
    queue = sorted(candidates, key=lambda member_id: (last_turn.get(member_id, _LAST), member_id))
    count = len(queue) if room is None else room
    return queue[:count], queue[count:]


def turns_after(
    last_turn: Mapping[str, datetime], seen: Iterable[str], had: Container[str], now: datetime
) -> dict[str, datetime]:
    """
    Return since when each member waits, after a night.

    :param seen: who took part. :param had: who of them had its turn, or needed none; the others wait on.
    """
    # Whatever the clock says, a turn comes after all before it, and after those that were new and left out tonight.
    newest = max([now, *last_turn.values()])
    return {
        **last_turn,
        **{one: newest + _TICK if one in had else last_turn.get(one, newest) for one in seen},
    }


def _whole(usd: float | None) -> int | None:
    return None if usd is None else round(usd * _MILLIONTHS)


def _times(left: int | None, each: int | None) -> int | None:
    if left is None:
        return None
    return left // each if each else None if left else 0
