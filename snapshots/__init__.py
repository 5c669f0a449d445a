"""Interactions under latency: requests, their places in the strip, and their answers."""
