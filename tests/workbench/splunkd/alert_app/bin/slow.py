"""Takes longer than its maxtime."""

import time

time.sleep(60)
