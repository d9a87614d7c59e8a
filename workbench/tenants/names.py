"""Invented names: people, departments, shared mailboxes, rooms, and what folders are called in three languages."""

from __future__ import annotations

from typing import Dict, Tuple


def _words(text: str) -> Tuple[str, ...]:
    return tuple(text.split())


DOMAIN = "harbourfinch.example"
LOGISTICS_DOMAIN = "hf-logistics.example"
ORGANIZATION_NAME = "harbourfinch.onmicrosoft.example"
SUBSIDIARY_DOMAIN = "finchlabs.example"

FIRST: Tuple[str, ...] = _words(
    """Ada Aisha Amir Anouk Arjun Astrid Bastien Beatriz Bram Carmen Cedric Chiara Clara Dafydd Dario Elif
    Emeka Enzo Esther Farah Felix Fiona Gabor Grete Hanna Henrik Ibrahim Ines Ivo Jana Jonas Kamila Kenji Lars
    Leila Lorenz Lucia Maarten Malik Marta Mina Nadia Nils Noor Oskar Paula Pavel Priya Quentin Ramona Rosa
    Samir Sanne Sofia Tariq Tilda Umar Vera Wiebke Yara Zoran"""
)
LAST: Tuple[str, ...] = _words(
    """Abbott Adeyemi Almeida Bauer Bianchi Brandt Castell Cohen Dekker Dubois Eriksen Farkas Ferrant Garnier
    Haddad Hendriks Holm Ivanov Jansen Kaplan Keller Kovac Lambert Lindqvist Maes Marchetti Meyer Moreau Novak
    Oduya Okafor Olsen Patel Petrov Quist Rahman Ricci Rojas Sandoval Schreiber Seidel Silva Sorensen Stein
    Tanaka Thorne Ulrich Varga Verhoeven Vogel Weber Winter Yilmaz Zanetti"""
)

# department: share of the staff, head's title, everyone else's title
DEPARTMENTS: Dict[str, Tuple[int, str, str]] = {
    "Sales": (24, "Head of Sales", "Account Manager"),
    "Operations": (22, "Chief Operating Officer", "Planner"),
    "Engineering": (18, "Chief Technology Officer", "Engineer"),
    "Finance": (12, "Chief Financial Officer", "Accountant"),
    "Customer Care": (10, "Head of Customer Care", "Care Agent"),
    "Human Resources": (6, "Chief People Officer", "HR Partner"),
    "Legal": (4, "General Counsel", "Counsel"),
    "IT": (4, "Head of IT", "System Administrator"),
}

SHARED: Tuple[str, ...] = _words(
    """info sales orders invoices careers support press facilities legal.inbox payroll returns customs fleet
    training events suppliers claims quality security onboarding travel archive contracts tenders board.office
    warehouse export import marketing newsletter"""
)
ROOMS: Tuple[str, ...] = _words(
    "Albatross Bittern Cormorant Dunlin Egret Fulmar Gannet Heron Ibis Kestrel Linnet Merlin"
)

# language of a mailbox: the names of its folders
FOLDERS: Dict[str, Dict[str, str]] = {
    "en": {
        "inbox": "Inbox",
        "calendar": "Calendar",
        "sent": "Sent Items",
        "holidays": "United Kingdom holidays",
        "birthdays": "Birthdays",
    },
    "de": {
        "inbox": "Posteingang",
        "calendar": "Kalender",
        "sent": "Gesendete Elemente",
        "holidays": "Feiertage in Deutschland",
        "birthdays": "Geburtstage",
    },
    "fr": {
        "inbox": "Boîte de réception",
        "calendar": "Calendrier",
        "sent": "Éléments envoyés",
        "holidays": "Jours fériés en France",
        "birthdays": "Anniversaires",
    },
}
