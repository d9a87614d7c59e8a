"""Large texts that are done with leave no holes behind."""

import ctypes
import pathlib
import subprocess
import sys

import pytest

BIN = pathlib.Path(__file__).resolve().parents[3] / "bin"

# Says whether a large text is apart from the heap after one like it was freed; hblks is the fourth of mallinfo(3).
_AFTER_ONE_WAS_FREED = """
import ctypes, sys
sys.path.insert(0, sys.argv[1])
from delegation_watch.splunk.heap import keep_large_apart
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in "arena ordblks smblks hblks hblkhd usmblks a b c d".split()]
mallinfo = ctypes.CDLL(None).mallinfo
mallinfo.restype = Info
if sys.argv[2] == "kept":
    keep_large_apart()
text = bytearray(300_000)
del text
before = mallinfo().hblks
text = bytearray(300_000)
print(mallinfo().hblks - before)
"""


@pytest.mark.parametrize(("way", "apart"), [("kept", 1), ("left", 0)])
def test_a_large_text_has_room_of_its_own_after_one_like_it_was_freed(way, apart):
    if not hasattr(ctypes.CDLL(None), "mallinfo"):
        pytest.skip("the C library is not glibc: nothing is set there")
    command = [sys.executable, "-c", _AFTER_ONE_WAS_FREED, str(BIN), way]
    assert int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) == apart
