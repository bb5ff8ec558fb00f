"""What every analysis shares: what it is handed, folds, metrics, scoring, records."""
