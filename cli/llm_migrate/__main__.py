"""``python -m llm_migrate``."""

from __future__ import annotations

import sys

from llm_migrate.app import main

sys.exit(main())
