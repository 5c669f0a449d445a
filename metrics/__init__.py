"""Runs and what they measured: node runs, events, metric points, and how they compare."""
