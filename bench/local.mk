## bench: benchmarks that put Tagout beside its peers, distributed whole.

EXTRA_DIST += %D%
