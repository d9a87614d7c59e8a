import pytest

from workbench.conf import Conf
from workbench.conf.files import parse, render
from workbench.errors import BadInput


@pytest.fixture
def app(tmp_path):
    (tmp_path / "default").mkdir()
    return tmp_path


def put(app, layer, name, text):
    (app / layer).mkdir(exist_ok=True)
    (app / layer / f"{name}.conf").write_text(text, encoding="utf-8")


def test_a_continued_line_keeps_its_line_break_and_loses_the_backslash():
    parsed = parse("[a]\nsearch = index=main \\\n| stats count\nnext = 1\n", "x.conf")
    assert parsed == {"a": {"search": "index=main \n| stats count", "next": "1"}}


def test_comments_blank_lines_and_a_byte_order_mark_say_nothing():
    assert parse("\ufeff# c\n\n[a]\n  # not a setting = 1\nk = v # part of the value\n", "x") == {
        "a": {"k": "v # part of the value"}
    }


def test_only_the_first_equals_sign_separates_key_and_value():
    assert parse("[a]\nEVAL-x = if(a=b, 1, 0)\n", "x")["a"] == {"EVAL-x": "if(a=b, 1, 0)"}


def test_a_stanza_name_may_hold_brackets():
    assert list(parse("[source::...[ab]*]\nx = 1\n", "x")) == ["source::...[ab]*"]


def test_a_line_that_is_nothing_is_refused_with_its_place():
    with pytest.raises(BadInput, match=r"x\.conf:3: neither"):
        parse("[a]\nk = v\noops\n", "x.conf")


def test_what_is_rendered_is_read_back():
    stanzas = {"a": {"search": "one\n| two", "empty": ""}, "b c": {"k": "v = w"}}
    assert parse(render(stanzas), "x") == stanzas


def test_local_settings_go_over_the_default_ones_key_by_key(app):
    put(app, "default", "m", "[a]\nx = 1\ny = 2\n")
    put(app, "local", "m", "[a]\ny = 3\n[b]\nx = 4\n")
    assert Conf(app).stanzas("m") == {"a": {"x": "1", "y": "3"}, "b": {"x": "4"}}


def test_the_default_stanza_and_keys_before_any_header_reach_every_stanza(app):
    put(app, "default", "m", "x = 0\n[default]\ny = 0\n[a]\ny = 1\n")
    assert Conf(app).stanzas("m") == {"a": {"x": "0", "y": "1"}}


def test_setting_writes_the_local_layer_and_leaves_the_app_alone(app, tmp_path):
    put(app, "default", "m", "[a]\nx = 1\n")
    local = tmp_path / "elsewhere"
    conf = Conf(app, local)
    conf.set("m", "a", "x", "2")
    assert conf.stanza("m", "a") == {"x": "2"}
    assert Conf(app).stanza("m", "a") == {"x": "1"}
    assert [path.name for path in local.iterdir()] == ["m.conf"]


def test_removing_a_stanza_gives_back_what_the_app_ships(app):
    put(app, "default", "m", "[a]\nx = 1\n")
    conf = Conf(app)
    conf.set("m", "a", "x", "2")
    assert conf.remove("m", "a")
    assert conf.stanza("m", "a") == {"x": "1"}
    assert not conf.remove("m", "a")


def test_an_absent_file_has_no_stanzas_and_a_stanza_that_is_not_there_is_none(app):
    assert Conf(app).stanzas("nope") == {}
    assert Conf(app).stanza("nope", "a") is None


def test_a_file_that_is_not_utf8_is_refused(app):
    (app / "default" / "m.conf").write_bytes(b"[a]\nx = \xff\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        Conf(app).stanzas("m")
