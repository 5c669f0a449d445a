"""The list of passes from a text to a DAG of parts, readable in one screen."""
