"""A session of many processes: what each one gets, and what comes back of them."""
