"""Writes what it was given beside the results: arguments, payload, results, and what it may see."""

import gzip
import json
import os
import sys

payload = sys.stdin.read()
given = sys.argv[1:]
where = os.environ["SPLUNK_HOME"]
results = ""
if "xml" not in given:
    with gzip.open(json.loads(payload)["results_file"], "rt", encoding="utf-8", newline="") as stream:
        results = stream.read()
seen = {"arguments": given, "payload": payload, "results": results, "environment": sorted(os.environ)}
with open(os.path.join(where, "notes.jsonl"), "a", encoding="utf-8") as stream:
    stream.write(json.dumps(seen) + "\n")
print("a line on stdout")
sys.stderr.write("INFO noted\n")
