"""What learns from the training folds and predicts the held-out one."""
