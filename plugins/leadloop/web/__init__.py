"""The board: pages, their API and their login.

`app` puts it together, `today` and `loop` gather what it shows, `login` is its own door where it
runs outside Airflow; `leadloop_airflow.py` mounts it behind Airflow's.
"""
