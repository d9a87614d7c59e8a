"""`python -m workbench COMMAND`: one module a command; each has HELP, add_arguments(parser) and run(args)."""

import argparse
import importlib
import sys
from typing import List, Optional

from workbench.errors import WorkbenchError

COMMANDS = {
    "demo": "workbench.demo",
    "serve": "workbench.serve",
    "replay": "workbench.replay",
    "collect": "workbench.collect",
    "search": "workbench.search",
    "oracle": "workbench.oracle",
    "coverage-spl": "workbench.coverage",
    "bench": "workbench.bench",
    "fuzz": "workbench.fuzz",
    "test-splunk": "workbench.onsplunk",
    "evaluate": "workbench.evaluate",
}


def main(argv: Optional[List[str]] = None) -> int:
    """Run one command and return its exit code: 0 done, 2 bad input, others as the command says."""
    arguments = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="python -m workbench", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in arguments if word in COMMANDS), None)
    for name, path in COMMANDS.items():
        if chosen not in (None, name):
            continue
        module = importlib.import_module(path)
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
