"""The only task of a placeholder DAG: it says what is wrong with the pipeline file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, conf

from dreamflow.errors import ConfigError
from dreamflow.notify import FailureNotice

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import BrokenFile

__all__ = ["TASK_ID", "BrokenPipeline", "pipelines_limit"]

TASK_ID = "broken_pipeline_file"

#: Seconds that Airflow takes for one of our DAGs, on 2 cores: to build it, and to build and serialize it.
_BUILT, _SERIALIZED = 0.012, 0.048


class BrokenPipeline(BaseOperator):
    """
    Fail with what is wrong with a pipeline file, and tell those whom it names.

    An exception while the DAG file is parsed would take every other pipeline down with it.

    :param broken: what is wrong, and who is told.
    """

    def __init__(self, *, broken: BrokenFile, **kwargs: Any) -> None:
        # A notice needs no more of a pipeline than a broken file has.
        notice = FailureNotice(broken)  # type: ignore[arg-type]
        super().__init__(retries=0, on_failure_callback=notice, **kwargs)
        self.broken = broken

    def execute(self, context: Context) -> None:
        raise ConfigError(self.broken.message)


def pipelines_limit() -> int:
    """Return how many pipelines a DAG file may have: half of those that Airflow, as configured, has the time for."""
    seconds = conf.getfloat("dag_processor", "dag_file_processor_timeout")
    importing = conf.getfloat("core", "dagbag_import_timeout")
    return int(min(seconds / _SERIALIZED, importing / _BUILT if importing > 0 else float("inf")) / 2)
