#!/usr/bin/env python3
"""Four validators with three members of etcd, on this machine: both procedures through different nodes, and what happens when things fail.

    make consortium            or            Tests/Consortium/demo.py .build/release/zheng [--keep FOLDER] [--peers-only]

Everything goes over TLS, with certificates made here. etcd is Debian's etcd-server, which is installed where it is missing and may be; without it
the validators reach each other directly alone. A proof is also judged by Go's note and tlog (Debian's golang-go and golang-golang-x-mod-dev, likewise
installed; CI=true requires them). Ends with status 1 at the first thing that is not as it should be. Everything that is started is ended.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from authority import Authority
from cluster import (
    NAMES, QUORUM, Etcd, EtcdMember, Failed, Founded, Node, find_etcd, free_ports, own_host, run, settled, text, until, verified)
from foreign import judged_by_go
from liar import Liar

HERE = os.path.dirname(os.path.abspath(__file__))
USERS = os.path.join(HERE, "..", "..", "Examples", "consortium", "etcd_users.py")
# What a command of an office says where the node that it asks has not heard of the newest block yet, or nothing can be decided now.
PASSING = {"behind", "busy", "undecided", "unreachable", "io"}


def say(text):
    """One step, for people."""
    print(f"\n== {text}", flush=True)


def tell(text):
    """What came of it."""
    print(f"   {text}", flush=True)


class Office:
    """Members who record through one node after the other."""

    def __init__(self, founded, nodes):
        self.founded, self.nodes, self.turn, self.acknowledged, self.through = founded, nodes, 0, {}, {}
        # How often a command was given again, by the reason.
        self.again = {}

    def next(self):
        """The next node that runs."""
        while True:
            self.turn += 1
            node = self.nodes[self.turn % len(self.nodes)]
            if node.is_running:
                return node

    def ask(self, words, node=None, key=None, seconds=60, stdin=None):
        """What a command prints in JSON, its lines; @ is the node. It is asked again while the node is behind."""
        end = time.monotonic() + seconds
        while True:
            asked = node or self.next()
            env = dict(self.founded.env, ZHENG_LEDGER=asked.url, ZHENG_POLICY=self.founded.policy)
            if key:
                env["ZHENG_KEY"] = f"{self.founded.folder}/{key}.pem"
            done = run(self.founded.zheng, *words, "--cacert", asked.authority.file, "--json", env=env, stdin=stdin,
                       cwd=f"{self.founded.folder}/office")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            if done.returncode == 0:
                self.through[asked.name] = self.through.get(asked.name, 0) + 1
                return lines
            code = lines[-1].get("code") if lines else None
            if code not in PASSING or time.monotonic() > end:
                raise Failed(f"{' '.join(words)} at {asked.name}: exit {done.returncode}: {done.stdout}{done.stderr}")
            self.again[code] = self.again.get(code, 0) + 1
            time.sleep(0.2)

    def record(self, text, key, **options):
        """Records what `text` says; gives the last line of its answer, with the statement id."""
        done = self.ask(text.split(), key=key, **options)[-1]
        if "index" in done and "id" in done:
            self.acknowledged[done["index"]] = done["id"]
        return done

    def line(self, text, node=None, seconds=60):
        """Appends one line."""
        return self.record("append @ --lines -", "notary", node=node, seconds=seconds, stdin=f"{text}\n")


def evidence(office):
    """An item of evidence from its deposit to its release."""
    office.record("evidence deposit @ contract.txt --item E-1 --case 民初1号 --method 提交", "notary")
    office.record("evidence seal @ E-1 --seal S-1", "notary")
    office.record("evidence offer @ E-1 --to lab --seal S-1 --purpose 鉴定", "notary")
    office.record("evidence accept @ E-1 contract.txt --seal S-1 --location 室", "lab")
    office.record("evidence examine @ E-1 --method 比对", "lab")
    office.record("evidence reseal @ E-1 --seal S-2", "lab")
    office.record("evidence release @ E-1 --order 1号 --outcome released", "lab")
    office.record("evidence countersign @ E-1", "court")
    status = office.ask(["evidence", "status", "@", "E-1"], key="court")[-1]
    tell(f"E-1 is {status.get('state')}; each step went through another node: {office.through}")


def sharing(office):
    """Data that one bureau asks of another, from the catalogue to the receipt."""
    office.record("share calendar @ calendar.json", "bureau")
    entry = office.record(
        "share catalogue @ births --name 出生 --item 姓名 --attribute unconditional --grade 重要 --format CSV --frequency 每日 --method 文件",
        "lab")
    office.record(f"share countersign @ {entry['id']}", "bureau")
    office.record(
        "share request @ R-1 --entry births --item 姓名 --purpose 公证 --scenario 公证 --handler 一科 --basis 公证法 --until 2099-12-31",
        "notary")
    office.record("share grant @ R-1", "lab")
    office.record("share deliver @ R-1 --file births.csv --records 2 --vault provider --out handover", "lab")
    office.record(
        "share receipt @ R-1 --file handover/births.csv --salt handover/births.csv.salt --vault demander", "notary")
    office.record("share use @ R-1 --purpose 公证 --reference 1", "notary")
    tell(f"R-1 was requested, granted, delivered and received; nodes so far: {office.through}")


class Show:
    """The demonstration."""

    def __init__(self, zheng, folder, etcd):
        self.zheng, self.folder, self.binary = zheng, folder, etcd
        self.etcd, self.nodes, self.board = None, [], []

    def begin(self):
        """Founds the ledger, and starts everything."""
        say("Four organisations found one ledger; no private key travels but the log key.")
        self.founded = Founded(self.zheng, self.folder, say=tell)
        tell(f"ledger {self.founded.id}; {QUORUM} of {len(NAMES)} must agree on each block")
        say("A private authority makes a certificate for each node and each member of etcd: everything goes over TLS.")
        self.authority, self.stranger = Authority(self.folder, "ca"), Authority(self.folder, "stranger")
        host = own_host()
        ports = free_ports(len(NAMES) + 6, host)
        for name, port in zip(NAMES, ports):
            self.nodes.append(Node(self.founded, name, host, port, f"{self.folder}/{name}.log", authority=self.authority))
        if self.binary:
            say("Three members of etcd are the notice board; each validator has a user that writes below its own prefix alone.")
            self.etcd = Etcd([
                EtcdMember(self.binary, f"e{number}", host, ports[4 + 2 * number:6 + 2 * number], self.folder, authority=self.authority)
                for number in range(3)])
            for name in ("root",) + NAMES:
                path = f"{self.folder}/{name}.password"
                with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
                    file.write(f"password of {name}\n")
            self.start_etcd()
        else:
            say("There is no etcd here, and it can't be installed: the validators reach each other directly alone.")
        for node in self.nodes:
            node.options = [f"--peer={other.name}={other.url}" for other in self.nodes if other is not node]
            node.options += ["--peer-ca", self.authority.file]
            if self.etcd:
                node.options += [
                    "--board", ",".join(self.etcd.urls), "--board-ca", self.authority.file, "--board-user", node.name,
                    "--board-password-file", f"{self.folder}/{node.name}.password", "--own-url", node.url]
        say("Each validator starts its node.")
        for node in self.nodes:
            node.start()
            tell(f"{node.name} at {node.url}")
        self.office = Office(self.founded, self.nodes)
        office = f"{self.folder}/office"
        for name, content in (
                ("contract.txt", "借款合同\n"), ("births.csv", "姓名\n张三\n李四\n"),
                ("calendar.json", '{"version":"2026-1","basis":"通知","holidays":["2026-10-01"],"working":[]}')):
            with open(f"{office}/{name}", "w", encoding="utf-8") as file:
                file.write(content)

    def start_etcd(self):
        """Starts etcd with empty data, and gives each validator its user."""
        self.etcd.start()
        command = [
            sys.executable, USERS, self.etcd.urls[0], "--ca", self.authority.file, "--ledger", self.founded.id, "--root-password-file",
            f"{self.folder}/root.password", *(f"{name}={self.folder}/{name}.password" for name in NAMES)]
        end = time.monotonic() + 90
        while (done := run(*command)).returncode != 0:
            # On a busy machine a new etcd is slow at first; what is there already stays.
            if "timed out" not in done.stderr or time.monotonic() > end:
                raise Failed(f"etcd's users: {done.stdout}{done.stderr}")

    def node(self, name):
        """The node of a validator."""
        return self.nodes[NAMES.index(name)]

    def status(self):
        """What `zheng consortium status` says of all."""
        done = run(self.zheng, "consortium", "status", *(node.url for node in self.nodes), "--cacert", self.authority.file,
                   env=self.founded.env)
        if done.returncode != 0:
            raise Failed(f"zheng consortium status: exit {done.returncode}\n{done.stdout}{done.stderr}")
        print("\n".join("   " + line for line in done.stdout.split("\n\n")[0].splitlines()))

    def same(self, what):
        """Sees that all that run end with one root."""
        size, root = settled([node for node in self.nodes if node.is_running])
        tell(f"{what}: {size} entries, root {root}")
        return size

    def proofs(self):
        """A proof from one node, checked with the policy alone."""
        index = max(self.office.acknowledged)
        self.office.ask(["prove", "@", str(index), "--out", "proof"], node=self.node("v4"), key="court")
        check = self.founded.must("check", f"{self.folder}/office/proof", "--policy", self.founded.policy)
        words = " ".join(check.split())
        if f"of {len(NAMES)} validators" not in words:
            raise Failed(f"the proof does not say by whose word: {check}")
        tell(words[words.index("recorded"):words.index("block time")].strip())
        tell(judged_by_go(self.founded, f"{self.folder}/office/proof"))

    def crash(self):
        """One is killed."""
        victim = self.node("v2")
        victim.end(signal.SIGKILL)
        for number in range(5):
            self.office.line(f"while v2 is dead, line {number}")
        before = victim.founded.must("checkpoint", victim.founded.ledger("v2"), of="v2").split("\n")[1]
        self.distrust(victim)
        victim.start()
        size = self.same("v2 was started again, caught up, and ends as the others")
        tell(f"its copy had {before} entries when it was killed, and has {size} now")

    def distrust(self, node):
        """One that is behind is started where it trusts another authority: for the others' nodes, then for etcd."""
        self.start_distrusting(node, "--peer-ca", "the node of v1: .*certificate")
        self.office.line("while v2 trusts no other node", node=self.node("v1"))
        mine, theirs = node.checkpoint(), self.node("v1").checkpoint()
        if mine is None or mine[0] >= theirs[0]:
            raise Failed(f"{node.name} has got blocks from nodes whose authority it does not trust: {mine}, and the others {theirs}")
        tell("started with another authority for the nodes (--peer-ca) it takes nothing from them, and stays behind")
        if self.etcd:
            self.start_distrusting(node, "--board-ca", "the board: .*certificate")
            tell("started with another authority for etcd (--board-ca) it does not use that")
        node.end()

    def start_distrusting(self, node, option, complaint):
        """Starts a node where it trusts another authority for `option`, and waits until its log has the complaint."""
        node.end()
        options, seen = node.options, len(node.lines())
        node.options = [self.stranger.file if before == option else word for before, word in zip([""] + options, options)]
        node.start()
        node.options = options
        until(f"{node.name} complains ({node.log})", 60, lambda: re.search(complaint, "".join(node.lines()[seen:]), re.IGNORECASE))

    def silence(self):
        """One answers nothing for a while; then a second one is gone too."""
        still = self.node("v3")
        still.send(signal.SIGSTOP)
        others = [node for node in self.nodes if node is not still]
        for number in range(4):
            self.office.line(f"while v3 is cut off, line {number}", node=others[number % 3])
        tell("with v3 stopped (SIGSTOP) the other three went on")
        self.node("v4").end(signal.SIGKILL)
        env = dict(self.founded.env, ZHENG_KEY=f"{self.folder}/notary.pem", ZHENG_POLICY=self.founded.policy)
        statement = f"{self.folder}/office/one"
        with open(f"{statement}.txt", "w", encoding="ascii") as file:
            file.write("sent while two are gone\n")
        signed = run(self.zheng, "sign", "--policy", self.founded.policy, "--key", f"{self.folder}/notary.pem", "--issuer", "notary",
                     "--out", statement, f"{statement}.txt", env=env)
        if signed.returncode != 0:
            raise Failed(f"zheng sign: {signed.stderr}")
        send = [self.zheng, "append", self.node("v1").url, "--cacert", self.authority.file, "--statements", statement, "--timeout", "14",
                "--json"]
        done = run(*send, env=env)
        if done.returncode == 0:
            raise Failed(f"two of four validators have acknowledged something: {done.stdout}")
        tell(f"with two of four gone nothing was acknowledged: exit {done.returncode}")
        still.send(signal.SIGCONT)
        self.node("v4").start()
        end = time.monotonic() + 90
        while (done := run(*send, env=env)).returncode != 0:
            if time.monotonic() > end:
                raise Failed(f"it is not recorded when all are there again: {done.stdout}{done.stderr}")
        receipt = json.loads(done.stdout.splitlines()[-1])
        self.office.acknowledged[receipt["index"]] = receipt["id"]
        self.same("all are there again; the same statement was sent again, and is recorded once")

    def without_board(self):
        """etcd is lost with all that it had."""
        if not self.etcd:
            return
        say("etcd is lost, with everything on it.")
        self.etcd.end(signal.SIGKILL)
        self.etcd.wipe()
        for number in range(4):
            self.office.line(f"without etcd, line {number}")
        tell("the validators went on directly")
        self.start_etcd()
        for number in range(4):
            self.office.line(f"with a new etcd, line {number}")
        mine = f"/zheng/{self.founded.id}/by/".encode()
        until("the new etcd is filled", 60, lambda: self.count(mine))
        self.same("a new, empty etcd was started, and the validators post on it again")

    def count(self, prefix):
        """How many keys of etcd begin with `prefix`, as etcd's administrator sees them."""
        for member in self.etcd.members:
            login = member.call("/v3/auth/authenticate", name="root", password="password of root")
            if login:
                got = member.call("/v3/kv/range", login["token"], **span(prefix), count_only=True)
                return int((got or {}).get("count", 0))
        return 0

    def lie(self):
        """One votes for two blocks of one round."""
        say("v4 lies: with its key two votes of one round are made, for two blocks (by openssl, and none of our code).")
        if not self.etcd:
            return tell("left out: it shows them on the notice board, and there is none")
        self.same("before")
        self.node("v4").end()
        members = json.loads(self.founded.must("members", self.founded.ledger("v4"), "--json", of="v4"))
        Liar(self.founded, "v4").vote_twice(self.etcd, members["nextBlock"], user=("v4", "password of v4"))
        found = until("somebody has noticed", 60, self.evidence)
        tell(f"{found['validator']} is caught: {found['path']}")
        check = run(self.zheng, "check", found["path"], "--ledger", self.founded.ledger("v2"), env=self.founded.env)
        if check.returncode != 0 or "v4" not in check.stdout:
            raise Failed(f"zheng check of the evidence: {check.stdout}{check.stderr}")
        alone = run(self.zheng, "check", found["path"], "--policy", self.founded.policy, env=self.founded.env)
        if alone.returncode != 1:
            raise Failed(f"a policy names no vote keys, and yet: {alone.stdout}")
        tell("another operator judges the file with its own copy of the ledger; a policy alone says that it does not know the vote key")
        record = self.office.record(f"consortium record @ {found['path']}", "court", node=self.node("v2"))
        tell(f"the court records it: entry {record['index']}; each validator has judged it again")
        self.office.line("the other three go on", node=self.node("v1"))
        self.node("v4").start()
        for number in range(3):
            self.office.line(f"and v4's node takes statements, line {number}", node=self.node("v4"))
        until("v4 has asked the others what it may have signed", 60, lambda: self.node("v4").status()["state"] == "working")
        return self.same("v4 was started again; it asked the others what it may have signed, and takes part again")

    def evidence(self):
        """What any of the three has kept about v4."""
        for name in NAMES[:3]:
            done = run(self.zheng, "consortium", "misconduct", self.founded.ledger(name), "--json", env=self.founded.env_of(name))
            for line in done.stdout.splitlines():
                found = json.loads(line)
                if found.get("ok") and found["validator"] == "v4":
                    return found
        return None

    def end(self):
        """All end; every copy is verified."""
        say("All nodes end, and every copy of the ledger is verified against the policy.")
        for node in self.nodes:
            node.end()
        (size, root), records = verified(self.founded, self.office.acknowledged)
        tell(f"four equal roots: {size} entries, root {root}")
        if self.office.again:
            tell(f"commands that were given again, by the reason: {self.office.again}")
        tell(f"{records} records, among them all {len(self.office.acknowledged)} that were acknowledged here, under their index and id")

    def close(self):
        """Ends what still runs."""
        for node in self.nodes:
            node.end(signal.SIGKILL)
        if self.etcd:
            self.etcd.end(signal.SIGKILL)


def span(prefix):
    """The range of all keys of etcd that begin with `prefix`, which ends with a slash."""
    return {"key": text(prefix), "range_end": text(prefix[:-1] + b"0")}


def main():
    parser = argparse.ArgumentParser(description="Four validators with three members of etcd, on this machine.")
    parser.add_argument("zheng")
    parser.add_argument("--keep", help="a new folder for everything, which stays")
    parser.add_argument("--peers-only", action="store_true", help="without etcd")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zheng-consortium-") as scratch:
        folder = os.path.abspath(given.keep or f"{scratch}/all")
        os.makedirs(folder)
        show = Show(os.path.abspath(given.zheng), folder, None if given.peers_only else find_etcd())
        began = time.monotonic()
        try:
            show.begin()
            say("An item of evidence, each step through another node.")
            evidence(show.office)
            say("Government data are shared, each step through another node.")
            sharing(show.office)
            show.same("the four copies")
            say("One node makes a proof; it is checked offline, with the policy.")
            show.proofs()
            show.status()
            say("v2 is killed (kill -9), and started again.")
            show.crash()
            say("v3 is cut off; then v4 is killed too, so that two of four are left.")
            show.silence()
            show.without_board()
            show.lie()
            show.status()
            show.end()
        except (Failed, subprocess.TimeoutExpired) as failed:
            print(f"\nFAILED: {failed}", file=sys.stderr)
            for node in show.nodes:
                if os.path.exists(node.log):
                    print(f"\n{node.log}:\n{node.tail(12)}", file=sys.stderr)
            return 1
        finally:
            show.close()
        say(f"Done, in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
