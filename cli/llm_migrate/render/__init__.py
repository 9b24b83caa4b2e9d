"""Reports as text, JSON and diffs."""
