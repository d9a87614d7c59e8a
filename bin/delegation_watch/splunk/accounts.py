"""The setup page's accounts: settings in the app's own conf, secrets in storage/passwords, and what each is good for.

A secret goes in and never comes out. Where a change sends it elsewhere than before, it is removed first.
"""

import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple, Type

from splunklib import client

from .rest import Refusal, Request, Route, listed
from .secrets import delete_secret, read_secret, secret_state, whereto, write_secret
from .session import ACCOUNTS, SplunkError
from .trace import Trace

_CONF = f"configs/conf-{ACCOUNTS}"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# The app's inputs, each of which uses an account.
KINDS = ("delegation_audit", "delegation_inventory")
Settings = Dict[str, str]


class Vendors(NamedTuple):
    """What is known of accounts elsewhere: their settings, checks that raise one-line `errors`, and trials."""

    settings: Sequence[str]
    account: Callable[[str, Mapping[str, str]], Any]
    secret: Callable[[Any, str], None]
    examine: Callable[[str, Any, str, str], Sequence[Tuple[str, str, str]]]
    errors: Tuple[Type[Exception], ...]


def write_name(account: str) -> str:
    """Under which name the secret is stored that may change a tenant. No account's own name has a tilde."""
    return f"{account}~write"


def checked_name(name: str) -> str:
    """A name that can stand in an address, a stanza and a secret's name; `default` would be a stanza of all others."""
    if not NAME.fullmatch(name) or name.lower() == "default":
        use = "use up to 64 letters, digits, dots, dashes and underscores, but not the word default"
        raise Refusal(400, f"{name!r} is no name: {use}", "name")
    return name


def used_accounts(service: client.Service) -> List[Tuple[str, str]]:
    """(account, input) of every input of the app."""
    return [
        (str(entry["content"].get("account")), f"{kind}://{entry['name']}")
        for kind in KINDS
        for entry in listed(service, f"data/inputs/{kind}")
    ]


class Accounts:
    """The routes of accounts."""

    def __init__(self, vendors: Vendors, trace: Trace):
        self._vendors = vendors
        self._trace = trace

    def routes(self) -> List[Route]:
        """What answers what."""
        return [
            Route("POST", "accounts/*", self.save),
            Route("POST", "accounts/*/remove", self.remove),
            Route("POST", "accounts/*/test", self.test),
        ]

    def shown(self, service: client.Service) -> List[Dict[str, Any]]:
        """All accounts, for a page: their settings, and of each secret no more than whether it is there."""
        stored = self._stored(service)
        known = {where: settings for name, settings in stored.items() for where in self._fields(name)}
        states = secret_state(service, known)
        return [
            {
                "name": name,
                **{key: settings.get(key, "") for key in self._vendors.settings},
                "secret": states.get(name, "missing"),
                "write_secret": states.get(write_name(name), "missing"),
            }
            for name, settings in sorted(stored.items())
        ]

    def save(self, request: Request) -> Dict[str, Any]:
        """Make an account (`new` = yes refuses to change one) or change what is given of one."""
        name, service = checked_name(request.path[1]), request.service
        stored = self._stored(service).get(name)
        if stored is not None and request.body.get("new") == "yes":
            raise Refusal(409, f"There is an account {name} already; open it to change it", "name")
        given = {key: request.body[key].strip() for key in self._vendors.settings if key in request.body}
        settings = {**(stored or {}), **given}
        account = self._vendors.account(name, settings)
        secrets = {where: request.body.get(field, "") for where, field in self._fields(name).items()}
        for where, secret in secrets.items():
            if secret:
                self._check(account, secret, self._fields(name)[where])
        voided = (stored is None or whereto(stored) != whereto(settings)) and self._void(service, name)
        self._write(service, name, stored, given)
        for where, secret in secrets.items():
            if secret:
                write_secret(service, where, secret, settings)
        entered = [self._fields(name)[where] for where, secret in secrets.items() if secret]
        self._trace.note(
            request.user, "change account" if stored is not None else "make account", account=name,
            settings=", ".join(sorted(given)), secrets=", ".join(entered), voided="yes" if voided else "",
        )  # fmt: skip
        return {"account": self._one(service, name), "voided": bool(voided)}

    def remove(self, request: Request) -> Dict[str, Any]:
        """Remove an account and its secrets, unless an input uses it."""
        name, service = request.path[1], request.service
        if name not in self._stored(service):
            raise Refusal(404, f"There is no account {name}")
        users = [one for account, one in used_accounts(service) if account == name]
        if users:
            raise Refusal(409, f"The account {name} is used by {', '.join(users)}; remove these first")
        for where in self._fields(name):
            delete_secret(service, where)
        service.delete(f"{_CONF}/{name}")
        self._trace.note(request.user, "remove account", account=name)
        return {"removed": name}

    def test(self, request: Request) -> Dict[str, Any]:
        """Ask the vendor, in the account's name, what one use of it needs; each question and how it came out."""
        name, use = request.path[1], request.needed("use")
        settings = self._stored(request.service).get(name)
        if settings is None:
            raise Refusal(404, f"There is no account {name}")
        account = self._vendors.account(name, settings)
        try:
            secret = read_secret(request.service, write_name(name) if use == "response" else name, settings)
        except SplunkError as error:
            line = str(error).replace(f"account {write_name(name)}", f"the write credential of account {name}")
            found: Sequence[Tuple[str, str, str]] = [("The stored secret", "fails", line)]
        else:
            asked = self._vendors.examine(use, account, secret, request.body.get("content_types", ""))
            # What an account's own address answers may hold whatever it was sent.
            found = [(what, state, text.replace(secret, "(secret)")) for what, state, text in asked]
        told = [{"what": what, "state": state, "text": text} for what, state, text in found]
        worst = next((one["state"] for one in told if one["state"] != "works"), "works")
        self._trace.note(request.user, "test account", worst, account=name, use=use)
        return {"account": name, "use": use, "findings": told}

    def _check(self, account: Any, secret: str, about: str) -> None:
        try:
            self._vendors.secret(account, secret)
        except self._vendors.errors as error:
            raise Refusal(400, str(error).replace("the stored ", "the "), about) from None

    def _void(self, service: client.Service, name: str) -> bool:
        removed = [delete_secret(service, where) for where in self._fields(name)]
        return any(removed)

    def _write(self, service: client.Service, name: str, stored: Any, given: Settings) -> None:
        if stored is None:
            service.post(_CONF, name=name, **{key: value for key, value in given.items() if value})
        elif given:
            service.post(f"{_CONF}/{name}", **given)

    def _stored(self, service: client.Service) -> Dict[str, Settings]:
        return {
            entry["name"]: {
                key: str(value) for key, value in entry["content"].items()
                if key in self._vendors.settings and value is not None
            }
            for entry in listed(service, _CONF)
        }  # fmt: skip

    def _one(self, service: client.Service, name: str) -> Dict[str, Any]:
        return next(one for one in self.shown(service) if one["name"] == name)

    @staticmethod
    def _fields(name: str) -> Dict[str, str]:
        """Where each secret of an account is stored, and the parameter that brings it."""
        return {name: "secret", write_name(name): "write_secret"}
