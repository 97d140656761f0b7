"""What is shown. Views compute nothing: every number comes from the engine, from `measure` or from the run."""
