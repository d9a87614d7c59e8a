"""Search command without a library: keeps or breaks the protocol as its first argument says."""

import json
import sys
import time

MODE = sys.argv[1]
INFO = {"type": "streaming", "required_fields": ["a"]}


def read():
    header = sys.stdin.buffer.readline()
    if not header:
        sys.exit(0)
    head, body = (int(size) for size in header.decode().strip().split(",")[1:])
    return json.loads(sys.stdin.buffer.read(head)), sys.stdin.buffer.read(body).decode()


def write(metadata, body=""):
    head, data = json.dumps(metadata).encode(), body.encode()
    frame = b"chunked 1.0,%d,%d\n" % (len(head), len(data)) + head + data
    step = 1 if MODE == "bytes" else len(frame)
    for place in range(0, len(frame), step):
        sys.stdout.buffer.write(frame[place : place + step])
        sys.stdout.buffer.flush()


metadata, _ = read()
assert metadata["action"] == "getinfo"
if MODE == "infoquits":
    sys.exit(0)
if MODE == "infoerror":
    write({"error": "no licence for this"})
    sys.exit(1)
if MODE == "garbage":
    sys.stdout.write("Traceback (most recent call last):\n")
    sys.exit(0)
if MODE == "badtype":
    INFO["type"] = "transforming"
write(INFO)
if MODE == "unread":
    sys.stdin.close()
    sys.exit(0)
while True:
    metadata, body = read()
    finished = metadata["finished"]
    if MODE == "slow":
        time.sleep(30)
    if MODE == "crash":
        sys.stderr.write("ERROR lost my way\n")
        sys.exit(3)
    if MODE == "quits":
        sys.exit(0)
    if MODE == "error":
        write({"finished": True, "error": "the moon is full"})
        continue
    if MODE == "partial":
        sys.stdout.write("chunked 1.0,20,0\n{}")
        sys.exit(0)
    if MODE == "badindex":
        body = body.replace(",0,", ",7,").replace(",1,", ",3,")
    write({"finished": finished}, body)
