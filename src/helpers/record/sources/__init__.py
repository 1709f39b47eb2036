"""One reader a file; each gives the raw layout that ``cleaning`` expects."""
