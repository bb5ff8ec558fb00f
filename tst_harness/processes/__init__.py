"""Child processes, and what there is of the machine."""
