"""What needs Splunk: its REST API, secrets, checkpoints, events; the only room that imports splunklib."""
