"""What an account is good for, question by question, for the person who sets it up.

The same questions as an input's own trial, but all of them are asked, so that every permission that is missing is
named at once. `response` is about the account's other credential, the one that may take a delegation back.
"""

from dataclasses import replace
from functools import partial
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from . import inventory_trial, trial
from .certificate import is_certificate, read_certificate
from .clouds import CUSTOM
from .errors import SettingsError, SourceError, UnreachableError
from .google import SHARING_SCOPE, google_token, read_key_file
from .http import Http, Token
from .inventory import exchange_token, read_inventory_stanza
from .odata import roles_of
from .settings import Account, read_account, read_stanza
from .trial import FAILS, UNSURE, Finding, Question, find_out, in_time, with_patience

AUDIT, BACKFILL, INVENTORY, RESPONSE = "audit", "backfill", "inventory", "response"
USES = (AUDIT, BACKFILL, INVENTORY, RESPONSE)
MANAGE = "Exchange.ManageAsApp"
_CLIENT_SECRET = 1024
# For all questions: Splunk Web gives up after 30 (web.conf.spec, splunkdConnectionTimeout), and the handler needs some.
SECONDS = 15.0


def checked_account(name: str, given: Mapping[str, Optional[str]]) -> Account:
    """The account's settings, checked by themselves; SettingsError says which one is wrong."""
    provider = (given.get("provider") or "").strip()
    if provider not in ("o365", "workspace"):
        raise SettingsError(f"account {name}: provider is {provider!r}; it must be o365 or workspace")
    unknown = sorted(given.keys() - Account.__dataclass_fields__.keys())
    if unknown:
        raise SettingsError(f"account {name}: there is no setting {', '.join(unknown)}")
    account = read_account(name, given, provider)
    if account.write_client_id and account.write_client_id.lower() == account.client_id.lower():
        raise SettingsError(
            f"account {name}: write_client_id is the application that reads; register another one for what changes"
        )
    return account


def check_secret(account: Account, secret: str) -> None:
    """SettingsError where a secret cannot be one of this account."""
    if account.provider == "workspace":
        read_key_file(secret, account.cloud == CUSTOM)
    elif is_certificate(secret):
        read_certificate(secret)
    elif secret != secret.strip():
        raise SettingsError("the client secret has blanks or a line end around it; enter it without them")
    elif len(secret) > _CLIENT_SECRET:
        raise SettingsError("this is no client secret: it is too long; a certificate begins with -----BEGIN")


def examine(
    use: str, account: Account, secret: str, content_types: str = "", seconds: float = SECONDS
) -> List[Finding]:
    """How the account does for one of USES; a Finding for each question that could be asked in so many seconds.

    SettingsError where the use is none.
    """
    if use not in USES:
        raise SettingsError(f"{use!r} is nothing to test; {', '.join(USES)} are")
    found: List[Finding] = []
    try:
        questions, passes = _asked(use, account, secret, content_types)
        in_time(lambda: with_patience(account, lambda http: find_out(questions(http), passes, found)), seconds)
    except UnreachableError as error:
        return [*found, Finding("Whatever else there is to ask", UNSURE, str(error))]
    except SourceError as error:
        return [*found, Finding("The test itself", FAILS, str(error))]
    return list(found)


Asked = Tuple[Callable[[Http], Iterator[Question]], trial.Passes]


def _asked(use: str, account: Account, secret: str, content_types: str) -> Asked:
    given: Dict[str, Optional[str]] = {"provider": account.provider, "account": account.name}
    if use == RESPONSE:
        return lambda http: _response(http, account, secret), trial.passing
    if use == INVENTORY:
        inventory = read_inventory_stanza(given)
        return lambda http: inventory_trial.questions(http, inventory, account, secret), inventory_trial.passing
    given.update(content_types=content_types, backfill="-180d" if use == BACKFILL else "")
    stanza = read_stanza(given)
    if use == BACKFILL:
        return lambda http: trial.backfill_questions(http, stanza, account, secret), trial.passing
    return lambda http: trial.questions(http, stanza, account, secret), trial.passing


def _response(http: Http, account: Account, secret: str) -> Iterator[Question]:
    """That the other credential can sign in with what it needs. Nothing is changed, so nothing is proven beyond."""
    if account.provider == "workspace":
        key = read_key_file(secret, account.cloud == CUSTOM)
        token = google_token(http, key, account.write_subject or account.subject, SHARING_SCOPE)
        yield Question("Sign in at Google with the scope gmail.settings.sharing", token.get)
        return
    writer = replace(account, client_id=account.write_client_id)
    token = exchange_token(http, writer, secret)
    yield Question(f"Sign in at Microsoft Entra ID with {MANAGE}", partial(_holds, token, writer))


def _holds(token: Token, account: Account) -> None:
    roles = roles_of(token.get())
    if roles and MANAGE not in roles:
        raise SettingsError(
            f"application {account.client_id} lacks the permission {MANAGE} of Office 365 Exchange Online, "
            "or consent to it"
        )
