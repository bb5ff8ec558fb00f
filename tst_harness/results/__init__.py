"""A model's answers beside the bias: logs of evaluation harnesses, read, matched, scored and analysed."""
