"""Running the checks of a review over what changed, one memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from pathlib import PurePath
from traceback import extract_tb
from typing import cast

from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.review import SEVERITIES, Evidence, Finding, Severity, finding_id
from dreamflow.errors import DreamflowError

__all__ = ["PER_CHECK_LIMIT", "run_checks"]

#: Findings of one check that stand by themselves; more of them are put together, one for each memory.
PER_CHECK_LIMIT = 200


def run_checks(
    checks: Sequence[type[Check]], examined: Examined, memories: Iterable[Memory]
) -> tuple[Finding, ...]:
    """
    Return what the checks find, gravest first; those that the pipeline's file turns off are left out.

    A check that breaks down over some text fails no review: a dream was paid for. That is a finding of it, which a
    person must look at.
    """
    severities = examined.settings.severities
    running = [check(examined) for check in checks if severities.get(check.name, check.severity) != "off"]
    found: dict[str, list[Found]] = {check.name: [] for check in running}
    broken: dict[str, Found] = {}

    def run(check: Check, call: Callable[[], Iterable[Found]]) -> None:
        if check.name in broken:
            return
        try:
            found[check.name].extend(call())
        except DreamflowError:
            raise  # a text that could not be fetched: it may pass
        except Exception as e:
            broken[check.name] = _broken(e)

    for memory in memories:
        for check in running:
            run(check, partial(check.look, memory))
    for check in running:
        run(check, check.conclude)
    findings = [_finding(check, examined, one) for check in running for one in _bounded(found[check.name])]
    findings += [
        _finding(check, examined, broken[check.name], at_least="flag")
        for check in running
        if check.name in broken
    ]
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _broken(error: Exception) -> Found:
    """Return that a check broke down: where, and none of the error's own words, which may quote a memory."""
    at = extract_tb(error.__traceback__)[-1]
    return Found(
        f"This check broke down ({type(error).__name__}, {PurePath(at.filename).name}:{at.lineno}): what it looks for "
        "is not known. Look at the change yourself, and tell who maintains Dreamflow."
    )


def _finding(check: Check, examined: Examined, found: Found, at_least: Severity = "note") -> Finding:
    severity = examined.settings.severities.get(check.name, check.severity)
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
