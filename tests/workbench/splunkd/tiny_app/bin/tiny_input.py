"""Modular input: writes numbered events, keeps its place in the KV store, fails as told."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from splunklib.modularinput import Argument, Event, Scheme, Script


class TinyInput(Script):
    def get_scheme(self):
        scheme = Scheme("Tiny")
        scheme.use_external_validation = True
        scheme.use_single_instance = False
        scheme.add_argument(Argument("account", required_on_create=True))
        for name in ("count", "mode"):
            scheme.add_argument(Argument(name, required_on_create=False))
        return scheme

    def validate_input(self, definition):
        if not definition.parameters.get("count", "1").isdigit():
            raise ValueError("count must be a number")

    def stream_events(self, inputs, ew):
        self.service.namespace.update(app="tiny", owner="nobody")
        for name, params in inputs.inputs.items():
            self.collect(name, params, ew)

    def collect(self, name, params, ew):
        mode = params.get("mode", "")
        state = self.service.kvstore["tiny_checkpoints"].data
        found = state.query(query={"_key": name})
        start = int(found[0]["count"]) if found else 0
        secrets = {item.username: item.clear_password for item in self.service.storage_passwords.list(count=-1)}
        account = self.service.confs["tiny_accounts"][params["account"]]
        ew.log("INFO", "tenant=" + account["tenant"])
        if mode == "refused":
            ew.log("ERROR", "the tenant refused the secret " + "*" * len(secrets.get("a#0", "")))
            sys.exit(1)
        if mode == "warns":
            ew.log("WARN", "one feed was late")
        if mode == "raises":
            raise RuntimeError("something broke")
        for number in range(start, start + int(params.get("count", "2"))):
            data = f'{{"n":{number},"t":"2026-03-01T10:00:{number % 60:02}Z"}}'
            ew.write_event(Event(data=data, stanza=name, host="h" if number else None))
        if mode == "pieces":
            for text, done in (("one ", False), ("two", True)):
                ew.write_event(Event(data=text, stanza=name, time="12.5", done=done))
        if mode == "garbage":
            ew._out.write("oops <<")
            ew._out.flush()
        if mode == "sleeps":
            time.sleep(60)
        state.batch_save({"_key": name, "count": start + int(params.get("count", "2"))})


if __name__ == "__main__":
    sys.exit(TinyInput().run(sys.argv))
