"""The hostile corpus as a dream's output: text everywhere that a person reads it, in a real Airflow and a browser."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from anthropic import Anthropic
from playwright.sync_api import Page

from dreamflow import storage
from include.demo.settings import free_port
from include.demo.stack import Stack
from include.managed_agents.dreams.engine import Brief, Findings, StoreFiles
from include.managed_agents.dreams.offline import OfflineEngine
from tests.browser.chromium import CHROMIUM, Window, opened
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.world import World, small_world
from tests.hostile.corpus import hostile_memories
from tests.support.server import KEY, LocalServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]
