"""The checkout and all that changes it: the ledger, applying, undoing, commits, what master changes."""
