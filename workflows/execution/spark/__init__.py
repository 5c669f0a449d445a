"""The Spark engine: the local engine's kernels, called block by block on the executors of a Spark Connect server."""
