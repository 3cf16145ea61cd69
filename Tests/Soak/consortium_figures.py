#!/usr/bin/env python3
"""Four validators against one on the same machine in the same run: pressure, spike and stability, each statement signed.

    python3 Tests/Soak/consortium_figures.py .build/release/zheng [--seconds 60] [--senders 8] [--rate 20] [--without-etcd]

The phases are those of the trusted-blockchain evaluations. Pressure: senders post sequences of signed statements, each as soon as the one before was
answered. Spike: after some rest many sequences at once. Stability: single statements at an even rate; latency counts from when each was due to its
answer, which is given when it is final and durable. Statements are signed beforehand, so that the nodes and not the senders are measured. What goes
through etcd is counted by etcd itself. Every answer must be 200 or 201 for each statement, and at the end all copies must verify and have one root.
Prints a report in JSON.
"""
import argparse
import http.client
import json
import os
import queue
import re
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Consortium"))
from cluster import NAMES, Etcd, EtcdMember, Failed, Founded, Node, answer, find_etcd, free_ports, must, own_host, settled, verified  # noqa: E402
from kill_rounds import found, start_node  # noqa: E402

# Statements in a sequence.
BATCH = 500
# Sequences that come at once.
SPIKE = 40
# All records are one member's, which a node would hold back at 600,000 a minute.
UNLIMITED = ("--records-per-minute", "100000000")


def item(data, at):
    """Where the CBOR data item that begins at `at` ends (RFC 8949 §3)."""
    kind, short = data[at] >> 5, data[at] & 31
    at += 1
    number = short
    if short >= 24:
        size = 1 << short - 24
        number, at = int.from_bytes(data[at:at + size], "big"), at + size
    if kind in (2, 3):
        return at + number
    for _ in range({4: number, 5: 2 * number, 6: 1}.get(kind, 0)):
        at = item(data, at)
    return at


class Statements:
    """Signed statements of one member for one ledger, in files of a sequence each."""

    def __init__(self, zheng, folder, policy, key, issuer):
        self.zheng, self.folder, self.policy, self.key, self.issuer = zheng, folder, policy, key, issuer
        self.made = 0
        os.makedirs(folder, exist_ok=True)

    def sequence(self, count=BATCH):
        """The file of a new sequence."""
        self.made += 1
        out = f"{self.folder}/{self.made}"
        lines = "".join(f"sequence {self.made} line {line}\n" for line in range(count))
        must(self.zheng, "sign", "--policy", self.policy, "--key", self.key, "--issuer", self.issuer, "--out", out, "--lines", "-", stdin=lines)
        return out

    def singles(self, count):
        """The bytes of new statements, one by one."""
        path = self.sequence(count)
        with open(path, "rb") as file:
            data = file.read()
        found_at, at = [], 0
        while at < len(data):
            end = item(data, at)
            found_at.append(data[at:end])
            at = end
        return found_at


class Sender(threading.Thread):
    """Posts what it takes from a queue of (due time or None, body, whether it is one statement)."""

    def __init__(self, url, work, deadline=None):
        super().__init__(daemon=True)
        self.place, self.work, self.deadline = urllib.parse.urlsplit(url).netloc, work, deadline
        self.recorded, self.latencies, self.wrong, self.finished = 0, [], [], 0.0

    def run(self):
        wire = http.client.HTTPConnection(self.place, timeout=60)
        while self.deadline is None or time.monotonic() < self.deadline:
            try:
                due, body, is_one = self.work.get(block=self.deadline is None)
            except queue.Empty:
                return
            if body is None:
                return
            if isinstance(body, str):
                with open(body, "rb") as file:
                    body = file.read()
            if due is not None and (left := due - time.monotonic()) > 0:
                time.sleep(left)
            start = time.monotonic() if due is None else due
            kind = "application/cose" if is_one else "application/cbor-seq"
            while True:
                try:
                    wire.request("POST", "/entries", body, {"Content-Type": kind, "Prefer": "return=minimal"})
                    response = wire.getresponse()
                    text = response.read()
                except OSError as error:
                    self.wrong.append(repr(error))
                    wire.close()
                    break
                # Sent again, each statement gets its first place.
                if response.status == 503:
                    time.sleep(0.1)
                    continue
                if response.status not in (200, 201):
                    self.wrong.append(f"{response.status} {text[:200]!r}")
                else:
                    self.recorded += 1 if is_one else len(re.findall(rb'"status" ?: ?20[01]', text))
                break
            self.finished = time.monotonic()
            self.latencies.append(self.finished - start)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def milliseconds(values):
    return {name: round(1000 * percentile(values, share), 1) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}


def joined(senders):
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    wrong = [answer for sender in senders for answer in sender.wrong]
    if wrong:
        raise Failed(f"{len(wrong)} answers were wrong, the first: {wrong[0]}")
    return sum(sender.recorded for sender in senders), [latency for sender in senders for latency in sender.latencies]


def pressure(urls, statements, seconds, senders):
    """Records a second, and how long a sequence takes."""
    def phase(length, rate):
        work = queue.Queue()
        for _ in range(int(rate * length / BATCH) + 2 * senders):
            work.put((None, statements.sequence(), False))
        start = time.monotonic()
        threads = [Sender(urls[number % len(urls)], work, start + length) for number in range(senders)]
        count, latencies = joined(threads)
        return count / (max(thread.finished for thread in threads) - start), latencies

    rate, _ = phase(4, 30_000)
    rate, latencies = phase(seconds, 1.5 * rate)
    return {"records_per_second": round(rate, 1), "sequence_ms": milliseconds(latencies)}


def spike(urls, statements):
    """How long it takes until all of many sequences that come at once are final."""
    work = [statements.sequence() for _ in range(SPIKE)]
    time.sleep(5)
    threads = []
    for number, path in enumerate(work):
        one = queue.Queue()
        one.put((None, path, False))
        one.put((None, None, False))
        threads.append(Sender(urls[number % len(urls)], one))
    start = time.monotonic()
    count, _ = joined(threads)
    seconds = time.monotonic() - start
    return {"records": count, "seconds": round(seconds, 2), "records_per_second": round(count / seconds, 1)}


def stability(urls, statements, seconds, rate):
    """How long single statements take at an even rate."""
    work = queue.Queue()
    bodies = statements.singles(int(seconds * rate))
    start = time.monotonic() + 0.5
    for number, body in enumerate(bodies):
        work.put((start + number / rate, body, True))
    threads = []
    for number in range(4 * len(urls) if len(urls) > 1 else 16):
        threads.append(Sender(urls[number % len(urls)], work))
        work.put((None, None, True))
    count, latencies = joined(threads)
    return {"records": count, "rate": rate, "ms": milliseconds(latencies)}


def phases(urls, statements, given):
    return {
        "pressure": pressure(urls, statements, given.seconds, given.senders),
        "spike": spike(urls, statements),
        "stability": stability(urls, statements, given.seconds, given.rate),
    }


def through_etcd(etcd):
    """The bytes that etcd's members have taken from clients, and given to them."""
    total = 0
    for member in etcd.members:
        status, text = answer(member.client, "/metrics") or (0, b"")
        if status != 200:
            raise Failed(f"{member.name} gives no metrics")
        for kind in ("received", "sent"):
            total += float(re.search(rf"^etcd_network_client_grpc_{kind}_bytes_total (\S+)", text.decode(), re.M).group(1))
    return total


def one_validator(zheng, folder, given):
    os.environ["ZHENG_STATE"] = f"{folder}/state"
    ledger, key = found(zheng, f"{folder}/founded", parameters={})
    node, url = start_node(zheng, ledger, *UNLIMITED)
    try:
        return phases([url], Statements(zheng, f"{folder}/statements", f"{ledger}/policy", key, "writer"), given)
    finally:
        node.terminate()
        node.wait()


def four_validators(zheng, folder, given):
    founded = Founded(zheng, folder)
    binary = None if given.without_etcd else find_etcd()
    etcd = None
    host = own_host()
    ports = free_ports(4 + 6, host)
    nodes = [Node(founded, name, host, port, f"{folder}/{name}.log") for name, port in zip(NAMES, ports)]
    if binary:
        etcd = Etcd([EtcdMember(binary, f"e{number}", host, ports[4 + 2 * number:6 + 2 * number], folder) for number in range(3)])
    try:
        if etcd:
            etcd.start()
        for node in nodes:
            for other in nodes:
                if other is not node:
                    node.options += ["--peer", f"{other.name}={other.url}"]
            if etcd:
                node.options += ["--board", ",".join(etcd.urls)]
            node.options += ["--own-url", node.url, *UNLIMITED]
            node.start()
        before = (through_etcd(etcd) if etcd else 0, nodes[0].status()["height"])
        report = phases([node.url for node in nodes], Statements(
            zheng, f"{folder}/statements", founded.policy, f"{folder}/notary.pem", "notary"), given)
        settled(nodes)
        blocks = nodes[0].status()["height"] - before[1]
        report["blocks"] = blocks
        if etcd:
            report["bytes_through_etcd_per_block"] = round((through_etcd(etcd) - before[0]) / blocks)
        for node in nodes:
            node.end()
        verified(founded, {})
        return report
    finally:
        for node in nodes:
            node.end()
        if etcd:
            etcd.end()


def main():
    parser = argparse.ArgumentParser(description="Four validators against one on the same machine.")
    parser.add_argument("zheng")
    parser.add_argument("--seconds", type=float, default=60, help="of pressure, and of stability")
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--rate", type=float, default=20, help="single statements a second")
    parser.add_argument("--without-etcd", action="store_true", help="validators reach each other directly alone")
    given = parser.parse_args()
    zheng = os.path.abspath(given.zheng)
    report = {}
    for name, phase in (("one", one_validator), ("four", four_validators)):
        with tempfile.TemporaryDirectory(prefix="zheng-figures-") as folder:
            report[name] = phase(zheng, folder, given)
    one, four = (report[name]["pressure"]["records_per_second"] for name in ("one", "four"))
    report["four_to_a_quarter_of_one"] = round(4 * four / one, 2)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    sys.exit(main())
