## docs: the manual, distributed whole, and the man pages, which are installed too.

## Keep sorted, one page per line.
dist_man_MANS += %D%/tagout-language.5
dist_man_MANS += %D%/tagout.1

EXTRA_DIST += %D%
