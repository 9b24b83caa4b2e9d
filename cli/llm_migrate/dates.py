"""Which day it is."""

from __future__ import annotations

import datetime
import os


def today() -> datetime.date:
    """Return the day in UTC: that of ``SOURCE_DATE_EPOCH``, by which runs can be repeated, else the clock's."""
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    if said.isdigit():
        return datetime.datetime.fromtimestamp(int(said), datetime.timezone.utc).date()
    return datetime.datetime.now(datetime.timezone.utc).date()
