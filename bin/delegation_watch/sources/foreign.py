"""An answer that is not the service's own, told in a few words: which address gave it, what it is, what to look at.

A proxy, a captive portal or a wrong address answers with HTTP 200 and a page; what reads JSON would only say that it
found none.
"""

import html
import re

import requests

_HEAD = 4096
_WORDS = 80
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.I | re.S)
_KINDS = {dict: "a JSON object that holds nothing of what is due", list: "a JSON list"}


def foreign(response: requests.Response, setting: str = "the account's cloud") -> str:
    """`https://host/path answered HTTP 200 with a page of HTML ("Sign in"); check …`, on one line.

    setting: what says where the service is.
    """
    address = str(response.url).partition("?")[0]
    return (
        f"{address} answered HTTP {response.status_code} with {described(response)}; check {setting}, and whether a "
        "proxy or a captive portal answers in its place"
    )


def described(response: requests.Response) -> str:
    """What the body of an answer is; of a page its title, or the first words on it."""
    head = response.content[:_HEAD].decode("utf-8", errors="replace")
    text = head.lstrip("\ufeff \r\n\t")
    if not text.strip("\x00"):
        return "NUL bytes" if text else "an empty text"
    if text.startswith("<"):
        return f"a page of HTML ({_words(text)})" if _is_html(response, text) else "XML"
    try:
        value = response.json()
    except (ValueError, RecursionError):
        return "text that is no whole JSON"
    return next((told for kind, told in _KINDS.items() if isinstance(value, kind)), "a single JSON value")


def is_page(response: requests.Response) -> bool:
    """Whether an answer is a page for people."""
    return described(response).startswith("a page")


def _is_html(response: requests.Response, text: str) -> bool:
    lower = text.lower()
    return "html" in response.headers.get("Content-Type", "").lower() or "<html" in lower or "<!doctype html" in lower


def _words(text: str) -> str:
    """The title of a page, or its first words, in quotes."""
    title = _TITLE.search(text)
    words = html.unescape(_MARKUP.sub(" ", title.group(1) if title else text))
    seen = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return f'"{seen[:_WORDS].strip()}"' if seen else "without a word"
