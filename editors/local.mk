## editors: grammars and clients for editors, distributed whole.

EXTRA_DIST += %D%
