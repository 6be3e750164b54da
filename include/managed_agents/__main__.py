"""``python -m include.managed_agents``."""

import sys

from include.managed_agents.cli.main import main

sys.exit(main())
