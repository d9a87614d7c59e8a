"""The app's pages in a browser: what Splunk Web does for them, as far as they need it.

Dashboards are drawn by Splunk's own packages (`src/`, made into build/viewer by `make viewer`), Simple XML pages by
their own scripts; both ask the stand-in for splunkd.
"""

from workbench.viewer.views import View, views
from workbench.viewer.web import SplunkWeb

__all__ = ["SplunkWeb", "View", "views"]
