"""Data models: the JSON of `default/data/models/<name>.json` as datasets with constraints and fields.

Root event datasets and their children, with fields that events have and fields that an Eval computes. Root
searches, transactions, and fields by lookup, regular expression or address are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from workbench.spl.errors import SearchError

# What every event has; these carry no dataset's name.
BASE_FIELDS = ("_time", "host", "source", "sourcetype")


@dataclass(frozen=True)
class Dataset:
    """One object of a model: its own fields and constraints, and those of the datasets above it.

    `fields` maps the name that tstats uses, `Grants.right`, to the events' own; `required` are the events' names
    of fields without which an event is not of the dataset; `calculations` are (field, expression) in order.
    """

    lineage: str
    constraints: Tuple[str, ...]
    fields: Mapping[str, str]
    required: Tuple[str, ...] = ()
    calculations: Tuple[Tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DataModel:
    """A data model by its name, with its datasets by lineage (`Root`, `Root.Child`)."""

    name: str
    datasets: Mapping[str, Dataset] = field(default_factory=dict)

    def dataset(self, name: Optional[str]) -> Optional[Dataset]:
        """The dataset of a lineage or of an unambiguous name; the only root when there is no name."""
        if name is None:
            found = [dataset for lineage, dataset in self.datasets.items() if "." not in lineage]
        else:
            found = [
                dataset for lineage, dataset in self.datasets.items() if name in (lineage, lineage.rpartition(".")[2])
            ]
        return found[0] if len(found) == 1 else None


def data_model(document: Mapping[str, Any]) -> DataModel:
    """The model of a parsed JSON document; SearchError for what is not implemented or not well formed."""
    try:
        name = str(document["modelName"])
        objects: Dict[str, Mapping[str, Any]] = {str(one["objectName"]): one for one in document["objects"]}
        datasets: Dict[str, Dataset] = {}
        for one in objects:
            _add(name, one, objects, datasets, ())
    except (KeyError, TypeError) as error:
        raise SearchError(f"The data model's JSON cannot be read: {error!r}.") from error
    return DataModel(name, datasets)


def _add(
    model: str,
    name: str,
    objects: Mapping[str, Mapping[str, Any]],
    datasets: Dict[str, Dataset],
    below: Tuple[str, ...],
) -> Dataset:
    """The dataset of an object, made with those above it."""
    one = objects[name]
    if name in below:
        raise SearchError(f"The data model '{model}' has '{name}' above itself.")
    if one["parentName"] == "BaseEvent":
        above = Dataset("", (), {name: name for name in BASE_FIELDS})
    elif one["parentName"] in objects:
        above = _add(model, one["parentName"], objects, datasets, (*below, name))
    else:
        raise SearchError(f"The data model '{model}' builds '{name}' on {one['parentName']}, which is not implemented.")
    lineage = f"{above.lineage}.{name}".lstrip(".")
    calculations = [_calculation(model, calculation) for calculation in one.get("calculations", [])]
    own = [entry for entry in one["fields"] if entry["fieldName"] not in BASE_FIELDS]
    names = [*(str(entry["fieldName"]) for entry in own), *(computed for computed, _ in calculations)]
    datasets[lineage] = Dataset(
        lineage,
        (*above.constraints, *(_constraint(model, entry) for entry in one.get("constraints", []))),
        {**above.fields, **{f"{lineage}.{known}": known for known in names}},
        (*above.required, *(str(entry["fieldName"]) for entry in own if entry.get("required"))),
        (*above.calculations, *calculations),
    )
    return datasets[lineage]


def _constraint(model: str, entry: Mapping[str, Any]) -> str:
    search = str(entry["search"])
    if "|" in search:
        raise SearchError(f"The data model '{model}' has a constraint with a pipe: {search}")
    return search


def _calculation(model: str, entry: Mapping[str, Any]) -> Tuple[str, str]:
    if entry.get("calculationType") != "Eval":
        raise SearchError(
            f"The data model '{model}' has fields by {entry.get('calculationType')}, which is not implemented."
        )
    outputs: List[Mapping[str, Any]] = list(entry["outputFields"])
    return str(outputs[0]["fieldName"]), str(entry["expression"])
