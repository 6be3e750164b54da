"""The review tab: what a run would change, mended and decided on one page, served by Airflow's web server."""
