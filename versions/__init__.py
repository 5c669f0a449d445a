"""Append-only history of a workflow: commits in a git repository, and a table of them."""
