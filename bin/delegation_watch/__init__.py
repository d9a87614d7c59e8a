"""Delegation Watch: finds, judges and removes mailbox delegations that attackers leave behind."""

APP = "delegation_watch"
__version__ = "0.1.0"
