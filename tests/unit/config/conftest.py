"""Pipeline files, written and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dreamflow.config import Pipeline, load_pipeline
from dreamflow.errors import ConfigError

Load = Callable[..., Pipeline]

TARGETS = "targets: [{type: agent, agent_id: agent_1}]\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a pipeline file and read it."""

    def read(text: str, environ: Mapping[str, str] | None = None, name: str = "support.yaml") -> Pipeline:
        path = tmp_path / "include" / "pipelines" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return load_pipeline(path, environ or {})

    return read


def mistakes(load: Load, text: str, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as raised:
        load(text, environ)
    return str(raised.value)
