"""Four validators' nodes and three members of etcd on one machine, for the demonstration and for the outside run. Standard library only.

Every process is ended by its own id. Nothing here shares code with what it runs: messages are encoded, and signatures made, by `liar.py`.
"""
import base64
import glob
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

NAMES = ("v1", "v2", "v3", "v4")
QUORUM = 3
# Whatever the environment says of proxies is for other machines.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failed(Exception):
    """What was to be shown is not so."""


def run(*command, env=None, stdin=None, seconds=120, passing=(), cwd=None):
    """A command's end: its status, standard output and standard error."""
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, env=env, input=stdin, pass_fds=passing, cwd=cwd,
        check=False)


def must(*command, **options):
    """A command's standard output; fails where the command does."""
    done = run(*command, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def until(what, seconds, true, pause=0.1):
    """Waits until `true()` gives something that is true, and gives that; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if result := true():
            return result
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(pause)


def own_host():
    """A loopback address that nobody else uses: a port that is free there stays free, since who connects, and who asks for any port,
    gets one at 127.0.0.1."""
    return ".".join(["127"] + [str(random.randint(1, 254)) for _ in range(3)])


def free_ports(count, host):
    """Ports that are free at `host`."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((host, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def answer(url, path, body=None, headers=(), seconds=5, authority=None):
    """The status and the bytes of an answer; None where nobody answers. With `authority` (`authority.py`) only a server of its is asked."""
    request = urllib.request.Request(url + path, body, dict(headers))
    try:
        with (authority.opener if authority else OPENER).open(request, timeout=seconds) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return None


class Process:
    """A program that runs until it is told to stop."""

    def __init__(self, name, command, log, env=None, stdout=subprocess.DEVNULL):
        self.name = name
        with open(log, "ab") as sink:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=sink, env=env)

    @property
    def is_running(self):
        return self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM, seconds=60):
        """Ends it by a signal; a program that sleeps is woken first."""
        if self.is_running:
            self.process.send_signal(number)
            if number != signal.SIGKILL:
                self.process.send_signal(signal.SIGCONT)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        return status


class Founded:
    """A ledger that `zheng found` has founded by four: a directory, a STATE and keys for each, and the members' keys."""

    MEMBERS = {
        "bureau": ("市大数据局", "Data Bureau", ["authority"]),
        "notary": ("公证处", "Notary Office", ["collector", "custodian", "notary", "demander"]),
        "lab": ("司法鉴定所", "Forensic Laboratory", ["custodian", "examiner", "provider"]),
        "court": ("中级人民法院", "Intermediate Court", ["court"]),
    }

    def __init__(self, zheng, folder, say=lambda text: None):
        self.zheng, self.folder = zheng, folder
        os.makedirs(f"{folder}/office")
        self.env = dict(os.environ, ZHENG_LANG="en", ZHENG_STATE=f"{folder}/office/state")
        for name in self.MEMBERS:
            self.must("key", "new", f"{folder}/{name}.pem", "--public", f"{folder}/{name}.pub.pem")
        say("Each validator makes its own keys; one founder makes the log key, which all get, under a passphrase.")
        validators = [json.loads(self.must("found", "keys", name, "--keys", f"{folder}/{name}-keys", "--json")) for name in NAMES]
        log = f"{folder}/log.pem"
        self.secretly("key", "new", log, "--algorithm", "ed25519", "--passphrase", "--public", f"{folder}/log.pub.pem")
        consortium = {
            "origin": "zhengzhou.example/consortium",
            "name": {"zh": "郑州联盟示范链", "en": "Zhengzhou consortium"},
            "members": [{"id": name, "name": {"zh": zh, "en": en}, "roles": roles, "keys": [f"{name}.pub.pem"]}
                        for name, (zh, en, roles) in self.MEMBERS.items()],
            "administrators": {"members": ["bureau", "court"], "threshold": 2},
            "log": "log.pub.pem", "validators": validators, "quorum": QUORUM,
        }
        with open(f"{folder}/consortium.json", "w", encoding="utf-8") as file:
            json.dump(consortium, file, ensure_ascii=False, indent=2)
        say("An administrator proposes the founding; the file goes round, each signs, and each makes its copy of the ledger.")
        paper = f"{folder}/city.founding"
        self.must("found", "propose", paper, "--consortium", f"{folder}/consortium.json", "--key", f"{folder}/bureau.pem")
        for name in NAMES:
            self.must("found", "sign", paper, "--validator", name, "--keys", f"{folder}/{name}-keys", of=name)
        for name in NAMES:
            made = self.secretly("found", "finish", self.ledger(name), paper, "--validator", name, "--keys",
                                 f"{folder}/{name}-keys", "--log-key", log, "--json", of=name)
            self.id = json.loads(made)["ledger"]
            shutil.rmtree(f"{folder}/{name}-keys")
        os.remove(log)
        # What the others trust: it lies outside of every validator's directory.
        self.policy = shutil.copy(f"{self.ledger('v1')}/policy", f"{folder}/policy")

    def ledger(self, name):
        """The directory of a validator's copy."""
        return f"{self.folder}/{name}/ledger"

    def state(self, name):
        """The STATE of a validator's machine."""
        return f"{self.folder}/{name}/state"

    def env_of(self, name):
        """The environment of a validator's machine."""
        os.makedirs(f"{self.folder}/{name}", exist_ok=True)
        return dict(self.env, ZHENG_STATE=self.state(name))

    def must(self, *arguments, of=None, **options):
        """What `zheng` prints: at the office, or on a validator's machine."""
        return must(self.zheng, *arguments, env=self.env_of(of) if of else self.env, **options)

    def secretly(self, *arguments, **options):
        """The same, with the log key's passphrase."""
        reading, writing = os.pipe()
        try:
            os.write(writing, b"four together\n")
            os.close(writing)
            return self.must(*arguments, "--key-passphrase-fd", str(reading), passing=(reading,), **options)
        finally:
            os.close(reading)


class Node:
    """A validator's node; over TLS where there is an `authority` (`authority.py`)."""

    def __init__(self, founded, name, host, port, log, prefix=(), authority=None):
        self.founded, self.name, self.host, self.port, self.log, self.authority = founded, name, host, port, log, authority
        self.url = f"{'https' if authority else 'http'}://{host}:{port}"
        self.certificate = authority.certificate(name, host) if authority else None
        # What it runs in, such as a network namespace.
        self.prefix, self.options, self.process = list(prefix), [], None

    def start(self, clock=None, seconds=60):
        """Starts it; returns when it answers. With `clock`, such as "+30s", under another time (`find_faketime`)."""
        # The library adds to the environment of the first program that it is loaded into, and Swift's arguments are found by that: so the
        # first is another one.
        faked = ["env", f"LD_PRELOAD={find_faketime()}", f"FAKETIME={clock}", "FAKETIME_DONT_FAKE_MONOTONIC=1", "env"] if clock else []
        command = self.prefix + faked + [
            self.founded.zheng, "node", self.founded.ledger(self.name), "--validator", self.name, "--listen",
            f"{self.host}:{self.port}", *self.options]
        if self.certificate:
            command += ["--tls-cert", self.certificate[0], "--tls-key", self.certificate[1]]
        self.process = Process(self.name, command, self.log, env=self.founded.env_of(self.name))
        until(f"{self.name} answers ({self.log})", seconds, lambda: self.health() is not None or not self.process.is_running)
        if not self.process.is_running:
            raise Failed(f"{self.name} ended: exit {self.process.process.returncode}; {self.log} says why\n{self.tail()}")

    def lines(self):
        """The lines of its log."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.readlines()

    def tail(self, lines=5):
        """The end of its log."""
        return "".join(self.lines()[-lines:])

    def end(self, number=signal.SIGTERM):
        """Ends it."""
        if self.process:
            status = self.process.end(number)
            self.process = None
            return status
        return None

    def send(self, number):
        """Sends it a signal."""
        self.process.send(number)

    @property
    def is_running(self):
        return self.process is not None and self.process.is_running

    def get(self, path, seconds=5):
        """The bytes of a good answer; None for any other."""
        got = answer(self.url, path, seconds=seconds, authority=self.authority)
        return got[1] if got and got[0] == 200 else None

    def health(self):
        """What /health says, whatever the status; None where nobody answers."""
        got = answer(self.url, "/health", seconds=2, authority=self.authority)
        return json.loads(got[1]) if got else None

    def status(self):
        """What it says of the consortium."""
        got = self.get("/consensus/status")
        return json.loads(got) if got else None

    def checkpoint(self, seconds=5):
        """The size and the root of its newest checkpoint."""
        note = self.get("/checkpoint", seconds)
        if note is None:
            return None
        _, size, root, *_ = note.decode().split("\n")
        return int(size), root


class EtcdMember:
    """A member of etcd; over TLS where there is an `authority` (`authority.py`), else for networks that nobody else is in."""

    def __init__(self, binary, name, host, ports, folder, prefix=(), authority=None):
        self.binary, self.name, self.host, self.folder, self.prefix = binary, name, host, folder, list(prefix)
        self.authority = authority
        self.client, self.peer = (f"{'https' if authority else 'http'}://{host}:{port}" for port in ports)
        # As in Examples/consortium/etcd.yaml: clients come in by password, members by certificate.
        self.options = []
        if authority:
            file, key = authority.certificate(name, host)
            self.options = ["--cert-file", file, "--key-file", key, "--peer-cert-file", file, "--peer-key-file", key,
                            "--peer-trusted-ca-file", authority.file, "--peer-client-cert-auth"]
        self.process = None

    @property
    def data(self):
        return f"{self.folder}/{self.name}"

    def start(self, members, is_new=True):
        """Starts it as one of `members`."""
        command = self.prefix + [
            self.binary, "--name", self.name, "--data-dir", self.data, "--listen-client-urls", self.client,
            "--advertise-client-urls", self.client, "--listen-peer-urls", self.peer, "--initial-advertise-peer-urls", self.peer,
            "--initial-cluster", ",".join(f"{member.name}={member.peer}" for member in members), "--initial-cluster-token",
            "zheng", "--initial-cluster-state", "new" if is_new else "existing", "--logger", "zap",
            "--log-level", "error", *self.options]
        self.process = Process(self.name, command, f"{self.folder}/{self.name}.log")

    def end(self, number=signal.SIGTERM):
        """Ends it."""
        if self.process:
            self.process.end(number)
            self.process = None

    def call(self, path, token=None, **body):
        """The answer of its JSON gateway; None where there is none."""
        headers = [("Content-Type", "application/json")] + ([("Authorization", token)] if token else [])
        got = answer(self.client, path, json.dumps(body).encode(), headers, authority=self.authority)
        return json.loads(got[1]) if got and got[0] == 200 else None


class Etcd:
    """Three members of etcd."""

    def __init__(self, members):
        self.members = members

    @property
    def urls(self):
        return [member.client for member in self.members]

    def start(self):
        """Starts all, with whatever data they have."""
        for member in self.members:
            member.start(self.members)
        self.wait()

    def wait(self):
        """Waits until they agree."""
        until("etcd has a leader", 180, lambda: self.keys(b"/", b"0") is not None)

    def end(self, number=signal.SIGTERM):
        """Ends all."""
        for member in self.members:
            member.end(number)

    def wipe(self):
        """Removes all that they have, when they have ended."""
        for member in self.members:
            shutil.rmtree(member.data, ignore_errors=True)

    def keys(self, start, end):
        """The number of keys from `start` up to `end`; None where no member answers."""
        for member in self.members:
            got = member.call("/v3/kv/range", key=text(start), range_end=text(end), count_only=True)
            if got is not None:
                return int(got.get("count", 0))
        return None


def text(data):
    """Bytes as the gateway has them."""
    return base64.b64encode(data).decode()


def installed(package):
    """Whether Debian's package is there, or could be installed now."""
    if run("sh", "-c", f"dpkg -s {package}").returncode == 0:
        return True
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    # A service that the package brings is not started.
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
    words = f"apt-get update -q && apt-get install -y -q --no-install-recommends {package}"
    return run("sh", "-c", words, env=env, seconds=600).returncode == 0


def find_etcd():
    """etcd's program: what ETCD names, on the PATH, or Debian's package; None where there is none."""
    given = os.environ.get("ETCD") or shutil.which("etcd")
    if given is None and installed("etcd-server"):
        given = shutil.which("etcd")
    return given


def find_faketime():
    """The library that gives a program another clock, Debian's package; None where there is none."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found and installed("libfaketime"):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def settled(nodes, seconds=120):
    """Waits until all nodes have one checkpoint, and gives it: size and root."""
    seen = {}

    def same():
        for node in nodes:
            seen[node.name] = node.checkpoint()
        return len(set(seen.values())) == 1 and None not in seen.values()

    try:
        until("the nodes have one checkpoint", seconds, same, pause=0.3)
    except Failed as failed:
        raise Failed(f"{failed}: {seen}") from None
    return next(iter(seen.values()))


def verified(founded, acknowledged, names=NAMES):
    """Sees that each copy verifies, that all end with one root, and that everything acknowledged is in each under its index and id.

    The nodes have ended. `acknowledged` is {index: statement id}.
    """
    roots, count = set(), 0
    for name in names:
        ledger = founded.ledger(name)
        founded.must("verify", ledger, "--policy", founded.policy, of=name, seconds=600)
        note = founded.must("checkpoint", ledger, of=name).split("\n")
        roots.add((note[1], note[2]))
        there = {}
        for line in founded.must("list", ledger, "--json", of=name, seconds=600).splitlines():
            record = json.loads(line)
            there[record["index"]] = record["id"]
        lost = [(index, record) for index, record in acknowledged.items() if there.get(index) != record]
        if lost:
            raise Failed(f"{name}: {len(lost)} acknowledged records are not there, the first at {lost[0]}")
        count = len(there)
    if len(roots) != 1:
        raise Failed(f"the copies end differently: {roots}")
    return next(iter(roots)), count
