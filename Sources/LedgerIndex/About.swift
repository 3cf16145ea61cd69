// SQLite alone: the search index and the rule state, derived from the entries.
