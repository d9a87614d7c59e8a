"""`python -m workbench.tenants --out DIR`: serve both stand-ins with a made-up organisation until interrupted.

Writes into DIR what an account needs: ca.pem, office365-secret.txt, office365-certificate.pem (private key and
certificate, registered in place of the secret), workspace-key.json, and of the organisation directory.csv, truth.json
and standing.json (the delegations that stand). `--fault` may be given more than once; its words and endpoints are in
the table of workbench/tenants/faults.py, what follows the word are fields of a rule (share, tries, after, calls, every,
key, seed):

    --fault activity/blob=reset,share=0.1,tries=1 --fault activity/content=AF429:5,after=3,calls=2
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from workbench.errors import BadInput, WorkbenchError
from workbench.tenants.bulk import Bulk
from workbench.tenants.faults import Faults
from workbench.tenants.mischief import known
from workbench.tenants.office365 import Office365
from workbench.tenants.organisation import Organisation
from workbench.tenants.plan import Rule
from workbench.tenants.records import CONTENT_TYPES
from workbench.tenants.standing import FolderRight, MailboxRight, OnBehalf, Right, SendAs, Standing
from workbench.tenants.workspace import Workspace

_FIELDS = {"share": float, "tries": int, "after": int, "calls": int, "every": int, "key": str, "seed": int}


def main(argv: Optional[List[str]] = None, stop: Optional[threading.Event] = None) -> int:
    """Serve until `stop` is set or Ctrl-C; 0 when it was asked to end, 2 on bad input."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m workbench.tenants", description=__doc__, formatter_class=raw)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files of the accounts go")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--end", metavar="ISO", help="where the records end, in UTC (default: now)")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--records", type=int, metavar="N", help="serve so many small records at Office 365 instead")
    parser.add_argument("--fault", action="append", default=[], metavar="RULE", help="what goes wrong at Office 365")
    args = parser.parse_args(argv)
    try:
        _serve(args, stop or threading.Event())
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0


def _serve(args: argparse.Namespace, stop: threading.Event) -> None:
    faults = Faults(plan=[_rule(text) for text in args.fault])
    organisation = Organisation(args.seed, _end(args.end), args.days)
    bulk = Bulk(args.records, organisation.end, min(args.days, 7)) if args.records else None
    ca, pem = trustme.CA(), _certificate()
    tenant = Office365(bulk or organisation, faults=faults, ca=ca, standing=organisation.standing, certificate=pem,
                       subscribed=CONTENT_TYPES)  # fmt: skip
    with tenant, Workspace(organisation, ca=ca) as customer:
        files = _write(args.out, organisation, tenant, customer, pem)
        rows = [
            ("records", str(args.records or len(organisation.records))),
            *((f"{name} (Office 365)", root) for name, root in tenant.roots.items()),
            ("tenant", tenant.tenant),
            ("client_id", tenant.client_id),
            ("api_root (Workspace)", customer.uri),
            ("customer", customer.customer),
            ("subject", customer.subject),
            *((f"fault at {rule.endpoint}", rule.fault) for rule in faults.plan),
            *files,
        ]
        for name, value in rows:
            print(f"{name:60}{value}")
        print("serving until interrupted", flush=True)
        stop.wait()


def _rule(text: str) -> Rule:
    head, *rest = text.split(",")
    endpoint, _, word = head.partition("=")
    given: Dict[str, Any] = {}
    try:
        for name, _, value in (field.partition("=") for field in rest):
            given[name] = _FIELDS[name](value)
    except (KeyError, ValueError):
        raise BadInput(f"--fault {text}: after the word come {', '.join(_FIELDS)} with their values") from None
    if not endpoint or not known(word):
        raise BadInput(f"--fault {text}: no endpoint=word such as activity/blob=reset")
    return Rule(endpoint, word, **given)


def _end(text: Optional[str]) -> datetime:
    if text is None:
        return datetime.now(timezone.utc)
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise BadInput(f"--end {text}: no ISO time such as 2026-11-23T15:00:00") from None


def _certificate() -> str:
    """A new private key and its certificate, as one PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector of the stand-in")])
    begins = datetime.now(timezone.utc) - timedelta(days=1)
    maker = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    maker = maker.serial_number(x509.random_serial_number()).not_valid_before(begins)
    certificate = maker.not_valid_after(begins + timedelta(days=30)).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + certificate.public_bytes(Encoding.PEM)).decode()


def _write(
    out: Path, organisation: Organisation, tenant: Office365, customer: Workspace, pem: str
) -> List[Tuple[str, str]]:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out {out}: cannot be made a folder ({error.strerror})") from None
    texts = {
        "ca.pem": tenant.ca_file.read_text(),
        "office365-secret.txt": tenant.secret,
        "office365-certificate.pem": pem,
        "workspace-key.json": json.dumps(customer.key_file(), indent=2),
        "truth.json": json.dumps(organisation.truth, indent=2),
        "standing.json": json.dumps(_standing(organisation.standing), indent=2),
    }
    for name, text in texts.items():
        (out / name).write_text(text)
    with (out / "directory.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, organisation.people[0].keys())
        writer.writeheader()
        writer.writerows(organisation.people)
    return [(name, str(out / name)) for name in [*texts, "directory.csv"]]


def _standing(standing: Standing) -> List[Dict[str, Any]]:
    """Every delegation that stands, one dict each: `kind` and the fields of its type; Gmail's with their status."""
    rows: List[Dict[str, Any]] = []
    for account in standing.mailboxes():
        rights: List[Right] = [*standing.of(MailboxRight, account.upn), *standing.of(SendAs, account.upn)]
        rights += [*standing.of(OnBehalf, account.upn), *standing.of(FolderRight, account.upn)]
        rows += [{"kind": type(right).__name__, **right._asdict()} for right in rights]
    for mailbox, delegates in standing.gmail.items():
        rows += [{"kind": "Gmail", "mailbox": mailbox, "delegate": one, "status": status} for one, status in delegates]
    return rows


if __name__ == "__main__":
    sys.exit(main())
