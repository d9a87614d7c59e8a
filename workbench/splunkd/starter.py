"""Runs a script as `__main__` in an interpreter without site-packages, with the `exit` that Splunk's has.

    python -S -E -s starter.py SCRIPT ARGUMENTS…

`-S` keeps this machine's packages away from the script, but takes `exit` and `quit` as well, which splunklib
calls. The script sees its own argv and its own folder first on sys.path.
"""

import builtins
import os
import runpy
import sys

builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]  # site has made others of them
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
