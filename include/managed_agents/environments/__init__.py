"""Environments: where sessions run. Here they are kept and shown; sessions run inside this server."""
