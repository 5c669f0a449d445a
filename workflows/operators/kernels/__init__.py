"""What operators do, on Arrow and NumPy; a module a family. Loaded where a run computes, and nowhere else."""
