"""What the tasks do, other than talk to Airflow: functions over a small world and values. They import no Airflow."""
