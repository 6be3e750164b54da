"""Dreamflow: the nightly dreaming loop for Claude Managed Agents."""
