"""Deployments: an agent bound to what it needs to run on its own, and the record of its runs."""
