"""Builds the installable package, dist/<id>-<version>.tar.gz, and lib/, the vendored libraries it carries.

Runs anywhere with Python 3.9 or later and pip; needs no Splunk tools. The same commit gives the same bytes:
the libraries are pinned with hashes, and the archive's bytes depend on names and contents alone. lib/ is made
once and used again, without the network, until the pins change or something in it was altered.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from typing import Dict, Iterator, List, Optional

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIB = ROOT / "lib"
REQUIREMENTS = ROOT / "requirements.txt"
STAMP = ".made-from"  # in lib/: what it was made from and what came out; never shipped

# What ships. Anything else in the repository stays out.
SHIPPED = (
    "app.manifest",
    "CHANGELOG.md",
    "LICENSE",
    "README",
    "README.md",
    "appserver",
    "bin",
    "default",
    "lib",
    "lookups",
    "metadata",
    "static",
)
COMPILED = {".so", ".pyd", ".dll", ".dylib", ".a", ".o", ".pyc", ".pyo", ".exe"}
# Kept from a library's metadata: its version (splunk-sdk 3 reads it at run time) and its licence.
METADATA_KEPT = ("METADATA", "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS")
MTIME = 1700000000  # one fixed time for every file, so that the clock leaves no trace


def from_wheel(archive: pathlib.Path) -> Dict[str, bytes]:
    """The files of a wheel that belong in lib/, by path."""
    with zipfile.ZipFile(archive) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist() if wanted(name)}


def from_source(archive: pathlib.Path) -> Dict[str, bytes]:
    """The files of splunk-sdk's archive that belong in lib/, by path; its 2.x is published as source only."""
    release = archive.name[: -len(".tar.gz")].replace("splunk-sdk", "splunk_sdk")
    files = {}
    with tarfile.open(archive) as source:
        for entry in source.getmembers():
            name, content = entry.name.partition("/")[2], source.extractfile(entry)
            if name == "PKG-INFO":
                name = f"{release}.dist-info/METADATA"
            if content and name.startswith(("splunklib/", release)) and wanted(name):
                files[name] = content.read()
    return files


def wanted(name: str) -> bool:
    """Whether a library's file belongs in lib/: no tests, no installer's lists, no files for elsewhere."""
    parts = pathlib.PurePosixPath(name).parts
    if name.endswith("/") or parts[0].endswith(".data") or {"tests", "__pycache__"} & set(parts):
        return False
    return not parts[0].endswith(".dist-info") or parts[-1].upper().startswith(METADATA_KEPT)


def vendor(requirements: pathlib.Path, target: pathlib.Path) -> None:
    """Download the pinned, pure-Python requirements and unpack them into target.

    They are unpacked here and not by `pip install`, whose output differs from one version of pip to the next.
    """
    pip = [sys.executable, "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check"]
    pure = ["--platform=any", "--implementation=py", "--abi=none", "--python-version=3.9"]
    with tempfile.TemporaryDirectory() as downloads:
        pinned = ["--no-deps", "--require-hashes", "--requirement", str(requirements)]
        subprocess.run([*pip, "download", *pure, *pinned, "--dest", downloads], check=True)
        for archive in sorted(pathlib.Path(downloads).iterdir()):
            files = from_wheel(archive) if archive.suffix == ".whl" else from_source(archive)
            for name, data in files.items():
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def contents(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """The files below folder that may ship, in the order of their names: no dotfiles, nothing compiled."""
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
        parts = path.relative_to(folder).parts
        left_out = "__pycache__" in parts or any(part.startswith(".") for part in parts)
        if not left_out and (path.is_symlink() or not path.is_dir()):
            yield path


def stamp(lib: pathlib.Path, requirements: pathlib.Path) -> str:
    """One line that stays the same as long as the pins and every file of lib do."""
    digest = hashlib.sha256(requirements.read_bytes())
    for path in contents(lib):
        digest.update(b"%s\0%d\0" % (path.relative_to(lib).as_posix().encode(), path.stat().st_size))
        digest.update(path.read_bytes())
    return digest.hexdigest() + "\n"


def make_lib(lib: pathlib.Path = LIB, requirements: pathlib.Path = REQUIREMENTS) -> bool:
    """Make lib anew, all or nothing, unless it stands as the pins say; returns whether it was made."""
    mark = lib / STAMP
    if mark.is_file() and mark.read_text() == stamp(lib, requirements):
        mark.touch()
        return False
    scratch = lib.parent / "build"  # beside lib, so that the new one moves into its place in one step
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as work:
        fresh, old = pathlib.Path(work, "fresh"), pathlib.Path(work, "old")
        fresh.mkdir()
        vendor(requirements, fresh)
        (fresh / STAMP).write_text(stamp(fresh, requirements))
        if lib.exists():
            lib.rename(old)
        fresh.rename(lib)
    return True


def shipped(root: pathlib.Path) -> List[pathlib.Path]:
    """Every file that goes into the package, in order; raises SystemExit for one that may not."""
    files: List[pathlib.Path] = []
    for name in sorted(SHIPPED):
        path = root / name
        if not path.exists():
            raise SystemExit(f"{name} is missing, and it belongs in the package")
        files.extend(contents(path) if path.is_dir() else [path])
    bad = [path for path in files if path.suffix.lower() in COMPILED or path.is_symlink()]
    if bad:
        raise SystemExit("not allowed in the package: " + ", ".join(str(p.relative_to(root)) for p in bad))
    return files


def member(name: str, data: Optional[bytes]) -> tarfile.TarInfo:
    """A tar header that holds nothing of this machine; a folder when there is no data."""
    info = tarfile.TarInfo(name)
    info.mtime = MTIME
    if data is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
    else:
        info.size, info.mode = len(data), 0o644
    return info


def pack(root: pathlib.Path, files: List[pathlib.Path], name: str) -> bytes:
    """The tar of the files below one folder, `name`."""
    raw = io.BytesIO()
    seen = set()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in files:
            inside = pathlib.PurePosixPath(name, path.relative_to(root).as_posix())
            for folder in list(inside.parents)[-2::-1]:
                if folder not in seen:
                    seen.add(folder)
                    tar.addfile(member(str(folder), None))
            data = path.read_bytes()
            tar.addfile(member(str(inside), data), io.BytesIO(data))
    return raw.getvalue()


def build(root: pathlib.Path, out: pathlib.Path) -> pathlib.Path:
    """Write the package of the app at root into the folder out and return its path."""
    identity = json.loads((root / "app.manifest").read_text(encoding="utf-8"))["info"]["id"]
    archive = out / "{name}-{version}.tar.gz".format(**identity)
    # gzip's own header is the same from every Python: no file name, a fixed time, the level that each takes.
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=MTIME) as zipped:
        zipped.write(pack(root, shipped(root), identity["name"]))
    out.mkdir(parents=True, exist_ok=True)
    part = archive.with_suffix(".part")
    part.write_bytes(packed.getvalue())
    part.replace(archive)
    return archive


def main() -> None:
    """Make lib/ where needed and, unless only that was asked for, the package."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lib", action="store_true", help="make only lib/")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "dist", help="the package's folder (dist)")
    args = parser.parse_args()
    try:
        if make_lib():
            print("lib/ made from requirements.txt")
    except subprocess.CalledProcessError:
        raise SystemExit("lib/ not made: the libraries could not be downloaded; pip says why above") from None
    if not args.lib:
        archive = build(ROOT, args.out)
        print(f"{archive} sha256 {hashlib.sha256(archive.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
