"""Interpreters are taken only when they run, and environments are made once."""

import os
import subprocess
import sys

import pytest

VERSION = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture
def run(root, tmp_path):
    """Runs a script of scripts/ with nothing on the PATH but the system's tools and tmp_path/bin."""

    def run(script, *arguments):
        path = os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"])
        environment = {"PATH": path, "PYENV_ROOT": str(tmp_path / "pyenv"), "HOME": str(tmp_path)}
        command = [str(root / "scripts" / script), *map(str, arguments)]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=tmp_path, timeout=600, check=False
        )

    return run


def program(path, line):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def real(path):
    program(path, f'exec "{sys.executable}" "$@"')


def shim(path):
    """What a version manager puts on the PATH for a version that is not selected."""
    program(path, 'echo "command not found" >&2; exit 127')


def test_the_first_wanted_version_that_runs_is_found(run, tmp_path):
    python = tmp_path / "bin" / f"python{VERSION}"
    real(python)
    assert run("find-python", "4.0", VERSION).stdout == f"{python}\n"


def test_a_shim_that_does_not_run_is_passed_over_for_the_version_managers_own(run, tmp_path):
    shim(tmp_path / "bin" / f"python{VERSION}")
    python = tmp_path / "pyenv" / "versions" / f"{VERSION}.1" / "bin" / f"python{VERSION}"
    real(python)
    assert run("find-python", VERSION).stdout == f"{python}\n"


def test_an_interpreter_of_another_version_than_its_name_says_is_passed_over(run, tmp_path):
    real(tmp_path / "bin" / "python4.0")
    found = run("find-python", "4.0")
    assert (found.returncode, found.stdout, found.stderr) == (1, "", "")


def test_a_path_is_taken_as_it_is(run):
    assert run("find-python", sys.executable).stdout == f"{sys.executable}\n"


def test_any_python_from_39_on_will_do(run, tmp_path):
    real(tmp_path / "bin" / "python3")
    assert run("find-python", "any").stdout == f"{tmp_path}/bin/python3\n"


@pytest.fixture
def make_venv(run, tmp_path):
    """Makes .venv from pins.txt with a Python whose venv and pip only write down that they ran."""
    (tmp_path / "pins.txt").write_text("a==1\n")
    python = tmp_path / "bin" / "python3"
    program(
        python,
        f"""echo "$2" >>"{tmp_path}/ran"
case "$2" in
venv) rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
pip) ! grep -q "no such pin" pins.txt ;;
*) exec "{sys.executable}" "$@" ;;
esac""",
    )

    def make_venv():
        (tmp_path / "ran").write_text("")
        done = run("make-venv", ".venv", "pins.txt", python)
        return done, [word for word in (tmp_path / "ran").read_text().split("\n") if word in ("venv", "pip")]

    return make_venv


def test_an_environment_is_made_and_told_in_one_line(make_venv):
    done, ran = make_venv()
    assert (done.returncode, done.stdout.count("\n"), done.stderr, ran) == (0, 1, "", ["venv", "pip"])


def test_an_environment_that_stands_is_used_again_without_a_word(make_venv):
    make_venv()
    done, ran = make_venv()
    assert (done.returncode, done.stdout, done.stderr, ran) == (0, "", "", [])


def test_an_environment_is_made_again_when_the_pins_change(make_venv, tmp_path):
    make_venv()
    (tmp_path / "pins.txt").write_text("a==2\n")
    assert make_venv()[1] == ["venv", "pip"]


def test_an_environment_that_could_not_be_made_is_tried_again(make_venv, tmp_path):
    make_venv()
    (tmp_path / "pins.txt").write_text("no such pin\n")
    assert make_venv()[0].returncode != 0
    assert make_venv()[1] == ["venv", "pip"]


def test_no_python_is_told_in_one_line(run):
    done = run("make-venv", ".venv", "pins.txt", "4.0")
    assert done.returncode == 2
    assert "none of these Pythons runs here" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("version", "venvs"), [(VERSION, ".venv\n"), ("4.0", ".venv\n")])
def test_the_tests_run_on_the_main_python_and_on_others_that_are_here(run, tmp_path, version, venvs):
    real(tmp_path / ".venv" / "bin" / "python")
    done = run("test-venvs", version)
    assert (done.returncode, done.stdout) == (0, venvs)
    assert ("no tests on it" in done.stderr) == (version == "4.0")


def test_without_the_main_environment_no_tests_pass_for_run(run):
    assert run("test-venvs", "3.9").returncode != 0


def test_every_target_says_what_it_does(root):
    makefile = (root / "Makefile").read_text()
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]
    shown = subprocess.run(["make", "-C", str(root)], capture_output=True, text=True, check=True).stdout
    assert [target for target in phony if f"make {target} " not in shown] == []
