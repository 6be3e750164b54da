"""Sensors: the steps of a dream's DAG that wait, without a worker."""
