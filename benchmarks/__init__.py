"""The benchmarks behind ``make bench``: ``python -m benchmarks --help`` lists them."""

import sys
from pathlib import Path

#: The product lies where Airflow finds plugins; Airflow, which puts the folder there, does not run here.
PLUGINS = str(Path(__file__).parents[1] / "plugins")
if PLUGINS not in sys.path:
    sys.path.append(PLUGINS)
