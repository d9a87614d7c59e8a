"""The package holds what ships and nothing else, and its bytes depend on that alone."""

import io
import os
import subprocess
import tarfile
import zipfile

import pytest

from scripts import build


@pytest.fixture
def app(tmp_path):
    """A small app with something of everything that ships."""
    root = tmp_path / "app"
    for name in build.SHIPPED:
        path = root / name
        if "." in name or name == "LICENSE":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{name}\n")
        else:
            (path / "below").mkdir(parents=True)
            (path / "below" / "file.txt").write_text(f"{name}\n")
    (root / "app.manifest").write_text('{"info": {"id": {"name": "delegation_watch", "version": "1.2.3"}}}')
    return root


def names(archive):
    with tarfile.open(archive) as package:
        return package.getnames()


def test_the_package_is_named_by_the_manifest_and_holds_one_folder(app, tmp_path):
    archive = build.build(app, tmp_path / "out")
    assert archive.name == "delegation_watch-1.2.3.tar.gz"
    assert {name.split("/")[0] for name in names(archive)} == {"delegation_watch"}
    assert "delegation_watch/lib/below/file.txt" in names(archive)


def test_what_is_not_listed_stays_out(app, tmp_path):
    for name in ("tests/test_x.py", "local/app.conf", "bin/__pycache__/x.pyc", "lib/.made-from", "default/.x.conf.swp"):
        (app / name).parent.mkdir(exist_ok=True)
        (app / name).write_text("x")
    stray = ("test", "local", "pycache", "made-from", "swp")
    assert [name for name in names(build.build(app, tmp_path)) if any(word in name for word in stray)] == []


def test_the_bytes_do_not_depend_on_times_modes_or_the_order_of_files(app, tmp_path):
    first = build.build(app, tmp_path / "first").read_bytes()
    moved = app / "bin" / "below" / "file.txt"
    moved.rename(app / "kept")
    (app / "kept").rename(moved)
    moved.chmod(0o700)
    os.utime(moved, (1, 1))
    assert build.build(app, tmp_path / "second").read_bytes() == first


def test_the_bytes_depend_on_contents(app, tmp_path):
    first = build.build(app, tmp_path / "first").read_bytes()
    (app / "bin" / "below" / "file.txt").write_text("other")
    assert build.build(app, tmp_path / "second").read_bytes() != first


def test_files_are_readable_by_all_writable_by_their_owner_and_run_by_nobody(app, tmp_path):
    (app / "bin" / "below" / "file.txt").chmod(0o755)
    with tarfile.open(build.build(app, tmp_path)) as package:
        found = {(member.isdir(), member.mode, member.uid, member.uname) for member in package.getmembers()}
    assert found == {(True, 0o755, 0, ""), (False, 0o644, 0, "")}


@pytest.mark.parametrize("name", ["library.so", "module.pyd", "tool.exe"])
def test_a_compiled_file_is_refused(app, tmp_path, name):
    (app / "lib" / name).write_text("x")
    with pytest.raises(SystemExit, match=f"not allowed in the package: lib/{name}"):
        build.build(app, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_symbolic_link_is_refused(app, tmp_path):
    (app / "bin" / "link").symlink_to(tmp_path)
    with pytest.raises(SystemExit, match="not allowed in the package: bin/link"):
        build.build(app, tmp_path / "out")


def test_a_missing_part_is_told(app, tmp_path):
    (app / "README.md").unlink()
    with pytest.raises(SystemExit, match=r"README\.md is missing"):
        build.build(app, tmp_path / "out")


def test_the_projects_own_package_is_the_same_twice(root, tmp_path):
    assert (build.LIB / build.STAMP).read_text() == build.stamp(build.LIB, build.REQUIREMENTS), "run: make setup"
    first, second = (build.build(root, tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert {name.split("/")[1] for name in names(first) if "/" in name} <= set(build.SHIPPED)


def test_of_a_wheel_only_code_and_its_licence_are_kept(tmp_path):
    wheel = tmp_path / "a-1.0-py3-none-any.whl"
    kept = ["a/__init__.py", "a-1.0.dist-info/METADATA", "a-1.0.dist-info/licenses/LICENSE.txt"]
    dropped = ["a/tests/test_a.py", "a-1.0.dist-info/RECORD", "a-1.0.data/scripts/a"]
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in kept + dropped:
            archive.writestr(name, "x")
    assert sorted(build.from_wheel(wheel)) == sorted(kept)


def test_of_the_sdks_source_the_package_and_its_metadata_are_kept(tmp_path):
    source = tmp_path / "splunk-sdk-2.1.1.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        for name in ("PKG-INFO", "setup.py", "splunklib/client.py", "tests/test_client.py"):
            data = name.encode()
            member = tarfile.TarInfo(f"splunk-sdk-2.1.1/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert build.from_source(source) == {
        "splunk_sdk-2.1.1.dist-info/METADATA": b"PKG-INFO",
        "splunklib/client.py": b"splunklib/client.py",
    }


@pytest.fixture
def pins(tmp_path, monkeypatch):
    """Pins whose libraries come from nowhere but this fixture; `pins.made` counts how often they were fetched."""

    class Pins:
        lib, requirements, made = tmp_path / "lib", tmp_path / "requirements.txt", 0

    def vendor(requirements, target):
        Pins.made += 1
        (target / "library.py").write_text(requirements.read_text())

    Pins.requirements.write_text("library==1\n")
    monkeypatch.setattr(build, "vendor", vendor)
    build.make_lib(Pins.lib, Pins.requirements)
    return Pins


def test_lib_that_stands_is_used_again(pins):
    assert build.make_lib(pins.lib, pins.requirements) is False
    assert pins.made == 1


def test_what_python_leaves_in_lib_does_not_age_it(pins):
    (pins.lib / "__pycache__").mkdir()
    (pins.lib / "__pycache__" / "library.pyc").write_text("x")
    assert build.make_lib(pins.lib, pins.requirements) is False


def test_lib_is_made_again_when_the_pins_change(pins):
    pins.requirements.write_text("library==2\n")
    assert build.make_lib(pins.lib, pins.requirements) is True
    assert (pins.lib / "library.py").read_text() == "library==2\n"


def test_lib_is_made_again_when_something_in_it_was_altered(pins):
    (pins.lib / "library.py").write_text("patched")
    (pins.lib / "stray.py").write_text("x")
    assert build.make_lib(pins.lib, pins.requirements) is True
    assert [path.name for path in build.contents(pins.lib)] == ["library.py"]


def test_lib_stays_as_it_was_when_the_new_one_cannot_be_fetched(pins, monkeypatch):
    def vendor(requirements, target):
        (target / "half.py").write_text("x")
        raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setattr(build, "vendor", vendor)
    pins.requirements.write_text("library==2\n")
    with pytest.raises(subprocess.CalledProcessError):
        build.make_lib(pins.lib, pins.requirements)
    assert [path.name for path in build.contents(pins.lib)] == ["library.py"]
    assert list((pins.lib.parent / "build").iterdir()) == []
