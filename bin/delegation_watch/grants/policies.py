"""Gmail's delegation settings as they stand now: Cloud Identity policies, whole or reduced to one object per unit.

Shapes: a policy of the Policy API (`setting.type`, `setting.value`, `policyQuery`), and what tools keep of it,
`{"<organisational unit>": {"enableMailDelegation": …}}`. Policies on other subjects are read and grant nothing.
"""

from typing import Any, Dict, Iterator, List, Optional, Tuple

from .fields import BLANK, Row
from .shapes import Body
from .values import object_of, text_of

# Setting → (the name it has in the audit, access when it is on). Source: Policy API, settings/gmail.mail_delegation.
_SETTINGS: Dict[str, Tuple[str, Optional[str]]] = {
    "enableMailDelegation": ("MailDelegation mail_delegation_desired", "send"),
    "enableMailboxGroupDelegation": ("MailDelegation mailbox_group_delegation_desired", "send"),
    "enableDelegateAttribution": ("MailDelegation sender_attribution_desired", None),
    "allowCustomDelegateAttribution": ("MailDelegation allow_custom_sender_attribution", None),
}


def policies(record: Body) -> Optional[List[Tuple[Optional[str], Dict[str, Any]]]]:
    """(organisational unit, values) of each policy in a record; None when it is no policy."""
    setting = record.get("setting")
    if isinstance(setting, dict) and "type" in setting:
        query = object_of(record.get("policyQuery"))
        return [(text_of(query.get("orgUnit") or query.get("group")), object_of(setting.get("value")))]
    if isinstance(record.get("action"), dict) and "alertCenterAction" in record["action"]:
        return [(None, {})]
    units = [(unit, values) for unit, values in record.items() if isinstance(values, dict)]
    known = all(_is_settings(values) for _, values in units)
    return list(units) if units and known and len(units) == len(record) else None


def _is_settings(values: Body) -> bool:
    """Whether each name reads like a setting: `enable…`, `allow…`, and its value is a plain one."""
    return bool(values) and all(
        name.startswith(("enable", "allow", "disable")) and not isinstance(value, (dict, list))
        for name, value in values.items()
    )


def read_policies(found: List[Tuple[Optional[str], Dict[str, Any]]]) -> List[Row]:
    """Snapshot rows of the delegation settings; one row without a right when there are none."""
    rows = list(_rows(found))
    return rows or [dict(BLANK, provider="workspace", operation="policy", status="success", actor_kind="unknown")]


def _rows(found: List[Tuple[Optional[str], Dict[str, Any]]]) -> Iterator[Row]:
    for unit, values in found:
        for name, (setting, access) in _SETTINGS.items():
            if name in values:
                on = str(values[name]).lower()
                yield dict(
                    BLANK, provider="workspace", operation="gmail.mail_delegation", grant_action="snapshot",
                    right="delegation_switch", right_native=f"{setting}={on}", status="success",
                    access=(access if on == "true" else "none") if access else None,
                    mailbox=unit, mailbox_kind="org_unit", grantee_kind="unknown", actor_kind="unknown",
                )  # fmt: skip
