"""The reference for the audit input: lists and fetches the same blobs in one thread, and parses them.

thread.py AUTHORITY API_ROOT CA_FILE TENANT CLIENT_ID START END events|nothing, the client secret on standard input.
What it gives out of each record is an event, by the SDK's own writer, or nothing; the number of records it tells on
standard error.
"""

import json
import os
import sys
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "lib"))

import requests
from splunklib.modularinput import Event, EventWriter

authority, api_root, ca_file, tenant, client_id, start, end, gives = sys.argv[1:]
session = requests.Session()
session.verify = ca_file
asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": sys.stdin.read(),
         "scope": f"{api_root}/.default"}  # fmt: skip
token = session.post(f"{authority}/{tenant}/oauth2/v2.0/token", data=asked).json()["access_token"]
session.headers["Authorization"] = f"Bearer {token}"
url = f"{api_root}/api/v1.0/{tenant}/activity/feed/subscriptions/content"
given = {"contentType": "Audit.Exchange", "startTime": start, "endTime": end, "PublisherIdentifier": tenant}
writer = EventWriter()
count = 0
while url:
    listed = session.get(url, params=given)
    for content in listed.json():
        answer = session.get(content["contentUri"], params={"PublisherIdentifier": tenant})
        records = json.loads(answer.content)
        count += len(records)
        for record in records if gives == "events" else ():
            made = datetime.fromisoformat(record["CreationTime"]).replace(tzinfo=timezone.utc).timestamp()
            event = Event(data=json.dumps(record), stanza="bench", time=f"{made:.3f}", sourcetype="o365:bench")
            writer.write_event(event)
    url, given = listed.headers.get("NextPageUri"), {}
print(count, file=sys.stderr)
