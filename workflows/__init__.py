"""The workflow language, its graph, the optimizer, execution and the store; and, around them, the Workflow table and its API."""
