"""Running the checks of a review over what changed, one memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import PurePath
from traceback import extract_tb
from typing import cast

from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.review import SEVERITIES, Evidence, Finding, Severity, finding_id
from dreamflow.errors import DreamflowError

__all__ = ["PER_CHECK_LIMIT", "Checking", "run_checks"]

#: Findings of one check that stand by themselves; more of them are put together, one for each memory.
PER_CHECK_LIMIT = 200


class Checking:
    """
    The checks of one review. Those that ask of texts alone may run before the others: while sessions are still heard.

    A check that breaks down over some text fails no review: a dream was paid for. That is a finding of it, which a
    person must look at.

    :param severities: as the pipeline's file sets them; a check that it turns off does not run.
    """

    def __init__(self, checks: Sequence[type[Check]], severities: Mapping[str, str]) -> None:
        self._severities = severities
        self._checks = [check for check in checks if severities.get(check.name, check.severity) != "off"]
        self._found: dict[str, list[Found]] = {}
        self._broken: dict[str, Found] = {}

    def run(self, examined: Examined, memories: Iterable[Memory], *, of_texts: bool = False) -> None:
        """Run the checks that did not run yet; ``of_texts``: of them, those that ask of texts alone."""
        running = [
            check(examined)
            for check in self._checks
            if check.name not in self._found and (check.of_texts or not of_texts)
        ]
        self._found |= {check.name: [] for check in running}
        for memory in memories if running else ():
            for check in running:
                self._call(check, partial(check.look, memory))
        for check in running:
            self._call(check, check.conclude)

    def _call(self, check: Check, call: Callable[[], Iterable[Found]]) -> None:
        if check.name in self._broken:
            return
        try:
            self._found[check.name].extend(call())
        except DreamflowError:
            raise  # a text that could not be fetched: it may pass
        except Exception as e:
            self._broken[check.name] = _broken(e)

    def findings(self) -> tuple[Finding, ...]:
        """Return what the checks found, gravest first."""
        findings = [
            self._finding(check, one) for check in self._checks for one in _bounded(self._found[check.name])
        ]
        findings += [
            self._finding(check, self._broken[check.name], at_least="flag")
            for check in self._checks
            if check.name in self._broken
        ]
        return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))

    def _finding(self, check: type[Check], found: Found, at_least: Severity = "note") -> Finding:
        severity = self._severities.get(check.name, check.severity)
        severity = max(severity, found.at_most, key=lambda one: SEVERITIES.index(cast("Severity", one)))
        severity = min(severity, at_least, key=lambda one: SEVERITIES.index(cast("Severity", one)))
        return Finding.model_validate(
            {
                "id": finding_id(check.name, found.side, found.path, found.about or found.message),
                "check": check.name,
                "severity": severity,
                "path": found.path,
                "line": found.line,
                "side": found.side,
                "message": found.message,
                "evidence": found.evidence,
                "paths": found.paths,
                "lines": _in_spans(found.lines),
                "specifics": found.specifics or _specifics_of(found),
            }
        )


def run_checks(
    checks: Sequence[type[Check]], examined: Examined, memories: Iterable[Memory]
) -> tuple[Finding, ...]:
    """Return what the checks find, gravest first."""
    checking = Checking(checks, examined.settings.severities)
    checking.run(examined, memories)
    return checking.findings()


def _broken(error: Exception) -> Found:
    """Return that a check broke down: where, and none of the error's own words, which may quote a memory."""
    at = extract_tb(error.__traceback__)[-1]
    return Found(
        f"This check broke down ({type(error).__name__}, {PurePath(at.filename).name}:{at.lineno}): what it looks for "
        "is not known. Look at the change yourself, and tell who maintains Dreamflow."
    )


def _bounded(found: Sequence[Found]) -> Iterable[Found]:
    """Yield the findings, those of one memory as one where they are too many to tick one by one."""
    if len(found) <= PER_CHECK_LIMIT:
        yield from found
        return
    by_path: dict[tuple[str, str, Severity], list[Found]] = {}
    for one in found:
        by_path.setdefault((one.side, one.path, one.at_most), []).append(one)
    for ones in by_path.values():
        first = ones[0]
        more = f" And {len(ones) - 1:,} more like it here." if len(ones) > 1 else ""
        yield first._replace(
            message=first.message + more,
            about="\0".join(one.about or one.message for one in ones),
            evidence=_first_of_each(ones),
            lines=sorted({one.line for one in ones if one.line}) if len(ones) > 1 else (),
            specifics=sum(map(_specifics_of, ones)),
        )


def _specifics_of(found: Found) -> int:
    return len({evidence.what for evidence in found.evidence if evidence.what})


def _first_of_each(ones: Iterable[Found]) -> tuple[Evidence, ...]:
    """Return the evidence of the first specifics, one place of each."""
    first: dict[object, Evidence] = {}
    for evidence in chain.from_iterable(one.evidence for one in ones):
        first.setdefault(evidence.what or evidence, evidence)
        if len(first) == PER_CHECK_LIMIT:
            break
    return tuple(first.values())


def _in_spans(lines: Sequence[int]) -> str:
    """Return lines as `3-7, 12`: there may be thousands, mostly one below the other."""
    spans: list[list[int]] = []
    for line in lines:
        if spans and spans[-1][-1] == line - 1:
            spans[-1][1:] = [line]
        else:
            spans.append([line])
    return ", ".join("-".join(map(str, span)) for span in spans)
