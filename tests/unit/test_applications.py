"""What docs/applications.md shows does what it says: a session that mounts the live store, and a DAG after a swap."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dreamflow.operators.base import live_store_asset
from tests.unit.running import Night, night_of
from tests.unit.service import Service

PAGE = (Path(__file__).parents[2] / "docs" / "applications.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def executed(heading: str, replaced: dict[str, str], **known: Any) -> dict[str, Any]:
    """Run the first Python code of a section, and return its names."""
    found = re.search(r"```python\n(.*?)\n```", section(heading), re.DOTALL)
    assert found
    code = textwrap.dedent(found[1])
    for written, real in replaced.items():
        assert written in code
        code = code.replace(written, real)
    exec(compile(code, "docs/applications.md", "exec"), known)
    return known


@pytest.fixture
def night(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    night = night_of(
        service, f"file://{tmp_path}/reports", {"/a.md": "York"}, {"/a.md": "York.", "/b.md": "Leeds"}
    )
    target = f"{{type: deployment, deployment_id: {night.deployment_id}}}"
    (tmp_path / "support.yaml").write_text(f"targets: [{target}]", encoding="utf-8")
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
    return night


def test_a_session_of_the_page_mounts_the_store_that_is_live(
    night: Night, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anthropic.Anthropic", lambda: service.client)
    ids = {"agent_…": night.agent_id, "env_…": service.environment()}

    def mounted() -> tuple[str, str]:
        session = executed("Following the live store", ids)["session"]
        mount: Any
        (mount,) = service.client.beta.sessions.retrieve(session.id).resources
        return mount.memory_store_id, str(mount.mount_path)

    before = mounted()
    night.adopt()
    after = mounted()
    assert (before[0], after[0]) == (night.input_id, night.output_id)
    assert before[1] == after[1]


def test_an_agents_metadata_tells_the_same(night: Night, service: Service) -> None:
    night.adopt()
    known = executed("Without Dreamflow's code", {"agent_…": night.agent_id}, client=service.client)
    assert known["store_id"] == night.output_id


def test_the_dag_of_the_page_runs_after_a_swap_and_reads_what_its_event_holds(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    night.adopt()
    extra = night.verify()
    dag = executed("Acting on a swap", {})["dag"]
    asset = live_store_asset(night.pipeline)
    assert dag.schedule == [asset]
    dag.get_task("tell").python_callable(triggering_asset_events={asset: [SimpleNamespace(extra=extra)]})
    assert f"{night.output_id} has replaced {night.input_id}: " in capsys.readouterr().out


def test_every_key_of_the_event_is_on_the_page(night: Night) -> None:
    night.adopt()
    keys = re.findall(r"^\| `(\w+)` \|", section("Acting on a swap"), re.MULTILINE)
    assert set(night.verify()) <= set(keys)
