"""The vendors' audit feeds: sign-in, calls, windows and pages; knows HTTP, no Splunk."""
