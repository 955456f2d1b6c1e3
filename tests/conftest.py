"""Settings of all tests."""

import signal

from hypothesis import settings

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

# A shell starts what runs in its background deaf to Ctrl-C, and tests send it to processes that inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
