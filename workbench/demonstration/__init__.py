"""What `demo` is made of: the course of the run, its progress, the comparison with the truth, and how it is told."""
