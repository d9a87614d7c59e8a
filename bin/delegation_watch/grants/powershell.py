"""PowerShell text: which of Exchange's cmdlets are called in it, with which parameters.

This reads calls, it runs nothing: a variable stays a variable. Only the cmdlets that are asked for are looked at, so a
script of any length costs one pass over its text.
"""

import re
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional

from .values import unquoted

# What the first value without a parameter's name is, by cmdlet; `identity` for all others. Source: their syntax.
_POSITIONAL: Dict[str, str] = {
    "new-managementroleassignment": "name", "new-rolegroup": "name", "new-managementrole": "name",
    "new-managementscope": "name", "new-inboxrule": "name", "new-sharingpolicy": "name",
    "new-organizationrelationship": "name", "set-adminauditlogconfig": "", "new-serviceprincipal": "appid",
}  # fmt: skip

# Parameters that readers look at: PowerShell takes any beginning of a name that is not ambiguous.
_KNOWN = (
    "accessrights", "app", "auditbypassenabled", "auditenabled", "deny", "extendedrights", "forwardingaddress",
    "forwardingsmtpaddress", "grantsendonbehalfto", "identity", "inheritancetype", "member", "members", "owner",
    "resetdefault", "role", "securitygroup", "sharingpermissionflags", "trustee", "user",
)  # fmt: skip

_COMMENT = re.compile(r"<#.*?#>", re.DOTALL)
# What may stand in front of a command; elsewhere a cmdlet's name is an argument, as in `Get-Help Set-Mailbox`.
_BEFORE = frozenset(("", ";", "|", "{", "(", "&", "="))
_CALL = re.compile(r"(?<![\w\\$-])([A-Za-z]+-[A-Za-z]{3,})(?![\w-])")
_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t]|`\r?\n)+)|(?P<end>[\r\n;|&{}]|\#[^\r\n]*)"""
    r"""|(?P<name>-[A-Za-z]\w*:?)"""
    r"""|(?P<value>(?:@\{[^}]{0,4000}\}|@?\([^()]{0,4000}\)|"(?:[^"`]|`.|""){0,4000}"|'(?:[^']|''){0,4000}'"""
    r"""|(?:[^\s;|&{}"'@(),]|@(?![{(]))+|,[ \t]*)+)|(?P<other>.)""",
    re.DOTALL,
)


class Call(NamedTuple):
    """One cmdlet called: its name as written, and its parameters, names in lower case; a bare switch is `True`."""

    cmdlet: str
    parameters: Dict[str, Optional[str]]


def calls(text: str, wanted: Callable[[str], bool]) -> List[Call]:
    """The calls of wanted cmdlets in a script, in order; comments, and calls without a parameter, are left out."""
    return list(_calls(_COMMENT.sub(" ", text), wanted))


def _calls(text: str, wanted: Callable[[str], bool]) -> Iterator[Call]:
    for found in _CALL.finditer(text):
        name = found.group(1)
        if not wanted(name):
            continue
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        if before[-1:] in _BEFORE and "#" not in before:
            given = arguments(text, name, found.end())
            if given:
                yield Call(name, given)


def arguments(text: str, cmdlet: str = "", start: int = 0) -> Dict[str, Optional[str]]:
    """The parameters of one call, from `start`, behind the cmdlet's name, to the end of the command."""
    given: Dict[str, Optional[str]] = {}
    open_name: Optional[str] = None
    positional: Optional[str] = _POSITIONAL.get(cmdlet.lower(), "identity")
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup
        if kind == "end":
            break
        if kind == "name":
            if open_name:
                given[open_name] = "True"
            open_name = _full(token.group().rstrip(":").lstrip("-").lower())
        elif kind == "value":
            value = _plain(token.group())
            if open_name:
                given[open_name], open_name = value, None
            elif positional:
                given.setdefault(positional, value)
                positional = None
        elif kind == "other":
            break
    if open_name:
        given[open_name] = "True"
    return given


def _full(name: str) -> str:
    """The whole name of an abbreviated parameter, where only one that matters begins so."""
    if name in _KNOWN:
        return name
    begun = [known for known in _KNOWN if known.startswith(name)]
    return begun[0] if len(begun) == 1 else name


def _plain(text: str) -> str:
    """A value without its quotes; a list in `@(…)`, `(…)` or bare keeps its commas, an edit `@{…}` its braces."""
    text = text.strip().strip(",")
    if text[:2] == "@(" or text[:1] == "(":
        text = text.lstrip("@(").rstrip(")").strip()
    if text.count('"') == 2 or text.count("'") == 2:
        text = unquoted(text)
    return text.lstrip("$") if text.lower() in ("$true", "$false") else text
