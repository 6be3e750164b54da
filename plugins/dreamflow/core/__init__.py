"""The decisions, as pure functions over plain values: no Airflow, SDK, clock or I/O."""
