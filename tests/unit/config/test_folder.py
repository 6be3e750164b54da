"""A folder of pipeline files: what can be read of a wrong one, and how DAG files share them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from dreamflow.config import BrokenFile, Pipeline, load_folder
from dreamflow.config.folder import DAILY, broken_file
from tests.unit.config.conftest import TARGETS

NIGHTLY = 'schedule: {cron: "30 2 * * *", timezone: Europe/London}\n'


class TestBrokenFile:
    """What is left of a file that is wrong."""

    @pytest.mark.parametrize(
        "rest",
        [
            "sessions: {limit: 0}\n",
            "sessions:\n\tlimit: 5\n",
            "targets: [\n",
            "targets: 5\ntargets: 6\n",
            "notify: ops\n",
            "x: *nobody\n",
        ],
    )
    @pytest.mark.parametrize(
        "schedule", [NIGHTLY, 'schedule:\n  # at night\n  cron: "30 2 * * *"\n\n  timezone: Europe/London\n']
    )
    @pytest.mark.parametrize("first", [True, False])
    def test_its_schedule_is_read_whatever_else_is_wrong(
        self, tmp_path: Path, rest: str, schedule: str, first: bool
    ) -> None:
        found = self.read(tmp_path, schedule + rest if first else rest + schedule)
        assert found.schedule is not None
        assert (found.schedule.cron, found.schedule.timezone) == ("30 2 * * *", "Europe/London")

    @pytest.mark.parametrize(
        "text",
        [
            'schedule: {cron: "61 2 * * *"}',
            "schedule: {cron: '${CRON}'}",
            "schedule: 30 2 * * *",
            "shedule: {cron: 0 2 * * *}",
            "schedule:\n\tcron: 0 2 * * *",
            "",
            "targets: [",
        ],
    )
    def test_where_a_schedule_may_be_meant_and_is_none_it_is_once_a_day(
        self, tmp_path: Path, text: str
    ) -> None:
        """Nights must not be missing in silence."""
        assert self.read(tmp_path, text, {"CRON": "0 2 * * *"}).schedule == DAILY

    def test_a_file_that_can_not_be_read_fails_once_a_day(self, tmp_path: Path) -> None:
        assert broken_file(tmp_path / "gone.yaml", "gone").schedule == DAILY

    @pytest.mark.parametrize("text", ["targets: 5", "schedule: null\ntargets: 5"])
    def test_a_file_without_a_schedule_has_none(self, tmp_path: Path, text: str) -> None:
        assert self.read(tmp_path, text).schedule is None

    @pytest.mark.parametrize("rest", ["sessions: {limit: 0}", "targets: [", "schedule: 5"])
    @pytest.mark.parametrize(
        "notify", ["notify: ['json://${TOKEN}@x', ops]", "notify:\n- json://${TOKEN}@x\n- ops"]
    )
    def test_who_is_told_is_read_with_its_variables(self, tmp_path: Path, rest: str, notify: str) -> None:
        found = self.read(tmp_path, f"{notify}\n{rest}", {"TOKEN": "s3cret"})
        assert found.notify == ("json://s3cret@x", "ops")
        assert "s3cret" not in repr(found)

    @pytest.mark.parametrize(
        "notify", ["notify: ops", "notify: ['${NOT_SET}']", "notify: [5]", "notfy: [ops]"]
    )
    def test_nobody_is_told_where_notify_is_wrong_itself(self, tmp_path: Path, notify: str) -> None:
        assert self.read(tmp_path, notify).notify == ()

    def read(self, folder: Path, text: str, environ: dict[str, str] | None = None) -> BrokenFile:
        path = folder / "support.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patched:
            for name, value in (environ or {}).items():
                patched.setenv(name, value)
            return broken_file(path, "wrong")


class TestFolderOfPipelines:
    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (
                "{type: deployment, deployment_id: d}",
                "{type: deployment, deployment_id: d, replaces: memstore_1}",
            ),
            ("{type: deployment, deployment_id: d}", "{type: deployment, deployment_id: '${SAME}'}"),
            ("{type: agent, agent_id: a}", "{type: agent, agent_id: a, metadata_key: memory_store_id}"),
            ("{type: file, path: /live.json, key: k}", "{type: file, path: /live.json, key: k}"),
        ],
    )
    def test_pipelines_that_share_a_target_name_each_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, two: str
    ) -> None:
        monkeypatch.setenv("SAME", "d")
        first, second, third = self.load(
            tmp_path,
            {
                "one": f"targets: [{one}]\n{NIGHTLY}notify: [ops]",
                "two": f"targets: [{{type: agent, agent_id: other}}, {two}]",
                "xxx": "targets: 5",
            },
        )
        assert isinstance(first, BrokenFile)
        assert isinstance(second, BrokenFile)
        assert isinstance(third, BrokenFile)
        assert f"is a target of {tmp_path}/two.yaml (targets.1)" in first.message
        assert f"is a target of {tmp_path}/one.yaml (targets.0)" in second.message
        assert first.schedule is not None
        assert first.notify == ("ops",)

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("{type: agent, agent_id: a}", "{type: agent, agent_id: a, metadata_key: other}"),
            ("{type: file, path: /live.json, key: k}", "{type: file, path: /live.json, key: l}"),
            ("{type: deployment, deployment_id: d}", "{type: agent, agent_id: d}"),
        ],
    )
    def test_targets_that_differ_are_no_matter(self, tmp_path: Path, one: str, two: str) -> None:
        found = self.load(tmp_path, {"one": f"targets: [{one}]", "two": f"targets: [{two}]"})
        assert all(isinstance(pipeline, Pipeline) for pipeline in found)

    def test_a_wrong_file_takes_no_other_down_that_names_its_target(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, {"one": TARGETS, "two": f"{TARGETS}sessions: {{limit: 0}}"})
        assert isinstance(found[0], Pipeline)

    def test_copies_of_the_dag_file_share_the_pipelines(self, tmp_path: Path) -> None:
        dags = tmp_path / "dags"
        dags.mkdir()
        names = ["nightly_dream.py", "nightly_dream_2.py", "nightly_dream_10.py"]
        for name in [*names, "nightly_dream_of_mine.py", "restore_memory_store.py"]:
            (dags / name).touch()
        files = {f"p{i}": TARGETS.replace("agent_1", f"agent_{i}") for i in range(30)}
        shares = [[found.dag_id for found in self.load(tmp_path, files, f"{dags}/{name}")] for name in names]
        assert all(len(share) > 3 for share in shares)
        assert sorted(itertools.chain(*shares)) == sorted(f"dream__p{i}" for i in range(30))
        more = [self.load(tmp_path, {"zzz": TARGETS}, f"{dags}/{name}") for name in names]
        assert [[found.dag_id for found in share if found.dag_id != "dream__zzz"] for share in more] == shares

    def test_pipelines_that_share_a_target_are_found_across_copies(self, tmp_path: Path) -> None:
        for name in ("nightly_dream.py", "nightly_dream_2.py"):
            (tmp_path / name).touch()
        files = {f"p{i}": TARGETS for i in range(10)}
        for name in ("nightly_dream.py", "nightly_dream_2.py"):
            share = self.load(tmp_path, files, f"{tmp_path}/{name}")
            assert share
            assert all(isinstance(found, BrokenFile) for found in share)

    def test_too_many_for_a_dag_file_is_one_dag_more(self, tmp_path: Path) -> None:
        files = {f"p{i}": TARGETS.replace("agent_1", f"agent_{i}") for i in range(4)}
        assert len(self.load(tmp_path, files, limit=4)) == 4
        *pipelines, told = self.load(tmp_path, files, limit=3)
        assert all(isinstance(pipeline, Pipeline) for pipeline in pipelines)
        assert isinstance(told, BrokenFile)
        assert told.unpaused
        assert told.schedule == DAILY

    def load(
        self, folder: Path, files: dict[str, str], dag_file: str = "/dags/nightly_dream.py", limit: int = 500
    ) -> list[Pipeline | BrokenFile]:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_folder(folder, Path(dag_file), limit=limit)
