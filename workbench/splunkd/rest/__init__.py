"""splunkd's REST interface, as far as splunk-sdk, the app's inputs and its pages need it."""

from workbench.splunkd.rest.service import RestService

__all__ = ["RestService"]
