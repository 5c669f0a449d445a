"""The workflow language, its graph, the optimizer, execution, the store; around them, the Workflow table and API."""
