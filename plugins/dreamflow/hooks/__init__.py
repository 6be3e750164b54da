"""Hooks: every call to the Managed Agents API is here."""
