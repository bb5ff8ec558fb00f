"""Set-up of hypothesis: no example has a deadline, since machines differ."""

from hypothesis import settings

settings.register_profile("no_deadline", settings.default, deadline=None)
settings.load_profile("no_deadline")
