## docs: the manual, and the man pages that are installed.
