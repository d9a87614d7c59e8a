"""An app's .conf files as Splunk layers and applies them; no search language and no HTTP."""

from workbench.conf.files import Conf
from workbench.conf.props import Props

__all__ = ["Conf", "Props"]
