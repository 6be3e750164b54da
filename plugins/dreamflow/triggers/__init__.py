"""Triggers: what waits in the triggerer on a sensor's behalf."""
