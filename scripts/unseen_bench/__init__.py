"""Parts of the benchmark of runs without labels: halves, forms of tasks, runs, the summary."""
