"""The C2SP formats that a ledger's proofs and exports are made of, read with the standard library and PyPI's
`cryptography`. Written from the specifications alone (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature,
tlog-policy; RFC 6962): it shares no code with the ledger, so that the two check each other."""

import base64
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """What was given does not prove what it should, and why."""


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def tree_root(leaves):
    """RFC 6962 section 2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"")
    level = list(leaves)
    while len(level) > 1:
        level = [node_hash(*level[i : i + 2]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
    return level[0]


def root_from_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2: the root that an inclusion proof gives."""
    if index >= size:
        raise Refused("the index lies outside the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Refused("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise Refused("the inclusion proof is too short")
    return r


class VKey:
    """A verifier key, `name+hex(id)+base64(type || key)`."""

    def __init__(self, text):
        self.name, key_id, material = text.split("+", 2)
        raw = base64.b64decode(material, validate=True)
        self.type, self.raw = raw[0], raw[1:]
        self.id = bytes.fromhex(key_id)
        if sha256(self.name.encode() + b"\n" + raw)[:4] != self.id:
            raise Refused(f"the key id of {self.name} does not fit its key")
        self.key = Ed25519PublicKey.from_public_bytes(self.raw)

    def verify(self, blob, text):
        """The cosignature's time in s, or None for a plain signature; raises where it does not hold."""
        try:
            if self.type == 1:
                self.key.verify(blob, text.encode())
                return None
            if self.type == 4:
                time = int.from_bytes(blob[:8], "big")
                self.key.verify(blob[8:], f"cosignature/v1\ntime {time}\n{text}".encode())
                return time
        except InvalidSignature:
            raise Refused(f"the signature of {self.name} does not hold") from None
        raise Refused(f"{self.name} signs with the unknown type {self.type}")


class Note:
    """A signed note: its text, and lines of (name, key id, signature)."""

    def __init__(self, note):
        body, _, lines = note.rpartition("\n\n")
        self.text = body + "\n"
        self.lines = []
        for line in lines.splitlines():
            dash, name, blob = line.split(" ")
            if dash != "—":
                raise Refused("a line that is no signature")
            raw = base64.b64decode(blob, validate=True)
            self.lines.append((name, raw[:4], raw[4:]))

    def verified(self, key):
        """(True, time) where `key` has signed this note; (False, None) where it has not."""
        for name, key_id, blob in self.lines:
            if (name, key_id) == (key.name, key.id):
                return True, key.verify(blob, self.text)
        return False, None


class Policy:
    """A trust policy: logs, witnesses, groups and the quorum."""

    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        self.ledger, self.blocks = None, (0, float("inf"))
        for line in text.splitlines():
            words = line.split()
            if words[:2] == ["#", "ledger"] and len(words) == 3 and re.fullmatch("[0-9a-fA-F]{64}", words[2]):
                self.ledger = bytes.fromhex(words[2])
            if words[:2] == ["#", "blocks"] and len(words) == 3 and re.search("[0-9]", words[2]):
                first, last = words[2].split("-")
                self.blocks = (int(first), int(last) if last else float("inf"))
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log":
                self.logs.append(VKey(words[1]))
            elif words[0] == "witness":
                self.witnesses[words[1]] = VKey(words[2])
            elif words[0] == "group":
                members = words[3:]
                count = {"any": 1, "all": len(members)}.get(words[2]) or int(words[2])
                self.groups[words[1]] = (count, members)
            elif words[0] == "quorum":
                self.quorum = words[1]
            else:
                raise Refused(f"the policy has a line {line!r}")

    def require_block(self, height):
        """Refuses a block in which the policy's validators did not hold office."""
        if not self.blocks[0] <= height <= self.blocks[1]:
            last = "" if self.blocks[1] == float("inf") else self.blocks[1]
            raise Refused(f"the policy is for blocks {self.blocks[0]}-{last}, and this is block {height}")

    def evaluate(self, note):
        """(log key, size, root, {witness: time}, time by which it existed)."""
        origin, size, root = note.text.splitlines()[:3]
        logs = [log for log in self.logs if log.name == origin and note.verified(log)[0]]
        if not logs:
            raise Refused("no log of the policy has signed the checkpoint")
        times = {}
        for name, key in self.witnesses.items():
            signed, time = note.verified(key)
            if signed:
                times[name] = time

        def bound(name):
            if name in self.witnesses:
                return times.get(name)
            count, members = self.groups[name]
            known = sorted(t for t in map(bound, members) if t is not None)
            return known[count - 1] if len(known) >= count else None

        time = None if self.quorum == "none" else bound(self.quorum)
        if self.quorum != "none" and time is None:
            raise Refused("the quorum of the policy is not met")
        return logs[0], int(size), base64.b64decode(root, validate=True), times, time
