"""The reference for the audit input: lists and fetches the same blobs in one thread and parses them, and no more.

thread.py URI CA_FILE TENANT CLIENT_ID START END, the client secret on standard input; tells the number of records.
"""

import json
import sys

import requests

uri, ca_file, tenant, client_id, start, end = sys.argv[1:]
session = requests.Session()
session.verify = ca_file
asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": sys.stdin.read(),
         "scope": f"{uri}/.default"}  # fmt: skip
token = session.post(f"{uri}/{tenant}/oauth2/v2.0/token", data=asked).json()["access_token"]
session.headers["Authorization"] = f"Bearer {token}"
url = f"{uri}/api/v1.0/{tenant}/activity/feed/subscriptions/content"
given = {"contentType": "Audit.Exchange", "startTime": start, "endTime": end, "PublisherIdentifier": tenant}
records = 0
while url:
    listed = session.get(url, params=given)
    for content in listed.json():
        answer = session.get(content["contentUri"], params={"PublisherIdentifier": tenant})
        records += len(json.loads(answer.content))
    url, given = listed.headers.get("NextPageUri"), {}
print(records)
