"""Lookups over their tables: CSV files of the app with local copies under SPLUNK_HOME, and KV store collections."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Tuple

from workbench.conf import Conf
from workbench.conf.files import write_whole
from workbench.conf.lookups import RuledLookup
from workbench.errors import BadInput
from workbench.spl.environment import Lookup
from workbench.spl.errors import SearchError
from workbench.spl.values import Row, number, one_or_many, text
from workbench.splunkd.journal import Document
from workbench.splunkd.kvstore import Collection, KVStore

Settings = Dict[str, str]


class CsvTable(RuledLookup):
    """A .csv file; writing makes or replaces the local copy, never the app's own file."""

    def __init__(self, shipped: Path, local: Path, settings: Settings):
        path = local if local.is_file() else shipped
        fields, rows = _read(path) if path.is_file() else ([], [])
        super().__init__(fields, rows, settings)
        self._local = local

    def rows(self) -> List[Row]:
        """Every row that fits the filter; empty cells are absent."""
        return [{name: cell for name, cell in row.items() if cell} for row in super().rows()]

    def write(self, rows: List[Row], append: bool, key_field: Optional[str]) -> None:
        """Replace the file or append to it. An append keeps the columns that the file has."""
        if key_field:
            raise SearchError("Error in 'outputlookup' command: key_field is for KV store lookups only.")
        fields = list(self.fields) if append and self.fields else _columns(rows)
        new = [{name: text(row.get(name)) for name in fields} for row in rows]
        self.table = [*self.table, *new] if append else new
        self.fields, self._index = fields, {}
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.table)
        write_whole(self._local, buffer.getvalue())


class KVTable(RuledLookup):
    """A collection as it is now, seen through fields_list; writing goes to the KV store, in its declared types."""

    def __init__(self, collection: Collection, fields: List[str], settings: Settings):
        found = collection.all()
        self._rows: List[Row] = [
            {name: _shown(item[name]) for name in fields if item.get(name) is not None} for item in found
        ]
        super().__init__(fields, self._rows, settings)
        self._collection = collection

    def rows(self) -> List[Row]:
        """Every document that fits the filter, as far as fields_list names its fields."""
        return [dict(row) for row in self._rows if self._fits(row)]

    def write(self, rows: List[Row], append: bool, key_field: Optional[str]) -> None:
        """Replace the documents, add to them, or (with key_field) replace those whose key a row gives."""
        documents = [self._document(row, key_field) for row in rows]
        if not append and not key_field:
            self._collection.clear()
        self._collection.store(documents)

    def _document(self, row: Row, key_field: Optional[str]) -> Document:
        types = self._collection.types()
        document: Document = {
            name: _typed(row[name], types.get(name, ""))
            for name in self.fields
            if row.get(name) is not None and name != "_key"
        }
        key = row.get(key_field or "_key")
        if key is not None:
            document["_key"] = text(key)
        return document


class Tables:
    """Finds lookups by definition, or by file name as inputlookup and outputlookup may."""

    def __init__(self, conf: Conf, folder: Path, kvstore: KVStore):
        self._conf = conf
        self._local = folder
        self._kvstore = kvstore

    def seen_by(self, conf: Conf) -> Tables:
        """The same tables under the definitions of another view of the settings."""
        return Tables(conf, self._local, self._kvstore)

    def files(self) -> List[str]:
        """Names of the CSV files, shipped and local."""
        folders = (self._conf.app_dir / "lookups", self._local)
        return sorted({path.name for folder in folders for path in folder.glob("*.csv")})

    def remove(self, filename: str) -> bool:
        """Delete a local file; False when there is none (a shipped one stays)."""
        path = self._local / filename
        if not path.is_file():
            return False
        path.unlink()
        return True

    def get(self, name: str) -> Optional[Lookup]:
        """The lookup of that name as it is now, or None."""
        settings = self._conf.stanza("transforms", name)
        if settings is None:
            return self._file(name, {}) if name.endswith(".csv") else None
        if settings.get("external_type") == "kvstore":
            fields = [field.strip() for field in settings.get("fields_list", "").split(",") if field.strip()]
            collection = self._kvstore.collection(settings.get("collection", name))
            return KVTable(collection, fields, settings)
        if "filename" not in settings:
            raise BadInput(f"transforms.conf [{name}]: only CSV and KV store lookups are simulated")
        return self._file(settings["filename"], settings)

    def create(self, name: str) -> Optional[Lookup]:
        """A new CSV table that outputlookup asks for, by definition or by file name."""
        settings = self._conf.stanza("transforms", name)
        filename = name if settings is None else settings.get("filename", "")
        return self._table(filename, settings or {}) if filename.endswith(".csv") else None

    def _file(self, filename: str, settings: Settings) -> Optional[Lookup]:
        folders = (self._conf.app_dir / "lookups", self._local)
        there = any((folder / filename).is_file() for folder in folders)
        return self._table(filename, settings) if there else None

    def _table(self, filename: str, settings: Settings) -> CsvTable:
        if "/" in filename:
            raise BadInput(f"{filename}: a lookup file is named without its folder")
        return CsvTable(self._conf.app_dir / "lookups" / filename, self._local / filename, settings)


def _read(path: Path) -> Tuple[List[str], List[Row]]:
    """Columns and rows of a CSV file; BadInput for a broken one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            rows: List[Row] = [dict(zip(header, cells)) for cells in reader if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: no readable CSV file: {error}") from error
    return header, rows


def _columns(rows: Iterable[Row]) -> List[str]:
    """Columns of a new file: the rows' fields in order, of Splunk's internal ones _time and _raw alone."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if not name.startswith("_") or name in ("_time", "_raw")]


def _typed(value: Any, kind: str) -> Any:
    """A search's value as the collection's type; text that does not fit stays text."""
    if isinstance(value, list):
        return [_typed(item, kind) for item in value]
    if kind in ("number", "time") and number(value) is not None:
        return number(value)
    if kind == "bool" and text(value).lower() in ("0", "1", "true", "false"):
        return text(value).lower() in ("1", "true")
    return text(value)


def _shown(value: Any) -> Any:
    """A document's value as a search has it."""
    if isinstance(value, list):
        return one_or_many([_shown(item) for item in value])
    if isinstance(value, bool):
        return "1" if value else "0"
    return text(value)
