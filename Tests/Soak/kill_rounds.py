#!/usr/bin/env python3
"""Kills a writer with SIGKILL at random instants while records are appended, and looks for what was acknowledged.

    python3 kill_rounds.py ZHENG [--rounds N] [--node] [--seed S]

Each round appends lines through the command line (or, with --node, through a node that is killed), kills, and then:
everything that was acknowledged must be there under its index and id, the next start must need no help, and `verify` must be
good. A fresh ledger is founded every 20 rounds. Prints the seed; exits with 1 at the first loss.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

LINES = 400


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def must(*command):
    done = run(*command)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def found(zheng, folder, roles=(), parameters=None):
    os.makedirs(folder)
    key, public = f"{folder}/key.pem", f"{folder}/key.pub.pem"
    must("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    must("openssl", "pkey", "-in", key, "-pubout", "-out", public)
    consortium = {
        "origin": "zhengzhou.example/soak",
        "name": {"en": "Soak"},
        "members": [{"id": "writer", "name": {"en": "Writer"}, "roles": list(roles), "keys": ["key.pub.pem"]}],
        "administrators": {"members": ["writer"], "threshold": 1},
        "parameters": {"block-records": 16} if parameters is None else parameters,
    }
    with open(f"{folder}/consortium.json", "w", encoding="utf-8") as file:
        json.dump(consortium, file)
    must(zheng, "init", f"{folder}/ledger", "--consortium", f"{folder}/consortium.json", "--key", key)
    return f"{folder}/ledger", key


def start_node(zheng, ledger, *options):
    node = subprocess.Popen(
        [zheng, "node", ledger, "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in node.stdout:
        for word in line.split():
            if word.startswith("http://"):
                return node, word.rstrip("/.,")
    raise SystemExit(f"the node did not start: exit {node.wait()}")


def receipts(path):
    """(index, id) of each line that was printed whole."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]
    return {int(words[0]): words[2] for words in map(str.split, lines) if len(words) >= 3 and words[0].isdigit()}


def one_round(zheng, ledger, key, folder, number, through_node, chance):
    lines = f"{folder}/lines-{number}"
    with open(lines, "w", encoding="utf-8") as file:
        file.writelines(f"round {number} line {line}\n" for line in range(LINES))
    output = f"{folder}/receipts-{number}"
    with open(lines, encoding="utf-8") as source, open(output, "w", encoding="utf-8") as sink:
        if through_node:
            victim, url = start_node(zheng, ledger)
            client = subprocess.Popen(
                [zheng, "append", url, "--policy", f"{ledger}/policy", "--key", key, "--lines", "-"],
                stdin=source, stdout=sink, stderr=subprocess.DEVNULL)
        else:
            victim = client = subprocess.Popen(
                [zheng, "append", ledger, "--key", key, "--lines", "-"], stdin=source, stdout=sink,
                stderr=subprocess.DEVNULL)
        time.sleep(chance)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        if client is not victim:
            # It would go on trying for a while; what it has printed is what counts.
            client.send_signal(signal.SIGKILL)
            client.wait()
    return receipts(output)


def look(zheng, ledger, key, acknowledged):
    # The next start needs no help: an append that simply works.
    done = run(zheng, "append", ledger, "--key", key, "-", input="after the crash")
    if done.returncode != 0:
        raise SystemExit(f"the next start failed: exit {done.returncode}\n{done.stdout}{done.stderr}")
    there = {}
    for line in must(zheng, "list", ledger, "--json").splitlines():
        record = json.loads(line)
        there[record["index"]] = record["id"]
    lost = [(index, record) for index, record in acknowledged.items() if there.get(index) != record]
    if lost:
        raise SystemExit(f"{len(lost)} acknowledged records are not there, the first at {lost[0]}")
    must(zheng, "verify", ledger, "--policy", f"{ledger}/policy")
    return len(there)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("zheng")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--node", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args()
    way = "node" if given.node else "command line"
    print(f"kill -9 through the {way}: {given.rounds} rounds, --seed {given.seed}", flush=True)
    rng = random.Random(given.seed)
    acknowledged, total, cut = {}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ZHENG_STATE"] = f"{folder}/state"
        for number in range(given.rounds):
            if number % 20 == 0:
                ledger, key = found(given.zheng, f"{folder}/{number}")
                acknowledged = {}
            new = one_round(
                given.zheng, ledger, key, folder, number, given.node,
                # The client of a node prints a receipt when it has checked its proof.
                rng.uniform(0.005, 1.0 if given.node else 0.35))
            cut += len(new) < LINES
            total += len(new)
            acknowledged.update(new)
            look(given.zheng, ledger, key, acknowledged)
    print(f"{given.rounds} rounds, {cut} of them cut short; {total} records were acknowledged, and none was lost")


if __name__ == "__main__":
    main()
