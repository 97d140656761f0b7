"""The contenders: `prepare(case, variant, n_rows=…)` of each module returns a function that trains one round."""
