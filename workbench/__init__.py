"""Runs the app where there is no Splunk: a test bench, never shipped and never imported by the app."""
