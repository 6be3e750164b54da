"""The embedded server: the Managed Agents API on one machine, without an account."""
