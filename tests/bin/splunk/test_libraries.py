"""In a process that other apps share, the app has its own libraries and leaves the others theirs."""

import sys
import types

from delegation_watch.splunk.libraries import own_libraries


def test_libraries_of_another_app_are_left_to_it_and_not_used(tmp_path, monkeypatch):
    (tmp_path / "lib" / "shared_thing").mkdir(parents=True)
    (tmp_path / "lib" / "shared_thing" / "__init__.py").write_text("MINE = True\n")
    theirs = types.ModuleType("shared_thing")
    theirs.__file__ = "/elsewhere/shared_thing/__init__.py"
    monkeypatch.setitem(sys.modules, "shared_thing", theirs)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with own_libraries(str(tmp_path / "lib")):
        import shared_thing

        assert shared_thing.MINE
    assert sys.modules["shared_thing"] is theirs
