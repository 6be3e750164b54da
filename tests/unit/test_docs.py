"""README and guides say what is there: links lead somewhere; graphs, messages and commands are the code's own."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from dreamflow import errors, storage
from dreamflow.config import AgentTarget, DeploymentTarget, Pipeline, load_pipeline
from dreamflow.core import handoffs
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.params import restore_params
from dreamflow.records.files import Records
from dreamflow.records.journal import DreamNote, Journal, RestoreNote
from dreamflow.targets import open_target
from tests.unit.service import Service

PROJECT = Path(__file__).parents[2]
PAGES = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "include" / "pipelines" / "README.md",
    PROJECT / "include" / "managed_agents" / "README.md",
    *sorted((PROJECT / "docs").glob("*.md")),
]
#: Made from a running demo, and added by whoever runs it.
SCREENSHOTS = {f"docs/images/{name}.png" for name in ("run_graph", "review", "review-dark", "review-narrow")}
README = (PROJECT / "README.md").read_text(encoding="utf-8")
OPERATING = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
ARCHITECTURE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")


def _anchors(page: Path) -> set[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if str(target.relative_to(PROJECT)) in SCREENSHOTS:
            continue
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in _anchors(target), f"{page.name}: {link}"


def test_contributing_sends_nobody_to_a_file_that_is_not_there() -> None:
    named = set(re.findall(r"`([\w/]+/\w+\.(?:py|md|svg|yaml))`", PAGES[1].read_text(encoding="utf-8")))
    roots = (PROJECT, PROJECT / "plugins" / "dreamflow")
    assert named
    assert {path for path in named if not any((root / path).exists() for root in roots)} == set()


def test_the_architecture_names_every_module_below_the_operators() -> None:
    tree = ARCHITECTURE.partition("\n## The folders\n")[2].partition("\nImports run downward")[0]
    folders = (
        PROJECT / "plugins" / "dreamflow" / name for name in ("core", "hooks", "records", "steps", "targets")
    )
    files = (file for folder in folders for file in folder.rglob("*.py") if file.parent.name != "checks")
    modules = {file.stem for file in files} - {"__init__"}
    assert modules - set(re.findall(r"\w+", tree)) == set()


def _dag_file(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PROJECT / "dags" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _dag() -> dict[str, set[str]]:
    """Return the DAG of a pipeline with two targets: by task, what follows it."""
    targets = (
        DeploymentTarget(type="deployment", deployment_id="depl_1"),
        AgentTarget(type="agent", agent_id="agent_1"),
    )
    dag = _dag_file("nightly_dream").nightly_dream(Pipeline(name="docs", targets=targets))
    return {task.task_id: set(task.downstream_task_ids) for task in dag.tasks}


def test_the_readme_draws_the_dag_as_it_is() -> None:
    picture = "docs/images/dag.svg"
    assert f"({picture})" in README
    drawn = re.findall(r'data-from="(\w+)" data-to="(\w+)"', (PROJECT / picture).read_text(encoding="utf-8"))
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == {(before, after) for before, found in _dag().items() for after in found}


@pytest.mark.parametrize(
    ("text", "heading"), [(OPERATING, "| Task | What it does"), (ARCHITECTURE, "| Task | Returns")]
)
def test_every_task_has_its_row(text: str, heading: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", text.partition(heading)[2].partition("\n\n")[0], re.MULTILINE)
    assert len(rows) == len(set(rows))
    silent = {"catch_up", "dream_again"} if "Returns" in heading else set()
    assert set(rows) | silent == set(_dag())


def test_going_back_has_a_row_for_every_field_of_its_form_and_task_of_its_own() -> None:
    section = OPERATING.partition("\n## Going back\n")[2].partition("\n## ")[0]
    fields = {name: title for title, name in re.findall(r"^\| (\w.*?) \(`(\w+)`\) \|", section, re.MULTILINE)}
    params = restore_params(["support", "sales"])
    assert fields == {name: param.schema["title"] for name, param in params.items()}
    rows = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    restore = set(_dag_file("restore_memory_store").restore_memory_store(["support"]).task_ids)
    assert rows <= restore
    assert restore - set(_dag()) <= rows


@pytest.mark.parametrize(
    ("task_id", "hand_off"),
    [
        ("settle_earlier_runs", handoffs.Settled),
        ("collect_sessions", handoffs.Collected),
        ("launch_dream", handoffs.Launched),
        ("wait_for_dream", handoffs.Dreamed),
        ("review_changes", handoffs.Reviewed),
        ("approve", handoffs.Decided),
    ],
)
def test_what_a_task_returns_is_documented_whole(task_id: str, hand_off: type[handoffs.HandOff]) -> None:
    (row,) = re.findall(rf"^\| `{task_id}` \| `{{(.*)$", ARCHITECTURE, re.MULTILINE)
    assert set(hand_off.model_fields) <= set(re.findall(r"\w+", row))


def test_the_swap_and_the_journal_are_documented_whole() -> None:
    (swap,) = re.findall(r"`swap` is `{(.*?)}`", ARCHITECTURE)
    assert swap.split(", ") == list(handoffs.Swap.model_fields)
    journal = ARCHITECTURE.partition("\n## The journal")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", journal, re.MULTILINE)
    fields = [field for cell in cells for field in re.findall(r"`(\w+)`", cell)]
    notes = (Journal, DreamNote, RestoreNote)
    assert sorted(fields) == sorted(field for note in notes for field in note.model_fields)


def _text_of(node: ast.expr) -> str | None:
    """Return a text of the code, what is put in as ``…``; None where it is no literal."""
    match node:
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
        case ast.Constant(value=str(text)):
            return text
    return None


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    """Yield what the product's code is made of, with the file that it stands in."""
    for file in sorted((PROJECT / "plugins" / "dreamflow").rglob("*.py")):
        name = file.relative_to(PROJECT / "plugins" / "dreamflow").as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            yield name, node


MESSAGES = [text for _, node in _nodes() if isinstance(node, ast.expr) and (text := _text_of(node))]


def _says(message: str, quoted: str) -> bool:
    """Tell whether the code's message says what the guide quotes."""

    def pattern(text: str) -> str:
        return ".*".join(re.escape(part) for part in re.split("…+", text))

    if re.search(pattern(quoted), message):
        return True
    return len(message.replace("…", "").strip()) >= 10 and bool(re.match(pattern(message), quoted))


def _quoted() -> list[str]:
    cells = re.findall(
        r"^\| (`.*?`.*?) \|", OPERATING.partition("## When a task fails")[2].partition("\n## ")[0], re.M
    )
    spans = [span for cell in cells for span in re.findall(r"`([^`]+)`", cell)]
    return [span for span in spans if " " in span]


@pytest.mark.parametrize("quoted", _quoted())
def test_a_message_in_the_guide_is_one_of_the_code(quoted: str) -> None:
    assert any(_says(message, quoted) for message in MESSAGES), "nothing in plugins/dreamflow says this"


#: What a message is made with that ends a task, or that settling leaves to a person.
TOLD_WITH = {
    *errors.__all__,
    "Unsuccessful",
    "OverBudget",
    "TimedOut",
    "Leave",
    "STOPS[stop.status]",
    "STOPS[status]",
}
#: What refuses a reviewer's edit: the page that asked for it tells.
TOLD_WITH -= {"EditRefused", "MendConflict"}
#: A target's conflict, which never reaches people as it stands: repoint tells of it.
UNSEEN = re.compile(r"targets/\w+\.py: … no longer names ….")


def _raised() -> Iterator[str]:
    """Yield the messages of the code's errors. Those about pipeline files are in the reference of their keys."""
    for file, node in _nodes():
        if not isinstance(node, ast.Call) or not node.args or file.startswith("config/"):
            continue
        text = _text_of(node.args[0]) or ""
        has_words = re.search(r"\w\w", text) and ast.unparse(node.func) in TOLD_WITH
        if has_words and not UNSEEN.match(f"{file}: {text}"):
            yield text


@pytest.mark.parametrize("message", sorted(set(_raised())))
def test_every_error_of_the_code_is_in_the_guide(message: str) -> None:
    assert any(_says(message, quoted) for quoted in _quoted()), (
        "docs/operating.md, When a task fails, lacks this"
    )


def _snippet(page: str, heading: str, language: str) -> str:
    """Return the first code of a section."""
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)\n *```", section, re.DOTALL)
    assert found
    return textwrap.dedent(found[1])


def test_the_agent_of_the_guide_is_one_that_the_example_pipeline_dreams_for(
    service: Service,
    hook: ManagedAgentsHook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("anthropic.Anthropic", lambda: service.client)
    exec(compile(_snippet(OPERATING, "An agent with a memory", "python"), "docs/operating.md", "exec"), {})
    variables = dict(line.split("=") for line in capsys.readouterr().out.split())

    example = PROJECT / "include" / "pipelines" / "support.yaml.example"
    (tmp_path / "support.yaml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    pipeline = load_pipeline(tmp_path / "support.yaml", variables)
    targets = [open_target(target, hook) for target in pipeline.targets]
    for target in targets:
        target.check()
    (live,) = {target.read() for target in targets}
    run = service.client.beta.deployments.run(variables["SUPPORT_DEPLOYMENT_ID"])
    session = service.client.beta.sessions.retrieve(str(run.session_id))
    assert [(m.memory_store_id, m.access) for m in session.resources if m.type == "memory_store"] == [
        (live, "read_write")
    ]

    ids = {
        "depl_…": variables["SUPPORT_DEPLOYMENT_ID"],
        "agent_…": variables["SUPPORT_AGENT_ID"],
    }
    look = _snippet(OPERATING, "Which store is live, and what did last month cost?", "python")
    for written, real in ids.items():
        assert written in look
        look = look.replace(written, real)
    exec(compile(look, "docs/operating.md", "exec"), {})
    assert capsys.readouterr().out.count(live) == len(ids)


def test_the_command_of_the_guide_adds_up_what_a_month_has_cost(tmp_path: Path) -> None:
    records = Records(storage, f"file://{tmp_path}/dreamflow-reports", "support")
    first, second = "scheduled__2026-11-03T02:30:00+00:00", "manual__2026-11-30T09:00:00.5+00:00"
    records.note_in_night(first, "drm_1", 1_000, 0.5)
    records.note_in_night(first, "drm_2", 200, None)
    records.note_in_night(second, "drm_3", 30, 1.25)
    records.note_in_night("scheduled__2026-12-01T02:30:00+00:00", "drm_4", 4, 7.0)
    command = _snippet(OPERATING, "Which store is live, and what did last month cost?", "sh")
    environment = {"AIRFLOW_HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    said = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "3 dreams, 1,230 tokens, USD 1.75"

    environment |= {"HOME": str(tmp_path / "home")}
    del environment["AIRFLOW_HOME"]
    said = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert f"there is no {tmp_path}/home/airflow/dreamflow-reports/support/nights/" in said.stderr


def test_the_readme_names_every_variable_of_the_demo_and_every_command() -> None:
    settings = (PROJECT / "include" / "demo" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', settings))
    rows = "".join(re.findall(r"^\| (`[A-Z].*?) \|", README, re.MULTILINE))
    named = set(re.findall(r"`([A-Z_]+)", rows))
    assert read <= named
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    for page in PAGES:
        used = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z]+)`", page.read_text(encoding="utf-8")))
        assert used <= commands, page.name
    assert {"demo", "test"} <= set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE))
