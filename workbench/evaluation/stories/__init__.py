"""The stories, one module for stories of one kind; each has its own ledger."""
