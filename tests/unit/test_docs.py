"""README and guides say what is there: links lead somewhere, graphs and messages are the code's own."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamflow.config import AgentTarget, DeploymentTarget, Pipeline

PROJECT = Path(__file__).parents[2]
PAGES = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "include" / "pipelines" / "README.md",
    *sorted((PROJECT / "docs").glob("*.md")),
]
#: Made from a running demo, and added by whoever runs it.
SCREENSHOTS = {"docs/images/run_graph.png", "docs/images/approval.png"}
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


def _dag() -> dict[str, set[str]]:
    """Return the DAG of a pipeline with two targets: by task, what follows it."""
    spec = importlib.util.spec_from_file_location("nightly_dream", PROJECT / "dags" / "nightly_dream.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    targets = (
        DeploymentTarget(type="deployment", deployment_id="depl_1"),
        AgentTarget(type="agent", agent_id="agent_1"),
    )
    dag = module.nightly_dream(Pipeline(name="docs", targets=targets))
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


def _messages() -> Iterator[str]:
    """Yield every text of the product, what is put in as ``…``."""
    for file in (PROJECT / "plugins" / "dreamflow").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in re.split("…+", text))


def _quoted() -> list[str]:
    cells = re.findall(
        r"^\| (`.*?`.*?) \|", OPERATING.partition("## When a task fails")[2].partition("\n## ")[0], re.M
    )
    spans = [span for cell in cells for span in re.findall(r"`([^`]+)`", cell)]
    return [span for span in spans if " " in span]


@pytest.mark.parametrize("quoted", _quoted())
def test_a_message_in_the_guide_is_one_of_the_code(quoted: str) -> None:
    for message in _messages():
        if re.search(_pattern(quoted), message):
            return
        if len(message.replace("…", "").strip()) >= 10 and re.match(_pattern(message), quoted):
            return
    pytest.fail(f"nothing in plugins/dreamflow says this: {quoted}")


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
