"""Tells what it was asked, and how often; breaks where it is told to."""

import json
import os
import sys

from splunk.persistconn.application import PersistentServerConnectionApplication

COUNT = [0]


class Resty(PersistentServerConnectionApplication):
    def __init__(self, command_line, command_arg):
        super().__init__()

    def handle(self, in_string):
        request = json.loads(in_string)
        COUNT[0] += 1
        what = request.get("path_info")
        if what == "breaks":
            raise ValueError("out of order")
        if what == "ends":
            os._exit(3)
        if what == "chatty":
            print("not an answer")
        if what == "bare":
            return {"status": 200}
        if what == "text":
            return "no json"
        told = {"request": request, "count": COUNT[0], "pid": os.getpid(), "path": sys.path}
        return {"payload": told, "status": 201 if what == "made" else 200, "headers": {"Content-Type": "text/x-told"}}
