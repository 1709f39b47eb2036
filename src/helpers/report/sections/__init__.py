"""One file a section of the page: its words, computed from results, and its figures."""
