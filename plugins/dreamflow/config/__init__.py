"""What a pipeline file may say, and how it is read."""

from dreamflow.config.loading import dag_id_of, load_pipeline, pipeline_files, pipelines_folder
from dreamflow.config.models import (
    INSTRUCTIONS_LIMIT,
    SESSIONS_LIMIT,
    AgentTarget,
    ApprovalMode,
    DeploymentTarget,
    FileTarget,
    Pipeline,
    Target,
)

__all__ = [
    "INSTRUCTIONS_LIMIT",
    "SESSIONS_LIMIT",
    "AgentTarget",
    "ApprovalMode",
    "DeploymentTarget",
    "FileTarget",
    "Pipeline",
    "Target",
    "dag_id_of",
    "load_pipeline",
    "pipeline_files",
    "pipelines_folder",
]
