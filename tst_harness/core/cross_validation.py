"""Cross-validation of a user's own models of bias."""

from tst_harness.diagnostics.features.cross_validation import run_cross_validation as run_cross_validation
