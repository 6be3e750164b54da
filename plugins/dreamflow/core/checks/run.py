"""Running the checks of a review over what changed, one memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.review import SEVERITIES, Finding, finding_id

__all__ = ["PER_CHECK_LIMIT", "run_checks"]

#: Findings of one check that stand by themselves; more of them are put together, one for each memory.
PER_CHECK_LIMIT = 200


def run_checks(
    checks: Sequence[type[Check]], examined: Examined, memories: Iterable[Memory]
) -> tuple[Finding, ...]:
    """Return what the checks find, gravest first; those that the pipeline's file turns off are left out."""
    severities = examined.settings.severities
    running = [check(examined) for check in checks if severities.get(check.name, check.severity) != "off"]
    found: dict[str, list[Found]] = {check.name: [] for check in running}
    for memory in memories:
        for check in running:
            found[check.name].extend(check.look(memory))
    for check in running:
        found[check.name].extend(check.conclude())
    findings = [_finding(check, examined, one) for check in running for one in _bounded(found[check.name])]
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _finding(check: Check, examined: Examined, found: Found) -> Finding:
    severity = examined.settings.severities.get(check.name, check.severity)
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
        }
    )


def _bounded(found: Sequence[Found]) -> Iterable[Found]:
    """Yield the findings, those of one memory as one where they are too many to tick one by one."""
    if len(found) <= PER_CHECK_LIMIT:
        yield from found
        return
    by_path: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        by_path.setdefault((one.side, one.path), []).append(one)
    for ones in by_path.values():
        first = ones[0]
        more = f" And {len(ones) - 1:,} more like it here." if len(ones) > 1 else ""
        yield first._replace(
            message=first.message + more,
            about="\0".join(one.about or one.message for one in ones),
            evidence=tuple(evidence for one in ones for evidence in one.evidence)[:PER_CHECK_LIMIT],
        )
