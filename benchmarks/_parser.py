"""
Parse the nightly DAG file once, as Airflow's DAG processor does in each of its fresh processes; tell how long it took.

    DREAMFLOW_PIPELINES=… python -m benchmarks._parser
"""

from __future__ import annotations

import json
import sys
import time

# What the processor has imported before it forks a process to parse a file.
import airflow.dag_processing.processor  # noqa: F401
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.serialization.serialized_objects import DagSerialization

from benchmarks._processes import PROJECT


def main() -> dict[str, object]:
    before = set(sys.modules)
    began, cpu = time.perf_counter(), time.process_time()
    bag = BundleDagBag(
        dag_folder=PROJECT / "dags" / "nightly_dream.py", bundle_path=PROJECT / "dags", load_op_links=False
    )
    parsed, cpu_parsed = time.perf_counter(), time.process_time()
    for dag in bag.dags.values():
        DagSerialization.to_dict(dag)
    return {
        "seconds": parsed - began,
        "cpu_seconds": cpu_parsed - cpu,
        "serialize_cpu_seconds": time.process_time() - cpu_parsed,
        "dags": len(bag.dags),
        "import_errors": list(bag.import_errors.values()),
        "anthropic_imported": any(
            name.split(".")[0] == "anthropic" or name.startswith("airflow.providers.anthropic")
            for name in set(sys.modules) - before
        ),
    }


if __name__ == "__main__":
    print(json.dumps(main()))
