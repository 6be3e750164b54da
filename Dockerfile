# The image of every Airflow service in docker-compose.yaml: Airflow's own, and what the product needs beyond it.
# Airflow's image brings the Celery, PostgreSQL, Redis and FAB providers.
FROM apache/airflow:3.3.2-python3.12

# A package that requirements.txt names is installed at the version that constraints.txt pins, which is the one that
# `make test` ran with. What these bring along stays at the version that Airflow's image was built with, where it can.
COPY requirements.txt constraints.txt /tmp/dreamflow/
RUN sed -n '/^# Tests and checks/q; s/^\([A-Za-z][A-Za-z0-9._-]*\).*/\1/p' /tmp/dreamflow/requirements.txt \
    | tr '._' '--' | sed 's/.*/^&==/' > /tmp/names \
    && grep -f /tmp/names /tmp/dreamflow/constraints.txt > /tmp/pins.txt \
    && pip install --no-cache-dir -r /tmp/pins.txt \
    && rm /tmp/names /tmp/pins.txt

# A new volume takes its owner from the folder that it covers.
RUN mkdir -p /opt/airflow/dreamflow-reports /opt/airflow/managed-agents
