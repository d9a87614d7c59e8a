import pytest

from workbench.conf import Conf
from workbench.conf.fields import Fields
from workbench.spl import Environment


@pytest.fixture
def make_conf(tmp_path):
    """Conf over the given files: make_conf(props="…", transforms="…")."""

    def make(**files):
        folder = tmp_path / "default"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.conf").write_text(text, encoding="utf-8")
        return Conf(tmp_path)

    return make


@pytest.fixture
def extract(make_conf):
    """Fields of one event under props: extract(raw, props, transforms="", lookups={}) -> row."""

    def run(raw, props, transforms="", lookups=None, **event):
        conf = make_conf(props=props, transforms=transforms)
        env = Environment(now=0.0)
        env.lookup = (lookups or {}).get
        return Fields(conf, env).extract({"_raw": raw, "sourcetype": "st", "source": "s", "host": "h", **event})

    return run
