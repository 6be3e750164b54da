"""The official TypeScript SDK, unchanged, against the server."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.managed_agents.conftest import Serve
from tests.managed_agents.support import KEY

FOLDER = Path(__file__).parent / "typescript"
NODE, NPM = shutil.which("node"), shutil.which("npm")


@pytest.fixture(scope="module")
def installed() -> Path:
    """Install the pinned SDK beside the test, once."""
    if NODE is None or NPM is None:
        pytest.skip("Node.js with npm is not installed, which the TypeScript SDK needs")
    if not (FOLDER / "node_modules/@anthropic-ai/sdk").is_dir():
        command = [NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode != 0:
            pytest.skip(f"npm could not install the TypeScript SDK: {done.stderr.strip().splitlines()[-1:]}")
    return FOLDER


def test_every_verb_works_with_the_typescript_sdk(serve: Serve, installed: Path) -> None:
    server = serve()
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--test", "contract.test.mjs"],
        cwd=installed,
        env={**os.environ, "AGENTS_URL": server.url, "AGENTS_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
