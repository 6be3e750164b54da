"""
Dreams by Claude, through the Messages API with the user's own key.

For people whose account has no access to the Dreams preview: an orchestrator and one sub-agent per
transcript, as the real service works.
"""

from include.managed_agents.dreams.claude.engine import ClaudeEngine

__all__ = ["ClaudeEngine"]
