"""Harbour, the support desk of a small online shop."""
