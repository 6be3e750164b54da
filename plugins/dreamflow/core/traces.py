"""
Which lines of a text may say what is looked for, told without reading all of it.

Whatever way a key is written, something of it stands there as it is: a run of letters and digits, a figure, the name of
a month. Those of a whole text are cut out at once, and what is looked for is met with them; only lines with such a
trace are read for what they say. A line may have a trace and say nothing; none says a key without one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

from dreamflow.core.grounding import WORD_KEY
from dreamflow.core.quantities import date_at, plain_number
from dreamflow.core.skimming import LONG_TOKEN, TELLING_RUNS, Skimmed, finder_of_runs, runs_at, runs_in
from dreamflow.core.specifics import date_words
from dreamflow.core.strings import Finder

__all__ = ["Traces"]

_RUN = re.compile(r"\d+")
#: Most runs with signs: an amount, with what ends its sentence.
_DECIMAL = re.compile(rb"[.,:/-]*(([0-9]+)\.([0-9]+))[.,:/-]*")
_JOINED = re.compile(r"\d+(?:[-./:]\d+)+")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)+")
_TIMED = re.compile(r"\d+(?:[.,:]\d+)+")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_DATE_KEY = re.compile(r"(?P<year>\d{4}|-)-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?")
_TIME_KEY = re.compile(r"(\d\d?):(\d\d)")
_FIGURE_KEY = re.compile(r"(?P<unit>[#$€£¥₹%]|chf|cents)?(?P<figure>\d[\d.]*)")
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
#: Characters of a key of which the first or last run may have been cut.
_LONG_KEY = 60
#: Bytes of runs of which it is remembered what they say.
_SHORT_RUN = 40
#: Runs of which there may be few: to make a finder anew for fewer is not worth it.
_TELLING = 200


class _Trace(NamedTuple):
    """
    One way to tell that a key may be said: by one of its runs, or figures.

    :ivar with_: what must stand in the line too, one of them; empty where nothing must.
    """

    run: bytes
    is_number: bool = False
    with_: tuple[str, ...] = ()


class _Way(NamedTuple):
    """How a key is traced. :ivar shapes: what lines may say it beside: ``morning``, ``scaled`` and so on."""

    traces: tuple[_Trace, ...]
    shapes: tuple[str, ...] = ()


class Traces:
    """
    The traces of what is looked for.

    :param keys: of specifics (``grounding.said_keys``), or words of dates (``specifics.date_words``).
    :param words: as they stand in a text, in lower case.
    """

    def __init__(self, keys: Iterable[str], words: Iterable[str] = ()) -> None:
        self._ways: dict[str, _Way] = {word: _Way(tuple(_literal(word))) for word in words}
        self._by_word: defaultdict[bytes, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._by_number: defaultdict[bytes, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._shapes: defaultdict[str, set[str]] = defaultdict(set)
        self._dull: set[bytes] = set()
        self._finds: Finder | None = None
        for key in keys:
            traces = self._ways.get(key, _Way(())).traces
            way = _way_of(key)
            self._ways[key] = way._replace(traces=(*traces, *way.traces))
        for key, way in self._ways.items():
            for trace in way.traces:
                self._of(trace)[trace.run][key] = trace.with_
            for shape in way.shapes:
                self._shapes[shape].add(key)

    def drop(self, keys: Iterable[str]) -> None:
        """Look for these no more."""
        for key in keys:
            if (way := self._ways.pop(key, None)) is None:
                continue
            for trace in way.traces:
                by_run = self._of(trace)
                by_run[trace.run].pop(key, None)
                if not by_run[trace.run]:
                    del by_run[trace.run]
            for shape in way.shapes:
                self._shapes[shape].discard(key)

    def _of(self, trace: _Trace) -> defaultdict[bytes, dict[str, tuple[str, ...]]]:
        return self._by_number if trace.is_number else self._by_word

    def lines(self, text: Skimmed) -> list[int]:
        """Return the lines that may say something of it, in order."""
        if not self._ways:
            return []
        places = runs_at(self._finder, text.padded_words)
        found = text.untold(places.keys())
        for run in places.keys() & self._by_word.keys():
            lines = map(text.line_at, places[run])
            found.update(_having(text, lines, _needs([self._by_word[run]])))
        self._add_numbers(text, found)
        for shape, keys in self._shapes.items():
            if keys:
                found |= text.shaped(shape, places)
        return sorted(found)

    @property
    def _finder(self) -> Finder:
        """What finds the runs; made anew once most of them are looked for no more."""
        if self._finds is None or len(self._finds.sought) > 2 * len(self._by_word) + _TELLING:
            self._finds = finder_of_runs({*self._by_word, *TELLING_RUNS})
        return self._finds

    def _add_numbers(self, text: Skimmed, found: set[int]) -> None:
        """Add the lines that have a figure that is looked for."""
        told = self._numbers(text)
        needs = {run: _needs([self._by_number[each] for each in told[run]]) for run in told}
        for run, places in runs_at(finder_of_runs(needs), text.padded_numbers).items() if needs else ():
            found.update(_having(text, map(text.line_at, places), needs[run]))

    def _numbers(self, text: Skimmed) -> dict[bytes, list[bytes]]:
        """Return the text's runs of digits and signs that are, or hold, a figure that is looked for."""
        if not self._by_number:
            return {}
        plain, others = text.numbers
        wanted = self._by_number.keys()
        found = {run: [run] for run in wanted & plain}
        for run in others - self._dull:
            if told := [figure for figure in _figures_of(run) if figure in wanted]:
                found[run] = told
            elif len(self._dull) < 1 << 18:
                self._dull.add(run)
        return found


def _needs(traced: Iterable[Mapping[str, tuple[str, ...]]]) -> set[str]:
    """
    Return what must stand in a line beside a run, one of it, for the line to say what the run is a trace of.

    It has "", which every line holds, where nothing must.
    """
    return {part for keys in traced for with_ in keys.values() for part in with_ or ("",)}


def _having(text: Skimmed, lines: Iterable[int], parts: AbstractSet[str]) -> Iterable[int]:
    """Return those lines that hold one of some parts."""
    return lines if "" in parts else (n for n in lines if any(part in text.lines[n] for part in parts))


def _figures_of(run: bytes) -> tuple[bytes, ...]:
    """Return all that a run of digits and signs may say: figures, days, times."""
    if len(run) > LONG_TOKEN:  # the line is read anyhow
        return ()
    return _known_figures(run) if len(run) < _SHORT_RUN else _figures(run)


def _figures(run: bytes) -> tuple[bytes, ...]:
    if decimal := _DECIMAL.fullmatch(run):
        whole, fraction = decimal[2], decimal[3]
        plain = b"%b.%b" % (whole, short) if (short := fraction.rstrip(b"0")) else whole
        return whole, fraction, decimal[1], plain
    text = run.decode()
    said = set[str]()
    for match in _RUN.finditer(text):
        said.add(match[0])
        for joined in (_JOINED, _FIGURE, _TIMED):
            if written := joined.match(text, match.start()):
                said |= {written[0], plain_number(written[0])}
        if day := date_at(text, match.start()):
            said.update(date_words(day.key))
    for hour, minute in _CLOCK.findall(text):
        said |= {f"{int(hour) % 24:02d}:{minute}", f"{int(hour) % 12:02d}:{minute}"}
        said |= {f"{int(hour):02d}:{minute}", f"{int(hour) % 12 + 12:02d}:{minute}"}
    return tuple(one.encode() for one in said)


_known_figures = lru_cache(maxsize=1 << 15)(_figures)


@lru_cache(maxsize=1 << 16)
def _way_of(key: str) -> _Way:
    if date := _DATE_KEY.fullmatch(key):
        return _date_way(key, date)
    if time := _TIME_KEY.fullmatch(key):
        hours = ("morning",) * (time[1] != "12") + ("evening",) * (int(time[1]) > 11)
        return _Way((_Trace(key.encode(), True),), hours if time[2] == "00" else ())
    if key.startswith("tel:"):
        return _Way(tuple(_Trace(key[-n:].encode(), True) for n in (3, 4, 9)), ("abroad",))
    if figure := _FIGURE_KEY.fullmatch(key):
        return _figure_way(key, figure)
    if key.startswith(("&", WORD_KEY)):  # words that stand anywhere in a text: no specific says them
        return _Way(())
    return _Way(tuple(_literal(key)))


def _date_way(key: str, date: re.Match[str]) -> _Way:
    name = _MONTH_NAMES[int(date["month"]) - 1]
    forms = dict.fromkeys((name, name[:3], *(["sept"] if name[:4] == "sept" else [])))
    day, year = date["day"], date["year"]
    with_ = (str(int(day)),) if day else (year,) if year != "-" else ()
    return _Way((_Trace(key.encode(), True), *(_Trace(form.encode(), False, with_) for form in forms)))


def _figure_way(key: str, match: re.Match[str]) -> _Way:
    unit, figure = match["unit"] or "", match["figure"]
    traces = [_Trace(figure.encode(), True), *(_literal(key) if unit.isalpha() else ())]
    if unit in ("", "#") and figure.isdigit() and 7 <= len(figure) <= 15:
        ends = {figure[-3:], figure[-4:]} - {figure}
        traces += [_Trace(end.encode(), True) for end in sorted(ends)]
        return _Way(tuple(traces), ("abroad", "scaled") if not unit else ("abroad",))
    is_large = unit != "#" and len(figure.partition(".")[0]) > 3
    return _Way(tuple(traces), ("scaled",) if is_large else ())


def _literal(key: str) -> list[_Trace]:
    """Return the trace of what is written as it is: the run that tells most, also behind a line end as JSON has it."""
    if _JOINED.fullmatch(key):
        return [_Trace(key.encode(), True)]
    runs = runs_in(key)
    if len(runs) > 2 and (len(key) > _LONG_KEY or "://" in key):
        runs = runs[1:-1]  # the others may have been cut
    if not runs:
        return []
    run = max(runs, key=lambda one: len(one) + 3 * (not one.isalpha()))
    escaped = [letter + run for letter in (b"n", b"r", b"t")] if run == runs[0] and " " not in key else []
    return [_Trace(each) for each in (run, *escaped)]
