"""Profile REML and ML for two-level models, from per-group sufficient statistics.

`basis` puts the columns on a scale where sums keep their digits; `intercept` and `slopes` reduce
the rows to small arrays and supply the criterion's pieces; `profile` turns pieces into the
criterion, its derivatives and the estimates; `search` looks for the optimum where slopes vary.
`weighted` brings survey weights into the random intercept model.
"""
