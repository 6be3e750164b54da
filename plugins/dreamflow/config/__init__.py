"""What a pipeline file may say, and how it is read."""

from dreamflow.config.folder import (
    BrokenFile,
    load_folder,
    load_named,
    load_others,
    names_in,
    pipeline_files,
    pipelines_folder,
)
from dreamflow.config.loading import load_pipeline
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
    "BrokenFile",
    "DeploymentTarget",
    "FileTarget",
    "Pipeline",
    "Target",
    "load_folder",
    "load_named",
    "load_others",
    "load_pipeline",
    "names_in",
    "pipeline_files",
    "pipelines_folder",
]
