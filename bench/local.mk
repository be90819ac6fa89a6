## bench: benchmarks that put Tagout beside its peers.
