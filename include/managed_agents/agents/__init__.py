"""Agents: versioned configurations. An update names the version it saw, or is unconditional."""
