"""Folder names in the languages of Outlook: each tells its kind, and no name tells two."""

import pytest
from delegation_watch.grants.folder_names import FOLDER_NAMES, KINDS
from delegation_watch.grants.folders import folder_kind

NAMES = [
    pytest.param(name.lstrip("?"), kind, id=f"{language} {kind} {name}")
    for language, names in FOLDER_NAMES.items()
    for kind, alternatives in zip(KINDS, names)
    for name in filter(None, alternatives.split("|"))
]


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_a_name_tells_its_kind_in_any_case_and_as_a_path(name, kind):
    assert {folder_kind(text) for text in (name, f"\\{name}", f"/{name}", name.upper(), f" {name} ")} == {kind}
    assert folder_kind(f"\\{name}\\Projects") == "other"


def test_no_name_has_two_kinds():
    kinds = {}
    for param in NAMES:
        name, kind = param.values
        kinds.setdefault(name.casefold(), set()).add(kind)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_every_language_names_inbox_calendar_contacts_and_sent():
    assert {language for language, names in FOLDER_NAMES.items() if not all(names[1:])} == set()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "root"), ("\\", "root"), ("/", "root"), (None, None), ("\\Boîte de réception", "inbox"),
        ("Haut de la banque d’informations", "root"), ("Boi\u0302te de re\u0301ception", "inbox"),
        ("\\Calendar\\Germany holidays", "other"), ("\\Inbox2", "other"), ("\\Brouillons", "other"),
    ],
)  # fmt: skip
def test_paths_as_records_write_them(path, kind):
    assert folder_kind(path) == kind
