"""The benchmarks run, and hold what they count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

PROJECT = Path(__file__).parents[2]
#: Two halves, for the two cores of a small machine. The triggerer takes long to start, whatever the size.
HALVES = (
    ("waiting", "compare", "carry", "fleet"),
    ("restore", "parse", "review", "review_checks", "load", "dream_quality"),
)
#: The baseline that each is measured against, as its table names it.
BASELINES = {
    "waiting": "provider's session",
    "compare": "baseline: fetch",
    "carry": "Baseline: writing as many bytes",
    "restore": "baseline: bare copy",
    "parse": "Baseline: one pipeline",
    "review": "baseline: fetch the same bytes",
    "fleet": "baseline: 12 single pipelines",
    "load": "Baseline: one client alone",
    "review_checks": "Baseline: the half that the checks were written with",
    "dream_quality": "raw turns",
}


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def quick_runs() -> list[tuple[int, str]]:
    """Exit code and output of each half, run at the same time."""
    halves = [run("--quick", *names) for names in HALVES]
    outputs = [half.communicate()[0] for half in halves]
    return [(half.returncode, output) for half, output in zip(halves, outputs, strict=True)]


@pytest.mark.timeout(900)
def test_every_benchmark_runs_and_what_it_counts_is_within_its_limits(
    quick_runs: list[tuple[int, str]],
) -> None:
    for code, output in quick_runs:
        assert code == 0, output


@pytest.mark.parametrize("name", BASELINES)
def test_a_benchmark_is_measured_against_a_baseline_that_it_names(
    name: str, quick_runs: list[tuple[int, str]]
) -> None:
    said = next(output for _, output in quick_runs if f"{name}: " in output)
    report = said[said.index(f"{name}: ") : said.index(f"({name}: ")]
    assert BASELINES[name] in report


def test_help_lists_every_benchmark() -> None:
    half = run("--help")
    output, _ = half.communicate()
    assert half.returncode == 0
    assert all(f"  {name} " in output for name in BENCHMARKS)


def test_a_name_that_is_none_is_refused_and_those_that_are_get_told() -> None:
    half = run("wating")
    output, _ = half.communicate()
    assert half.returncode == 2
    assert "there is no benchmark 'wating'; there are waiting, triggerer" in output
