#!/usr/bin/env python3
"""Four validators' nodes and three members of etcd in network namespaces of this machine, under load, while everything fails in turn.

    python3 Tests/Soak/namespaces.py .build/release/zheng [--minutes 10] [--seed S] [--proxies] [--only FAULT,…] [--keep FOLDER]

Partitions by iptables, loss and delay by tc; where the machine allows no namespaces (that takes root), by proxies of TCP that hold back what they
carry. The other faults: kill -9, SIGSTOP, a clock that is off (faketime), a journal that is lost, etcd killed, emptied, and set back to an older
state. Clients append through each node all the while. After each fault all nodes must go on; at the end all four copies must verify and have one
root, everything that was acknowledged must be in each of them under its index and id, and nobody may have been accused. Prints the seed.
"""
import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Consortium"))
from cluster import (  # noqa: E402
    NAMES, Etcd, EtcdMember, Failed, Founded, Node, find_etcd, find_faketime, free_ports, own_host, run, settled, until, verified)

BOARD = ("e1", "e2", "e3")
NODE_PORT, CLIENT_PORT, PEER_PORT = 8080, 2379, 2380
# How long after a fault has ended all nodes may take to go on, in s: timers grow to 60 s where rounds fail.
RECOVERY = 150


class Namespaces:
    """Every process in a network namespace of its own, on one bridge."""

    def __init__(self):
        self.tag = f"z{os.getpid() % 10000}"
        self.subnet = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
        self.hosts = {name: f"{self.subnet}.{number}" for number, name in enumerate(NAMES + BOARD, 1)}

    @staticmethod
    def is_possible():
        """Whether this machine allows all of it."""
        if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("ip", "tc", "iptables")):
            return False
        name = f"ztry{os.getpid() % 10000}"
        try:
            return run("ip", "netns", "add", name).returncode == 0 and all(
                run("ip", "netns", "exec", name, *words.split()).returncode == 0
                for words in ("ip link set lo up", "tc qdisc add dev lo root tbf rate 1mbit burst 32kbit latency 400ms",
                              "iptables -A INPUT -m statistic --mode random --probability 0.1 -j DROP"))
        finally:
            run("ip", "netns", "del", name)

    def space(self, name):
        return f"{self.tag}-{name}"

    def begin(self):
        """Makes them."""
        self.ip("link", "add", self.tag, "type", "bridge")
        self.ip("addr", "add", f"{self.subnet}.254/24", "dev", self.tag)
        self.ip("link", "set", self.tag, "up")
        for name, host in self.hosts.items():
            space, end = self.space(name), f"{self.tag}{name}"
            self.ip("netns", "add", space)
            self.ip("link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", space)
            self.ip("link", "set", end, "master", self.tag, "up")
            for words in ("link set lo up", f"addr add {host}/24 dev eth0", "link set eth0 up"):
                self.ip("-n", space, *words.split())

    def end(self):
        """Removes them."""
        for name in self.hosts:
            run("ip", "netns", "del", self.space(name))
            run("ip", "link", "del", f"{self.tag}{name}")
        run("ip", "link", "del", self.tag)

    @staticmethod
    def ip(*words):
        done = run("ip", *words)
        if done.returncode != 0:
            raise Failed(f"ip {' '.join(words)}: {done.stderr}")

    def prefix(self, name):
        """What a program runs in."""
        return ["ip", "netns", "exec", self.space(name)]

    def address(self, name):
        """Where it listens."""
        return self.hosts[name], {"node": NODE_PORT, "client": CLIENT_PORT, "peer": PEER_PORT}

    def url(self, _source, name, use):
        """How one reaches another."""
        return f"http://{self.hosts[name]}:{self.address(name)[1][use]}"

    def cut(self, groups):
        """Members of one group reach those of another no more."""
        for group in groups:
            for other in groups:
                if other is group:
                    continue
                for name in group:
                    for far in other:
                        for chain, way in (("INPUT", "-s"), ("OUTPUT", "-d")):
                            self.inside(name, "iptables", "-A", chain, way, self.hosts[far], "-j", "DROP")

    def spoil(self, names, loss, delay):
        """What these send comes late, in ms, and what they send and get is lost now and then, in percent. Where the kernel has no netem a
        line of 1 Mbit/s does in the place of the delay."""
        for name in names:
            chance = ("-m", "statistic", "--mode", "random", "--probability", str(loss / 100), "-j", "DROP")
            self.inside(name, "iptables", "-A", "INPUT", *chance)
            self.inside(name, "iptables", "-A", "OUTPUT", *chance)
            queue = ("tc", "qdisc", "replace", "dev", "eth0", "root")
            if run(*self.prefix(name), *queue, "netem", "delay", f"{delay}ms", f"{delay // 3}ms").returncode != 0:
                self.inside(name, *queue, "tbf", "rate", "1mbit", "burst", "32kbit", "latency", "400ms")

    def heal(self):
        """All is well again."""
        for name in self.hosts:
            self.inside(name, "iptables", "-F")
            run(*self.prefix(name), "tc", "qdisc", "del", "dev", "eth0", "root")

    def inside(self, name, *command):
        done = run(*self.prefix(name), *command)
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stderr}")


class Proxy(threading.Thread):
    """Carries the connections from one to another; holds back what they carry while it is cut."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target, self.delay, self.open = target, 0.0, threading.Event()
        self.open.set()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.place = self.socket.getsockname()
        self.start()

    def run(self):
        while True:
            try:
                near, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        self.open.wait()
        try:
            far = socket.create_connection(self.target, timeout=10)
            far.settimeout(None)
        except OSError:
            near.close()
            return
        threading.Thread(target=self.pump, args=(near, far), daemon=True).start()
        self.pump(far, near)

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                self.open.wait()
                time.sleep(random.uniform(0, 2 * self.delay))
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


class Proxies:
    """Everything on the loopback interface; what a node sends to another, or to etcd, goes through a proxy."""

    def __init__(self):
        self.host = own_host()
        ports = iter(free_ports(len(NAMES) + 2 * len(BOARD), self.host))
        self.ports = {name: {"node": next(ports)} for name in NAMES}
        self.ports |= {name: {"client": next(ports), "peer": next(ports)} for name in BOARD}
        self.proxies = {}

    def begin(self):
        """Nothing to make."""

    def end(self):
        for proxy in self.proxies.values():
            proxy.open.set()
            proxy.socket.close()

    def prefix(self, _name):
        return []

    def address(self, name):
        return self.host, self.ports[name]

    def url(self, source, name, use):
        place = self.host, self.ports[name][use]
        # The members of etcd, and who looks from outside, are not held back.
        if source in NAMES:
            proxy = self.proxies.get((source, name))
            if proxy is None:
                proxy = self.proxies[source, name] = Proxy(place)
            place = proxy.place
        return "http://{}:{}".format(*place)

    def cut(self, groups):
        place = {name: number for number, group in enumerate(groups) for name in group}
        for (source, name), proxy in self.proxies.items():
            if source in place and name in place and place[source] != place[name]:
                proxy.open.clear()

    def spoil(self, names, _loss, delay):
        for (source, _), proxy in self.proxies.items():
            proxy.delay = delay / 1000 if source in names else 0.0

    def heal(self):
        for proxy in self.proxies.values():
            proxy.delay = 0.0
            proxy.open.set()


class Load(threading.Thread):
    """One client of one node: appends a line, waits until it is acknowledged, and goes on; starts again where the node was gone."""

    def __init__(self, founded, node, report, pause):
        super().__init__(daemon=True)
        self.founded, self.node, self.report, self.pause, self.running = founded, node, report, pause, True
        self.process, self.line = None, 0

    def run(self):
        env = dict(self.founded.env, ZHENG_STATE=f"{self.founded.folder}/client-{self.node.name}")
        while self.running:
            with open(f"{self.founded.folder}/client-{self.node.name}.log", "ab") as log:
                self.process = subprocess.Popen(
                    [self.founded.zheng, "append", self.node.url, "--policy", self.founded.policy, "--key",
                     f"{self.founded.folder}/notary.pem", "--timeout", "20", "--json", "--lines", "-"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=env)
            try:
                while self.running:
                    self.process.stdin.write(f"{self.node.name} line {self.line}\n")
                    self.process.stdin.flush()
                    answer = self.process.stdout.readline()
                    if not answer.endswith("\n"):
                        break
                    told = json.loads(answer)
                    # What is not proven, because the node was gone before it gave the proof, is not acknowledged.
                    if "index" in told:
                        self.report(self.node.name, told["index"], told["id"])
                    self.line += 1
                    time.sleep(self.pause)
            except (BrokenPipeError, ValueError):
                pass
            self.process.kill()
            self.process.wait()
            time.sleep(0.5)

    def end(self):
        self.running = False
        if self.process:
            self.process.kill()


class Acknowledged:
    """What clients were told, from all nodes: one statement for each index, or the ledger has two histories."""

    def __init__(self):
        self.lock, self.all, self.last, self.wrong = threading.Lock(), {}, {}, []

    def __call__(self, node, index, statement):
        with self.lock:
            if self.all.setdefault(index, statement) != statement:
                self.wrong.append((node, index, statement, self.all[index]))
            self.last[node] = time.monotonic()

    def newest(self):
        """When anybody was told something last."""
        with self.lock:
            return max(self.last.values(), default=0.0)

    def count(self):
        with self.lock:
            return len(self.all)


class Trial:
    """All of it."""

    def __init__(self, zheng, folder, network, etcd, seed):
        self.network, self.folder, self.random = network, folder, random.Random(seed)
        self.founded = Founded(zheng, folder)
        self.told = Acknowledged()
        self.etcd = None
        if etcd:
            members = []
            for name in BOARD:
                host, ports = network.address(name)
                members.append(EtcdMember(etcd, name, host, (ports["client"], ports["peer"]), folder, network.prefix(name)))
            self.etcd = Etcd(members)
        self.nodes = []
        for name in NAMES:
            host, ports = network.address(name)
            self.nodes.append(Node(self.founded, name, host, ports["node"], f"{folder}/{name}.log", network.prefix(name)))
        for node in self.nodes:
            # A member's token goes over https alone, or to the same machine.
            node.options = ["--read", "public"] + [f"--peer={other}={network.url(node.name, other, 'node')}" for other in NAMES if other != node.name]
            if self.etcd:
                boards = ",".join(network.url(node.name, member, "client") for member in BOARD)
                node.options += ["--board", boards, "--own-url", node.url]
        self.loads = [Load(self.founded, node, self.told, 0.02) for node in self.nodes]
        self.recoveries = []
        self.snapshot = None
        # The newest restart file that is in force.
        self.paper = None

    def begin(self):
        if self.etcd:
            self.etcd.start()
        for node in self.nodes:
            node.start()
        for load in self.loads:
            load.start()
        until("the first acknowledgement", 60, self.told.count)

    def close(self):
        for load in self.loads:
            load.end()
        for node in self.nodes:
            node.end(signal.SIGKILL)
        if self.etcd:
            self.etcd.end(signal.SIGKILL)

    # Faults. Each ends by itself.

    def hold(self, least, most):
        """Lets some seconds pass."""
        time.sleep(self.random.uniform(least, most))

    def halves(self):
        """2-2: nobody has a quorum, so nobody may be told anything."""
        names = self.random.sample(NAMES, 4)
        self.network.cut([names[:2] + ["e1"], names[2:] + ["e2", "e3"]])
        # What was under way may have been decided before.
        time.sleep(3)
        before = self.told.count()
        self.hold(5, 15)
        if (more := self.told.count() - before) > 0:
            raise Failed(f"{more} records were acknowledged while no three validators reached each other")
        self.network.heal()

    def alone(self):
        """3-1: three go on."""
        name = self.random.choice(NAMES)
        far = [other for other in NAMES if other != name]
        self.network.cut([[name], far + list(BOARD)])
        self.must_go_on("with one cut off", 40)
        self.hold(3, 12)
        self.network.heal()

    def line(self):
        """Two validators and a member of etcd have a bad line."""
        self.network.spoil(self.random.sample(NAMES, 2) + ["e1"], self.random.choice([5, 15, 30]), self.random.choice([10, 50, 120]))
        self.hold(8, 20)
        self.network.heal()

    def kill(self):
        """kill -9, and a start after a while."""
        node = self.random.choice(self.nodes)
        node.end(signal.SIGKILL)
        self.hold(1, 10)
        node.start()

    def kill_all(self):
        """All die at once, as in a power cut of one house."""
        for node in self.nodes:
            node.end(signal.SIGKILL)
        for node in self.random.sample(self.nodes, 4):
            node.start()

    def pause(self):
        """A process that sleeps and wakes with old messages."""
        node = self.random.choice(self.nodes)
        node.send(signal.SIGSTOP)
        self.must_go_on("with one asleep", 40)
        self.hold(2, 15)
        node.send(signal.SIGCONT)

    def clock(self):
        """A clock that is off: by less than blocks may be dated ahead, or by more, so that the validator counts as down."""
        node = self.random.choice(self.nodes)
        offset = self.random.choice(["-25s", "+25s", "-300s", "+300s"])
        print(f"    {node.name} {offset}", flush=True)
        node.end()
        node.start(clock=offset)
        self.must_go_on(f"with one clock at {offset}", 90)
        self.hold(4, 12)
        node.end()
        node.start()

    def journal(self):
        """A journal that is lost: it asks the others what it can have signed."""
        node = self.random.choice(self.nodes)
        node.end(signal.SIGKILL)
        self.lose_journal(node)
        node.start()
        # It counts as down until three others have answered, and for two blocks more.
        until(f"{node.name} knows from where on it may sign", RECOVERY, lambda: (node.status() or {}).get("state") == "working")
        height = node.status()["height"]
        until(f"{node.name} signs again", RECOVERY, lambda: node.status()["height"] > height + 2)

    def restart(self):
        """Two journals are lost, so that no quorum is left that knows what it signed: all operators sign a restart file."""
        for node in self.nodes:
            node.end(signal.SIGKILL)
        lost = self.random.sample(self.nodes, 2)
        for node in lost:
            self.lose_journal(node)
        for node in self.nodes:
            node.start()
        # What was recorded before may still be acknowledged.
        before = settled(self.nodes, RECOVERY)
        self.hold(4, 8)
        if any(node.status()["state"] != "amnesic" for node in lost) or settled(self.nodes) != before:
            raise Failed(f"two validators that have lost their journals go on: {[node.status()['state'] for node in self.nodes]}")
        for node in self.nodes:
            node.end()
        paper = f"{self.folder}/restart-{len(self.recoveries)}"
        # Whoever has its journal knows of a block that was decided and is not final yet.
        for node in sorted(self.nodes, key=lambda node: node in lost):
            begins = [] if os.path.exists(paper) else ["--begin"]
            self.operator(node, "sign", paper, *begins)
        for node in self.nodes:
            self.operator(node, "adopt", paper)
        self.paper = paper
        for node in self.nodes:
            node.start()

    def lose_journal(self, node):
        """Removes what a validator, whose node has ended, has signed; then it learns again which restart is in force."""
        shutil.rmtree(f"{self.founded.state(node.name)}/{self.founded.id}/{node.name}/votes")
        if self.paper:
            self.operator(node, "adopt", self.paper)

    def operator(self, node, action, paper, *options):
        """What an operator does with a restart file on its own machine."""
        self.founded.must(
            "consortium", "restart", action, self.founded.ledger(node.name), paper, "--validator", node.name, *options, of=node.name)

    def board_one(self):
        """A member of etcd is gone for a while."""
        member = self.random.choice(self.etcd.members)
        member.end(signal.SIGKILL)
        self.must_go_on("with two members of etcd", 40)
        self.hold(2, 8)
        member.start(self.etcd.members)

    def board_lost(self):
        """etcd is lost with its data; a new one begins empty."""
        self.etcd.end(signal.SIGKILL)
        self.etcd.wipe()
        self.must_go_on("without etcd", 40)
        self.hold(2, 8)
        self.etcd.start()
        self.snapshot = None

    def board_old(self):
        """etcd is set back to what it was: at the first time it is only copied."""
        self.etcd.end()
        if self.snapshot is None:
            self.snapshot = f"{self.folder}/etcd-snapshot"
            shutil.rmtree(self.snapshot, ignore_errors=True)
            for member in self.etcd.members:
                shutil.copytree(member.data, f"{self.snapshot}/{member.name}")
        else:
            self.etcd.wipe()
            for member in self.etcd.members:
                shutil.copytree(f"{self.snapshot}/{member.name}", member.data)
        self.etcd.start()

    def faults(self):
        """Their names."""
        names = ["halves", "alone", "line", "kill", "kill_all", "pause", "journal", "restart"] + (["clock"] if find_faketime() else [])
        return names + (["board_one", "board_lost", "board_old"] if self.etcd else [])

    # What must hold.

    def must_go_on(self, when, seconds):
        """Sees that somebody is told something new."""
        before = time.monotonic()
        until(f"an acknowledgement {when}", seconds, lambda: self.told.newest() > before)

    def recovered(self):
        """Sees that each node, whatever happened to it, acknowledges again and has what was acknowledged until now."""
        began = time.monotonic()
        newest = max(self.told.all, default=0)
        for node in self.nodes:
            until(f"{node.name} acknowledges again", RECOVERY, lambda: self.told.last.get(node.name, 0.0) > began)
            until(f"{node.name} has all that was acknowledged", RECOVERY, lambda: (node.checkpoint() or (0, ""))[0] > newest)
        self.recoveries.append(time.monotonic() - began)
        if self.told.wrong:
            raise Failed(f"two statements were acknowledged at one index: {self.told.wrong[0]}")
        for node in self.nodes:
            status = node.status()
            if status is None or status["misconduct"] != 0:
                raise Failed(f"{node.name} accuses somebody, and nobody lies: {status}")

    def end(self):
        for load in self.loads:
            load.end()
        for load in self.loads:
            load.join()
        size, root = settled(self.nodes, RECOVERY)
        for node in self.nodes:
            status = node.end()
            if status != 0:
                raise Failed(f"{node.name} ended with {status}\n{node.tail()}")
        (verified_size, verified_root), records = verified(self.founded, self.told.all)
        if (int(verified_size), verified_root) != (size, root):
            raise Failed(f"the nodes showed {size} {root}, and the copies end with {verified_size} {verified_root}")
        return size, root, records


def main():
    parser = argparse.ArgumentParser(description="Four validators and three members of etcd, under load, while everything fails in turn.")
    parser.add_argument("zheng")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--proxies", action="store_true", help="although namespaces are possible")
    parser.add_argument("--peers-only", action="store_true", help="without etcd")
    parser.add_argument("--only", help="these faults alone, with commas, in turn")
    parser.add_argument("--keep", help="a new folder for everything, which stays")
    given = parser.parse_args()
    in_spaces = not given.proxies and Namespaces.is_possible()
    etcd = None if given.peers_only else find_etcd()
    print(
        f"--seed {given.seed}; {'network namespaces' if in_spaces else 'proxies'}; "
        f"{'three members of etcd' if etcd else 'no etcd: the validators reach each other directly alone'}; "
        f"{'clocks by faketime' if find_faketime() else 'no faketime: clocks stay right'}", flush=True)
    network = Namespaces() if in_spaces else Proxies()
    with tempfile.TemporaryDirectory(prefix="zheng-namespaces-") as scratch:
        folder = os.path.abspath(given.keep or f"{scratch}/all")
        os.makedirs(folder)
        trial, counts, began = None, {}, time.monotonic()
        try:
            network.begin()
            trial = Trial(os.path.abspath(given.zheng), folder, network, etcd, given.seed)
            trial.begin()
            queue = []
            while time.monotonic() - began < given.minutes * 60:
                # Each comes once before any comes again.
                if not queue:
                    queue = given.only.split(",") if given.only else trial.random.sample(trial.faults(), len(trial.faults()))
                name = queue.pop(0)
                print(f"  {time.monotonic() - began:6.0f} s  {name}  ({trial.told.count()} acknowledged)", flush=True)
                getattr(trial, name)()
                trial.recovered()
                counts[name] = counts.get(name, 0) + 1
            size, root, records = trial.end()
        except (Failed, subprocess.TimeoutExpired) as failed:
            print(f"\nFAILED: {failed}\n--seed {given.seed}", file=sys.stderr)
            for node in trial.nodes if trial else []:
                if os.path.exists(node.log):
                    print(f"\n{node.log}:\n{node.tail(15)}", file=sys.stderr)
            return 1
        finally:
            if trial:
                trial.close()
            network.end()
    print(json.dumps({
        "seconds": round(time.monotonic() - began), "faults": counts, "acknowledged": trial.told.count(), "records": records,
        "entries": size, "recovery_seconds": {"median": round(sorted(trial.recoveries)[len(trial.recoveries) // 2], 1),
                                              "longest": round(max(trial.recoveries), 1)}}, indent=2))
    print(f"four equal roots, {root}; nothing acknowledged is missing, and nobody was accused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
