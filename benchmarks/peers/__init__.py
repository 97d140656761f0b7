"""The contenders: each module has `prepare(case, variant, n_rows=…)`, which returns a function that trains one round."""
