"""The door from Python: `tst_harness.audit(data)` and what it returns, without pytest."""
