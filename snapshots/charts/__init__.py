"""What a chart asks of a node's data, and what it is told: pure queries on Arrow files, without Django or user code."""
