import pytest

from workbench.exports import read


@pytest.fixture
def exported(tmp_path):
    """Write `content` as a file and read it: the export, and its records as a list."""

    def run(content, name="export.dat", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        export = read(path)
        return export, list(export)

    return run
