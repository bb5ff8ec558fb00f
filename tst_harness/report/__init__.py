"""Records, reports and what is computed from them and shown of them."""
