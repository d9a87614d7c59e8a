"""The stand-in for splunkd: it starts an app's scripts over their real protocols and keeps what they write."""

from workbench.splunkd.alerts import FiredAlert
from workbench.splunkd.modinput import InputRun
from workbench.splunkd.splunkd import Splunkd

__all__ = ["FiredAlert", "InputRun", "Splunkd"]
