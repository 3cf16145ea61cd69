#!/usr/bin/env python3
"""Asks a node whatever its OpenAPI document allows, and what it does not, and compares each answer with the document.

    python3 described_requests.py ZHENG [--examples N] [--seed S]

Founds a ledger, appends some records, starts a node and has schemathesis (of requirements.txt, beside this Python) make up to N
requests of each kind for each operation. No answer may be a 5xx, of a status, a media type or a form that the document does not name,
or grant what the document forbids. Left out are /events, which does not end, and the check that whatever the document allows is
granted: some parameters exclude each other, and bytes that are no statement are refused. Exits with 1 at a fault.
"""

import argparse
import os
import subprocess
import sys
import tempfile

from kill_rounds import found, must, start_node

# Statements are bytes: what is made up is sent as it is, and now and then one that a member signed.
HOOKS = """
import os

import schemathesis
from hypothesis import strategies


@schemathesis.serializer("application/cose", "application/cbor-seq")
def as_it_is(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


with open(os.environ["ZHENG_STATEMENTS"], "rb") as file:
    signed = file.read()
bodies = strategies.binary() | strategies.just(signed)
schemathesis.openapi.media_type("application/cose", bodies)
schemathesis.openapi.media_type("application/cbor-seq", bodies)
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("zheng")
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    zheng = os.path.abspath(arguments.zheng)
    with tempfile.TemporaryDirectory() as folder:
        ledger, key = found(zheng, f"{folder}/one")
        lines = f"{folder}/lines"
        with open(lines, "w", encoding="utf-8") as file:
            file.writelines(f"line {number}\n" for number in range(300))
        must(zheng, "append", ledger, "--key", key, "--lines", lines)
        must(zheng, "sign", "--policy", f"{ledger}/policy", "--key", key, "--issuer", "writer", "--out", f"{folder}/signed",
             lines)
        with open(f"{folder}/hooks.py", "w", encoding="utf-8") as file:
            file.write(HOOKS)
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": folder, "ZHENG_STATEMENTS": f"{folder}/signed"
        }
        node, url = start_node(zheng, ledger, "--read", "public")
        try:
            command = [
                os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", f"{url}/openapi.json", "--url", url, "--exclude-path", "/events",
                "--exclude-checks", "positive_data_acceptance", "--max-examples", str(arguments.examples),
                "--request-timeout", "60", "--continue-on-failure", "--no-color",
            ]
            if arguments.seed is not None:
                command += ["--seed", str(arguments.seed)]
            status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
        finally:
            node.terminate()
            node.wait(timeout=60)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
