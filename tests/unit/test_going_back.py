"""The copy that docs/operating.md makes by hand, until a DAG does it, is a store that Dreamflow goes on from."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from anthropic import Anthropic
from fastapi.testclient import TestClient

from dreamflow.core.lineage import read_lineage
from dreamflow.hooks._convert import store_of
from include.managed_agents.app import create_app
from include.managed_agents.settings import Settings

PROJECT = Path(__file__).parents[2]
KEY = "test-key"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Anthropic]:
    settings = Settings(database=f"sqlite:///{tmp_path / 'server.db'}", api_key=KEY)
    with TestClient(create_app(settings)) as http:
        yield Anthropic(api_key=KEY, base_url="http://testserver", http_client=http, max_retries=0)


def _script(live: str, go_back_to: str) -> str:
    text = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)\n *```", text.partition("## Going back by hand")[2], re.DOTALL)
    assert found
    script = textwrap.dedent(found[1])
    ids = 'LIVE, GO_BACK_TO = "memstore_…", "memstore_…"'
    assert ids in script
    return script.replace(ids, f"LIVE, GO_BACK_TO = {live!r}, {go_back_to!r}")


def test_the_copy_holds_what_the_old_store_held_and_knows_where_it_stands(
    client: Anthropic, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stores = client.beta.memory_stores
    old = stores.create(
        name="Notes",
        description="What the desk knows",
        metadata={
            "team": "operations",
            "dreamflow_parent": "memstore_first",
            "dreamflow_dream": "drm_1",
            "dreamflow_through": "2026-11-19T02:30:00+00:00",
            "dreamflow_adopted_at": "2026-11-19T08:00:00+00:00",
        },
    )
    contents = {f"/notes/{number}.md": f"line {number}" for number in range(45)}
    for path, content in contents.items():
        stores.memories.create(old.id, path=path, content=content)
    stores.archive(old.id)
    live = stores.create(name="Notes", metadata={"dreamflow_parent": old.id})

    monkeypatch.setattr("anthropic.Anthropic", lambda: client)
    exec(compile(_script(live.id, old.id), "docs/operating.md", "exec"), {})

    copy = stores.retrieve(capsys.readouterr().out.strip())
    listed = stores.memories.list(copy.id, view="full", limit=20)
    assert {memory.path: memory.content for memory in listed if memory.type == "memory"} == contents
    assert (copy.name, copy.description, copy.metadata["team"]) == (old.name, old.description, "operations")
    lineage = read_lineage(store_of(copy))
    assert lineage is not None
    assert (lineage.parent, lineage.content, lineage.dream) == (live.id, old.id, "drm_1")
    assert lineage.through is not None
    assert lineage.through.isoformat() == "2026-11-19T02:30:00+00:00"
