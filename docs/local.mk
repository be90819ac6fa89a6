## docs: the manual, distributed whole, and the man pages, which are installed too.

## Keep sorted, one page per line.
dist_man_MANS +=

EXTRA_DIST += %D%
