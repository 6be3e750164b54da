"""``make demo``: seed, run the loop once, and say what happened."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from anthropic import APIError, AuthenticationError
from rich.console import Console

from include.demo.airflow_api import filled_form
from include.demo.errors import DemoError
from include.demo.interrupts import INTERRUPTS, own_terminal
from include.demo.processes import end_noted, noted_alive
from include.demo.seed import Seeded, seed
from include.demo.settings import Settings, read_settings
from include.demo.stack import PROCESSES_NOTE, Stack

DAG_ID = "dream__demo"
#: What the review's tab is called in the addresses of Airflow's pages.
_REVIEW = "dreamflow-review"
PIPELINES = Path(__file__).parent / "pipelines"
#: A file that shows that a folder is a demo's own, so that it may be emptied.
_OWN = ".dreamflow-demo"
#: Seconds for a run without a person: the offline engine needs a few, Airflow's scheduling the rest.
_RUN_LIMIT = 1800.0
_DECISIONS = {"yes": "Adopt", "no": "Reject"}
_DONE = ("success", "failed")
_ALL_STOPPED = "Everything that the demo started is stopped."

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    with own_terminal():
        return _main()


def _main() -> int:
    INTERRUPTS.watch()
    try:
        if sys.argv[1:] == ["stop"]:
            return _stop()
        return _demo(read_settings())
    except DemoError as e:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"demo: {e}", markup=False)
        return 1
    except KeyboardInterrupt as e:
        console.print(_ALL_STOPPED)
        # Ctrl-C is how a person ends the demo; any other signal came from somebody who may want to know.
        return 0 if e.args == (signal.SIGINT,) else 128 + e.args[0]


def _stop() -> int:
    """End what a demo left running, for ``make clean``."""
    ended = end_noted(read_settings().folder / PROCESSES_NOTE)
    if ended:
        console.print(f"stopped {ended} programs of a demo")
    return 0


def _demo(settings: Settings) -> int:
    _prepare(settings.folder)
    stack = Stack(
        settings.folder,
        airflow_port=settings.airflow_port,
        agents_port=settings.agents_port,
        pipelines=PIPELINES,
        agents_url=settings.agents_url,
        api_key=settings.api_key,
        dream_pace=settings.dream_pace,
        tell=lambda line: console.print(line, markup=False),
    )
    stack.check_ports()
    with stack:
        seeded = _start(stack, settings)
        started = time.monotonic()
        run_id = stack.airflow.trigger(DAG_ID)
        _tell_where(stack, run_id)
        run = _watch(stack, run_id, settings.approve)
        summary = _summary(stack, seeded, run, time.monotonic() - started)
        (settings.folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
        _tell_end(stack, summary, settings.folder)
        if settings.approve is None:
            _stay(stack)
    console.print(_ALL_STOPPED)
    return 0 if summary["state"] == "success" else 1


def _prepare(folder: Path) -> None:
    """Empty the folder of an earlier demo; refuse one that is not a demo's, or whose demo still runs."""
    if noted_alive(folder / PROCESSES_NOTE):
        raise DemoError(f"a demo is running in {folder}: stop it with Ctrl-C or make clean, or set DEMO_DIR")
    try:
        if folder.exists() and any(folder.iterdir()):
            if not (folder / _OWN).exists():
                raise DemoError(
                    f"DEMO_DIR={folder} holds files that are not a demo's: name an empty or a new folder"
                )
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _OWN).touch()
    except OSError as e:
        raise DemoError(f"DEMO_DIR={folder} can't be used: {e.strerror}. Name another folder") from e


def _start(stack: Stack, settings: Settings) -> Seeded:
    with console.status(f"Waiting for the embedded server at {stack.agents_url}"):
        stack.start_agents()
    console.print(f"Embedded server   {stack.agents_url}")
    with console.status("Seeding a memory store and importing sessions"):
        seeded = _seed(stack, settings)
    console.print(f"Seeded            {seeded.sessions} sessions, memory store {seeded.input_store}")
    with console.status("Starting Airflow; its first start takes about half a minute"):
        stack.start_airflow({"DEMO_AGENT_ID": seeded.agent, "DEMO_DEPLOYMENT_ID": seeded.deployment})
    with console.status(f"Waiting for Airflow to read {DAG_ID}"):
        stack.wait_for_dag(DAG_ID)
        stack.airflow.unpause(DAG_ID)
    return seeded


def _seed(stack: Stack, settings: Settings) -> Seeded:
    try:
        with stack.client() as client:
            return seed(client, url=stack.agents_url, api_key=stack.api_key, transcripts=settings.transcripts)
    except AuthenticationError as e:
        raise DemoError(
            f"the embedded server at {stack.agents_url} refuses AGENTS_API_KEY: set the key that it was started with"
        ) from e
    except APIError as e:
        raise DemoError(
            f"{stack.agents_url} does not do what an embedded server does: {e.message[:200]}"
        ) from e


def _tell_where(stack: Stack, run_id: str) -> None:
    console.print(f"Airflow           {stack.airflow.url}/dags/{DAG_ID}/runs/{run_id}", markup=False)
    console.print(f"                  user {stack.airflow.username}, password {stack.password}", markup=False)


def _watch(stack: Stack, run_id: str, approve: str | None) -> dict[str, Any]:
    """Show each task as its state changes, answer where told to, and return the ended run."""
    shown: dict[str, str] = {}
    asked: set[int] = set()
    started = time.monotonic()
    with console.status("") as status:
        while True:
            run = stack.airflow.run(DAG_ID, run_id)
            tasks = stack.airflow.task_instances(DAG_ID, run_id)
            waiting = _show_changes(tasks, shown, time.monotonic() - started)
            status.update(waiting)
            for task in tasks:
                if task["state"] == "awaiting_input" and task["try_number"] not in asked:
                    asked.add(task["try_number"])
                    _ask_or_answer(stack, run_id, approve)
                elif task["state"] == "awaiting_input" and approve:
                    raise DemoError(
                        f"APPROVE={approve} was not taken, and the question stands: see the log of approve in "
                        f"{stack.folder}/airflow/logs"
                    )
            if run["state"] in _DONE:
                return run
            stack.check_alive()
            if approve and time.monotonic() - started > _RUN_LIMIT + stack.dream_pace:
                raise DemoError(
                    f"the run is still {run['state']} after {_RUN_LIMIT:.0f} s; see {stack.folder}/airflow.log"
                )
            time.sleep(1)


def _show_changes(tasks: list[dict[str, Any]], shown: dict[str, str], seconds: float) -> str:
    """Print what changed since the last look; return what the run waits for."""
    waiting = "Waiting for Airflow to schedule the next task"
    for task in sorted(tasks, key=lambda t: (t["start_date"] or "~", t["map_index"])):
        name = task["task_id"] + (f" [{task['map_index']}]" if task["map_index"] >= 0 else "")
        state = task["state"] or ""
        if state == "running":
            waiting = f"Running {name}"
        elif state == "deferred":
            waiting = f"Waiting in {name}, without a worker"
        elif state == "awaiting_input":
            waiting = "Waiting for a person's decision"
        if state in ("", "scheduled", "queued", "running") or shown.get(name) == state:
            continue
        shown[name] = state
        console.print(f"{seconds:5.0f} s  {name:<24}{state}", markup=False)
    return waiting


def _ask_or_answer(stack: Stack, run_id: str, approve: str | None) -> None:
    if approve is None:
        link = f"{stack.airflow.url}/dags/{DAG_ID}/runs/{quote(run_id)}/plugin/{_REVIEW}"
        console.print(
            f"\nThe review is ready: {_verdict(stack, run_id)}. Decide here:\n  {link}\n", markup=False
        )
        return
    stack.wait_until_answerable(DAG_ID, run_id, "approve")
    form = filled_form(stack.airflow.question(DAG_ID, run_id, "approve") or {})
    stack.airflow.answer(DAG_ID, run_id, "approve", _DECISIONS[approve], form)
    told = f"the review is {_verdict(stack, run_id)}, {len(form.get('looked_at') or [])} flags ticked"
    console.print(f"         APPROVE={approve}: answered {_DECISIONS[approve]}; {told}", markup=False)


def _verdict(stack: Stack, run_id: str) -> str:
    return str((stack.airflow.xcom(DAG_ID, run_id, "review_changes") or {}).get("verdict"))


def _summary(stack: Stack, seeded: Seeded, run: dict[str, Any], seconds: float) -> dict[str, Any]:
    run_id = run["dag_run_id"]
    dreamed = stack.airflow.xcom(DAG_ID, run_id, "wait_for_dream") or {}
    answer = stack.airflow.xcom(DAG_ID, run_id, "approve") or {}
    collected = stack.airflow.xcom(DAG_ID, run_id, "collect_sessions") or {}
    reviewed = stack.airflow.xcom(DAG_ID, run_id, "review_changes") or {}
    return {
        "agent": seeded.agent,
        "deployment": seeded.deployment,
        "environment": seeded.environment,
        "input_store": seeded.input_store,
        "output_store": dreamed.get("output_store_id"),
        "dream": dreamed.get("dream_id"),
        "run_id": run_id,
        "verdict": reviewed.get("verdict"),
        "review": reviewed.get("report_uri"),
        "decision": answer.get("decision"),
        "state": run["state"],
        "seconds": round(seconds, 1),
        "sessions_dreamed": len(collected.get("session_ids") or []),
        "sessions_left": collected.get("left_for_next_run"),
        "database": stack.database,
        "server_url": stack.agents_url,
    }


def _tell_end(stack: Stack, summary: dict[str, Any], folder: Path) -> None:
    console.print()
    if summary["state"] != "success":
        failed = [
            t["task_id"]
            for t in stack.airflow.task_instances(DAG_ID, summary["run_id"])
            if t["state"] == "failed"
        ]
        console.print(
            f"The run failed at {', '.join(failed) or 'an unknown task'}. Logs: {folder}/airflow/logs",
            markup=False,
        )
        return
    with stack.client() as client:
        store = client.beta.memory_stores.retrieve(summary["input_store"])
        deployment = client.beta.deployments.retrieve(summary["deployment"])
        agent = client.beta.agents.retrieve(summary["agent"])
    named = [r.memory_store_id for r in deployment.resources if r.type == "memory_store"]
    left = summary["sessions_left"]
    lines = [
        f"{summary['sessions_dreamed']} sessions were dreamed in {summary['seconds']:.0f} s"
        + (f"; {left} are beyond what one dream takes, and are left for the next run." if left else "."),
        f"Review      {summary['verdict']}: {summary['review']}",
        f"Decision    {summary['decision']}",
        f"Deployment  {summary['deployment']} mounts {', '.join(named)}",
        f"Agent       {summary['agent']} names {agent.metadata.get('memory_store_id')}",
        f"Input       {summary['input_store']} is {'archived' if store.archived_at else 'live'}",
        f"Output      {summary['output_store']}",
        f"Summary     {folder / 'summary.json'}",
    ]
    console.print("\n".join(lines), markup=False)


def _stay(stack: Stack) -> None:
    console.print("\nAirflow and the embedded server stay up for you to look around. Ctrl-C stops them.")
    while True:
        stack.check_alive()
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
