"""Room that large texts took goes back to the system when they are done with.

glibc asks the system for each large piece of memory by itself, but once the first was freed it takes those up to that
size for small ones (mallopt(3): the dynamic mmap threshold), and keeps their room, in holes, for each thread apart. A
feed that reads thousands of blobs would grow by that.
"""

import ctypes

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 128 * 1024  # bytes; where glibc begins


def keep_large_apart() -> None:
    """Hold glibc to its first threshold, for this process; other C libraries are left as they are."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # TypeError is Windows'
        return
    mallopt(_MMAP_THRESHOLD, _LARGE)
