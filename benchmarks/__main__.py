"""
Measure Dreamflow, as ratios against named baselines measured in the same run.

Each benchmark prints its method in a line, its figures, and the limits of the design that they are held against. Times
and memory depend on the machine: most fail nothing. The run fails (exit code 1) where a benchmark can't be run, where a
limit on what is counted, such as requests or lost updates, is not met, or one of a review's ratios.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks._processes import BenchmarkError
from benchmarks._report import Report

#: Name and what is measured. The module of the name has ``run(quick)``, which yields reports.
BENCHMARKS = {
    "waiting": "requests, memory and CPU of 1, 100 and 1,000 waiting dreams, beside the provider's own trigger",
    "triggerer": "1,000 waiting dreams on Airflow's own triggerer, beside triggers that do nothing",
    "compare": "comparing two stores at the service's limits, beside fetching just what changed",
    "carry": "carrying 1, 100 and 2,000 late writes, beside writing as many bytes bare",
    "restore": "going back to a store at the service's limits, beside copying it bare",
    "parse": "parsing the DAG file with 100 pipelines, beside one",
    "review": "a review at the service's limits, beside fetching the same bytes; its pages",
    "review_checks": "hostile lines that the checks of a review find, and honest ones that they flag",
    "fleet": "a night of a fleet of 10, 100 and 1,000 members, nine of them spoilt, beside single pipelines",
    "load": "the embedded server under 50 concurrent clients, beside one alone",
    "dream_limits": "offline dreams of 100 sessions of 1 MB over 2,000 memories of 100 kB, and the requests meanwhile",
    "dream_quality": "what is found in an offline dream's store, beside the raw transcripts, and whether it is true",
}
FEWEST_MEMBERS = 11
#: What a quick run leaves out, unless it is named: starting Airflow's triggerer alone takes long.
_SLOW_TO_START = frozenset({"triggerer"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks that are named, or all; return the exit code."""
    options = _parser().parse_args(arguments)
    names = options.names or [name for name in BENCHMARKS if not (options.quick and name in _SLOW_TO_START)]
    failures = [failure for name in names for failure in _run(name, options.quick, options.members)]
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failures else 0


def _run(name: str, quick: bool, members: int | None) -> list[str]:
    """Run one benchmark and print its reports; return what failed in it."""
    began = time.perf_counter()
    failures = []
    try:
        for report in _reports(name, quick, members):
            print(f"{report}\n", flush=True)
            failures += [
                f"{name}: {limit.says}" for limit in report.limits if limit.must_hold and not limit.met
            ]
    except BenchmarkError as e:
        print(f"{name} could not be run: {e}\n", flush=True)
        failures.append(f"{name}: could not be run")
    print(f"({name}: {time.perf_counter() - began:.0f} s)\n", flush=True)
    return failures


def _reports(name: str, quick: bool, members: int | None) -> Iterator[Report]:
    more = {"members": members} if name == "fleet" and members else {}
    reports: Iterator[Report] = importlib.import_module(f"benchmarks.{name}").run(quick, **more)
    return reports


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<13} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"benchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", type=_name, help="run only these (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that all runs; the figures mean nothing"
    )
    parser.add_argument(
        "--members", type=_members, metavar="N", help="members of the largest fleet of fleet (default: 1000)"
    )
    return parser


def _members(text: str) -> int:
    if not text.isdecimal() or int(text) < FEWEST_MEMBERS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {FEWEST_MEMBERS} on: nine are spoilt")
    return int(text)


def _name(text: str) -> str:
    if text not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"there is no benchmark {text!r}; there are {', '.join(BENCHMARKS)}")
    return text


if __name__ == "__main__":
    sys.exit(main())
