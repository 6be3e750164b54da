"""Operators: the steps of a dream's DAG that do their work at once."""
