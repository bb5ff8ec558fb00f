"""Training and prediction as one."""
