"""Ends with an error before it has read its input."""

import sys

sys.stderr.write("ERROR no such address\n")
sys.exit(3)
