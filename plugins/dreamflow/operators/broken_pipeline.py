"""The only task of a placeholder DAG: it says what is wrong with the pipeline file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from dreamflow.errors import ConfigError

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["BrokenPipeline"]


class BrokenPipeline(BaseOperator):
    """
    Fail with what is wrong with a pipeline file.

    An exception while the DAG file is parsed would take every other pipeline down with it.

    :param message: file, key, value, and what was expected.
    """

    def __init__(self, *, message: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.message = message

    def execute(self, context: Context) -> None:
        raise ConfigError(self.message)
