"""Zip archives of exports: which members are read, and what is refused before it is unpacked."""

import zipfile
from typing import BinaryIO, List

from workbench.errors import BadInput

MEMBERS = 1000
UNPACKED = 8 << 30  # bytes, all members together
RATIO = 500  # unpacked to packed; deflate's limit is about 1030, audit records stay far below
RATIO_FROM = 10 << 20  # bytes; a small member may well be nothing but repetition

_BY_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def members(archive: zipfile.ZipFile, name: str) -> List[zipfile.ZipInfo]:
    """The members to read, in the archive's order. Raises BadInput when the archive is too much to unpack."""
    found = [info for info in archive.infolist() if not info.is_dir() and not _of_a_system(info.filename)]
    if any(info.filename == "[Content_Types].xml" for info in found):
        raise BadInput(f"{name}: an Office document; save it as CSV (UTF-8) and give that")
    if not found:
        raise BadInput(f"{name}: the archive holds no file")
    if len(found) > MEMBERS:
        raise BadInput(f"{name}: the archive holds {len(found)} files, more than {MEMBERS}; unpack it first")
    if sum(info.file_size for info in found) > UNPACKED:
        raise BadInput(f"{name}: the archive unpacks to more than {UNPACKED >> 30} GiB; unpack it first")
    for info in found:
        _check(info, f"{name}/{info.filename}")
    return found


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> BinaryIO:
    """The unpacked bytes of a member; zipfile itself never gives more than the size it declares."""
    try:
        return archive.open(info)  # type: ignore[return-value]  # read in binary, so bytes
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise BadInput(f"{name}: cannot be unpacked ({error})") from error


def _of_a_system(member: str) -> bool:
    return member.startswith(_BY_SYSTEMS[0]) or member.rpartition("/")[2] in _BY_SYSTEMS


def _check(info: zipfile.ZipInfo, name: str) -> None:
    if info.flag_bits & 0x1:
        raise BadInput(f"{name}: encrypted; unpack the archive first")
    if info.filename.lower().endswith(".zip"):
        raise BadInput(f"{name}: an archive inside an archive; unpack the outer one first")
    if info.file_size > RATIO_FROM and info.file_size > RATIO * max(info.compress_size, 1):
        raise BadInput(f"{name}: unpacks to more than {RATIO} times its size, which no export does; not read")
