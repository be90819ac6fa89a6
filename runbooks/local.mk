## runbooks: real runbooks with their tests, a sample site, sample fleets. Distributed whole.

EXTRA_DIST += %D%
