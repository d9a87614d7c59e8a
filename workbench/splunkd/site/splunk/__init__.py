"""What of Splunk's own Python package `splunk` the app's scripts find in the stand-in: the base of REST handlers."""
