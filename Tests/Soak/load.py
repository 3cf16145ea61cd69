#!/usr/bin/env python3
"""A node under load: signing clients and readers for some minutes, then kill -9, restart and verify.

    python3 Tests/Soak/load.py .build/release/zheng [--seconds 300] [--clients 64] [--reads 200]

Each client is a `zheng append` that sends a line when the line before it was acknowledged. Readers ask for entries, proofs, state, checkpoints and
health, as a member with a token, at the given rate; a read that starts late counts from when it was due. At the end the node is killed under load
and started again: whatever was acknowledged must be there, and the ledger must verify. Prints the rates, the latencies of reads, and the memory
of the node; fails where something acknowledged is lost, an answer is wrong or memory grows.
"""
import argparse
import http.client
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from kill_rounds import found, look, must, start_node

# What a cache or an allocator may take more in the second half than in the first, in MB.
GROWTH = 64
READERS = 16


class Client(threading.Thread):
    """Appends one line after the other, and keeps what was acknowledged."""

    def __init__(self, zheng, ledger, key, url, number):
        super().__init__(daemon=True)
        self.number, self.acknowledged, self.newest, self.running = number, {}, 0, True
        self.process = subprocess.Popen(
            [zheng, "append", url, "--policy", f"{ledger}/policy", "--key", key, "--lines", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self):
        line = 0
        try:
            while self.running:
                self.process.stdin.write(f"client {self.number} line {line}\n")
                self.process.stdin.flush()
                words = self.process.stdout.readline().split()
                if len(words) < 3:
                    return
                self.newest = int(words[0])
                self.acknowledged[self.newest] = words[2]
                line += 1
        except (BrokenPipeError, ValueError):
            pass

    def end(self):
        self.running = False
        self.process.kill()
        self.process.wait()


class Reader(threading.Thread):
    """Asks for what it takes from a queue of due times."""

    def __init__(self, url, token, due, newest):
        super().__init__(daemon=True)
        self.place, self.token, self.due, self.newest = urllib.parse.urlsplit(url).netloc, token, due, newest
        self.latencies, self.wrong, self.random = [], [], random.Random(id(self))

    def path(self):
        size = max(2, self.newest())
        index = self.random.randrange(size)
        return self.random.choice([
            f"/entries/{index}", f"/blocks?entry={index}", "/checkpoint", "/health", "/state/subject/plain/nobody", "/members",
            "/records?limit=20", "/status?item=E-1&since=1"])

    def run(self):
        wire = http.client.HTTPConnection(self.place, timeout=60)
        while (due := self.due.get()) is not None:
            path = self.path()
            try:
                wire.request("GET", path, headers={"Authorization": f"Bearer {self.token()}"})
                answer = wire.getresponse()
                answer.read()
            except OSError as error:
                self.wrong.append((path, repr(error)))
                wire.close()
                continue
            self.latencies.append(time.monotonic() - due)
            if answer.status != 200:
                self.wrong.append((path, answer.status))


class Token:
    """A member's token, made again before it ends."""

    def __init__(self, zheng, ledger, key, url):
        self.command = (zheng, "token", "--key", key, "--policy", f"{ledger}/policy", "--node", url)
        self.lock, self.text, self.end = threading.Lock(), "", 0.0

    def __call__(self):
        with self.lock:
            if time.monotonic() > self.end:
                self.text, self.end = must(*self.command).strip(), time.monotonic() + 400
            return self.text


def anonymous(process):
    """The memory of a process that no file backs, in MB."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon")) / 1024


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    parser = argparse.ArgumentParser(description="A node under load, then kill -9, restart and verify.")
    parser.add_argument("zheng")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--reads", type=int, default=200, help="a second")
    given = parser.parse_args()
    zheng = os.path.abspath(given.zheng)
    with tempfile.TemporaryDirectory(prefix="zheng-load-") as folder:
        os.environ["ZHENG_STATE"] = f"{folder}/state"
        ledger, key = found(zheng, f"{folder}/founded")
        node, url = start_node(zheng, ledger, "--connections-per-address", "512")
        token = Token(zheng, ledger, key, url)
        clients = [Client(zheng, ledger, key, url, number) for number in range(given.clients)]
        due = queue.Queue()

        def newest():
            return max((client.newest for client in clients), default=0)

        readers = [Reader(url, token, due, newest) for _ in range(READERS)]
        for thread in clients + readers:
            thread.start()
        start = time.monotonic()
        memory, sampled = [], 0.0
        for number in range(int(given.seconds * given.reads)):
            at = start + number / given.reads
            while (left := at - time.monotonic()) > 0:
                time.sleep(left)
            due.put(at)
            if at - sampled >= 1:
                memory.append(anonymous(node))
                sampled = at
            if node.poll() is not None:
                raise SystemExit(f"the node ended: exit {node.returncode}")
        seconds = time.monotonic() - start
        for _ in readers:
            due.put(None)
        for reader in readers:
            reader.join()
        node.kill()
        node.wait()
        for client in clients:
            client.end()
        acknowledged = {index: record for client in clients for index, record in client.acknowledged.items()}
        latencies = [latency for reader in readers for latency in reader.latencies]
        wrong = [answer for reader in readers for answer in reader.wrong]
        node, url = start_node(zheng, ledger)
        node.terminate()
        node.wait()
        records = look(zheng, ledger, key, acknowledged)
        # The first third is for caches to fill.
        early, late = memory[len(memory) // 3:2 * len(memory) // 3], memory[2 * len(memory) // 3:]
        report = {
            "seconds": round(seconds, 1), "clients": given.clients, "acknowledged": len(acknowledged), "records": records,
            "appends_per_second": round(len(acknowledged) / seconds, 1), "reads": len(latencies),
            "reads_per_second": round(len(latencies) / seconds, 1),
            "read_ms": {name: round(1000 * percentile(latencies, share), 1)
                        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))},
            "memory_mb": {"early": round(percentile(early, 0.5), 1), "late": round(percentile(late, 0.5), 1),
                          "most": round(max(memory), 1)},
            "wrong": len(wrong),
        }
        print(json.dumps(report, indent=2))
        if wrong:
            raise SystemExit(f"{len(wrong)} reads were not answered with 200, the first {wrong[0]}")
        if report["memory_mb"]["late"] > report["memory_mb"]["early"] + GROWTH:
            raise SystemExit("the node's memory grows")
        print("nothing acknowledged was lost; the ledger verifies")


if __name__ == "__main__":
    sys.exit(main())
