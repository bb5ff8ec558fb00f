"""Profiles of hypothesis: `--hypothesis-profile few` takes the other."""

from hypothesis import settings

# A machine that is busy takes its time.
settings.register_profile("depth", deadline=None)
# Where one version of Python has run the tests in depth, on another it is enough that they run.
settings.register_profile("few", max_examples=10, deadline=None)
settings.load_profile("depth")
