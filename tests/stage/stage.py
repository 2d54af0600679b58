"""Runs the second stage: the template and the real binaries on an AWS that shares no code with Docket's own.

    tests/ministack/serve python tests/stage/stage.py BINARIES

Deploys, runs every scenario, and lists the functions that did work. Exit status 0 if everything holds.
"""

import sys
import time
import traceback

import package
import scenario
from client import Client, Mailbox
from cloud import Cloud


class Stage:
    def __init__(self, binaries):
        self.cloud = Cloud()
        self.cloud.deploy(binaries)
        self.client, self.mailbox = Client(self.cloud), Mailbox(self.cloud)
        self.covered = {}

    def cover(self, function, how):
        self.covered.setdefault(function, how)


def main():
    began = time.monotonic()
    stage = Stage(sys.argv[1])
    report("deploy the template", True, "done", began)
    held = [run_scenario(one, stage) for one in scenario.ALL]
    for function in stage.cloud.mappings_that_worked():
        stage.cover(function, "its queues")
    print(f"did work: {', '.join(sorted(stage.covered))}")
    idle = set(stage.cloud.function_names()) - set(stage.covered)
    if idle:
        print(f"NOT COVERED by any scenario: {', '.join(sorted(idle))}")
    sys.exit(0 if all(held) and not idle else 1)


def run_scenario(run, stage):
    began = time.monotonic()
    try:
        holds, remark = True, run(stage) or "holds"
    except AssertionError as error:
        holds, remark = False, str(error)
    except Exception:
        holds, remark = False, traceback.format_exc()
    report(run.__name__.replace("_", " "), holds, remark, began)
    return holds


def report(what, holds, remark, began):
    print(f"{'' if holds else 'FAILED: '}{what}: {remark} ({time.monotonic() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
