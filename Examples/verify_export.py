#!/usr/bin/env python3
"""Verifies an exported ledger whole: every byte of every file, from the checkpoint to the state.

    python3 verify_export.py EXPORT POLICY

EXPORT is what `zheng export LEDGER EXPORT --state` writes, POLICY the policy from a source that you trust. That the scenarios'
values follow from the statements is the validators' word: their rules are not run again. Written from the format pages of the
documentation alone. Needs PyPI's `cryptography` and `cbor2`. Exits with 1 and the reason where something does not hold.
"""

import base64
import io
import os
import re
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from c2sp import Note, Policy, Refused, leaf_hash, node_hash, sha256, tree_root
from check_export import tile_path

RESERVED, ZERO = "application/vnd.zheng.", bytes(32)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FAULTS = (Refused, ValueError, KeyError, IndexError, TypeError, AttributeError, InvalidSignature, cbor2.CBORError)


def require(holds, reason):
    if not holds:
        raise Refused(reason)


def encode(value):
    return cbor2.dumps(value, canonical=True)


def decode(data):
    value = cbor2.loads(data)
    require(encode(value) == data, "CBOR that is not in its one encoding")
    return value


def check_note(data, policy):
    """(size, root, the time by which it existed) of a checkpoint in which every line is of the policy, and good."""
    note = Note(data.decode())
    log, size, root, _, time = policy.evaluate(note)
    by = [(name, key_id) for name, key_id, _ in note.lines]
    known = [(key.name, key.id) for key in [log, *policy.witnesses.values()]]
    require(len(by) == len(set(by)) and set(by) <= set(known), "a signature of somebody whom the policy does not name")
    lines = (f"— {name} {base64.b64encode(key_id + blob).decode()}" for name, key_id, blob in note.lines)
    text = [log.name, str(size), base64.b64encode(root).decode(), "", *lines, ""]
    require("\n".join(text).encode() == data, "the checkpoint is not in its one form")
    return size, root, time


def state_root(leaves, depth=0):
    """The root over sorted (path, hash of the value) pairs that share their first `depth` bits."""
    if len(leaves) < 2:
        return sha256(b"\2" + b"".join(leaves[0])) if leaves else ZERO
    split = next((i for i, (path, _) in enumerate(leaves) if path[depth // 8] >> 7 - depth % 8 & 1), len(leaves))
    return sha256(b"\3" + state_root(leaves[:split], depth + 1) + state_root(leaves[split:], depth + 1))


def grow(parts, size, leaf):
    """Adds a leaf to a tree of `size` leaves; `parts` are the roots of its complete subtrees, the largest first."""
    while size & 1:
        leaf, size = node_hash(parts.pop(), leaf), size >> 1
    parts.append(leaf)


class Entry:
    """A tagged COSE_Sign1 of the ledger's shape; `verify` checks its signature."""

    def __init__(self, data):
        tag = decode(data)
        self.protected, unprotected, self.payload, self.signature = tag.value
        header = decode(self.protected)
        self.alg, self.type, self.kid, self.claims = header[1], header[3], header[4], header.get(15)
        shape = (tag.tag, unprotected, len(self.signature), header.keys() - {15}, len(data) < 65536)
        self.is_header = self.claims is None
        fits = self.type == RESERVED + "block+cbor" if self.is_header else self.claims.keys() - {2, 3, 4} == {1, 6, 7}
        require(fits and shape == (18, {}, 64, {1, 3, 4}, True), "an entry of another shape")
        self.signed = encode(["Signature1", self.protected, b"", self.payload])
        self.id, self.leaf, self.length = sha256(self.signed), leaf_hash(data), len(data)

    def verify(self, key):
        require(self.alg in {1: (-8, -19), 2: (-7, -9)}[key[1]], "the algorithm does not fit the key")
        if key[1] == 1:
            return ed25519.Ed25519PublicKey.from_public_bytes(key[-2]).verify(self.signature, self.signed)
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
        require(s <= P256_ORDER // 2, "an ES256 signature with a high s")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + key[-2] + key[-3])
        public.verify(utils.encode_dss_signature(r, s), self.signed, ec.ECDSA(hashes.SHA256()))


def digests_named(value):
    """The digests that the payload of a kind names."""
    if isinstance(value, bytes) and len(value) == 32:
        return {value}
    if isinstance(value, str):
        return {bytes.fromhex(run) for run in re.findall("(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])", value)}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return set().union(*map(digests_named, parts))


class Ledger:
    def __init__(self, founding):
        found = decode(founding.payload)
        self.id, self.terms = founding.leaf, found["terms"]
        self.members = {member["id"]: member for member in found["members"]}
        self.height, self.parent, self.time, self.parts, self.state, self.open, self.kinds = 0, ZERO, 0, [], {}, {}, {}
        founders = self.terms["administrators"]["members"] if self.terms["format"] == 2 else []
        fits = founding.type == RESERVED + "consortium.found+cbor" and founding.claims[1] in founders
        require(fits, "entry 0 is no founding statement of format 2 by an administrator")

    def roster(self):
        items = [self.terms] + [self.members[id_] for id_ in sorted(self.members)]
        return tree_root([leaf_hash(encode(item)) for item in items])

    def walk(self, entries):
        """Takes every block; the last entry must be the header of the last."""
        first = 0
        while first < len(entries):
            last = next((i for i in range(first, len(entries)) if entries[i].is_header), None)
            require(last is not None, "the last entry is not a header")
            header, self.roster_root, self.parameters = decode(entries[last].payload), self.roster(), self.terms["parameters"]
            block_keys = {sha256(encode(validator["block"])): validator["block"] for validator in self.terms["validators"]}
            keys = ((member["id"], key) for member in self.members.values() for key in member["keys"])
            self.keys = {sha256(encode(key["key"])): (id_, key) for id_, key in keys}
            for at in range(first, last + 1):
                try:
                    entry, before = entries[at], entries[first:last]
                    self.take(entry, at, header["time"]) if at < last else self.close(entry, at, header, block_keys, before)
                except FAULTS as why:
                    raise Refused(f"entry {at}, in block {self.height}: {why or 'its signature does not verify'}") from why
                grow(self.parts, at, entries[at].leaf)
            self.header, self.parent, self.time = header, entries[last].leaf, header["time"]
            self.height, first = self.height + 1, last + 1

    def take(self, entry, index, time):
        """Judges a statement of a block with this time, and lists it."""
        claims, window, (issuer, key) = entry.claims, self.parameters["statement-window"] * 1000, self.keys[entry.kid]
        require(claims.get(3) == (self.id.hex() if index else None), "the audience is another ledger")
        require(issuer == claims[1] and in_force(key, self.height), "the key is not the issuer's at this height")
        entry.verify(key["key"])
        require(time - window <= claims[6] * 1000 <= time + self.parameters["allowed-drift-ms"], "the claimed time is out of bounds")
        require(time <= claims.get(4, time) * 1000, "it had expired")
        owner, lists = "plain", {b"digest\0" + sha256(entry.payload)}
        if entry.type.lower().startswith(RESERVED):
            payload, kind = decode(entry.payload), entry.type[len(RESERVED) : -len("+cbor")]
            lists = {b"digest\0" + digest for digest in digests_named(payload)}
            if kind == "countersign" and payload["statement"] not in self.open:
                owner, about = self.kinds[payload["statement"]]
                lists.add(f"subject\0{owner}\0{about}".encode())
            elif kind == "consortium.misconduct":
                keys = [(validator["name"], validator.get("vote"), validator["cosigner"]) for validator in self.terms["validators"]]
                accused = (payload["validator"], payload["vote"], payload["cosigner"])
                require(payload["ledger"] == self.id and accused in keys, "the evidence is about no validator in office")
            elif kind == "countersign" or kind.startswith("consortium.") and index:
                self.change_roster(entry, kind, payload, time, window)
            elif index:
                owner = kind.split(".")[0]
                self.kinds[entry.id] = (owner, claims[2])
        if 2 in claims:
            lists.add(f"subject\0{owner}\0{claims[2]}".encode())
        for name in lists:
            old = decode(self.state[name]) if name in self.state else {"count": 0, "first": index, "chain": ZERO}
            chain = sha256(b"\x11" + old["chain"] + entry.id)
            self.state[name] = encode({"count": old["count"] + 1, "first": old["first"], "last": index, "chain": chain})
        require(b"statement\0" + entry.id not in self.state, "the same statement was recorded before")
        self.state[b"statement\0" + entry.id] = encode({"index": index})

    def change_roster(self, entry, kind, payload, time, window):
        """A proposal, or an approval of one: `open` has [type, payload, time, approvals] by statement id."""
        issuer, approves, ruling = entry.claims[1], kind == "countersign", self.terms["administrators"]
        holds = any(in_force(key, self.height + 1) for key in self.members[issuer]["keys"])
        require(holds and issuer in ruling["members"], "the issuer is no administrator")
        require(approves or payload["roster"] == self.roster_root, "it changes another roster")
        id_ = payload["statement"] if approves else entry.id
        type_, change, since, approvals = self.open.setdefault(id_, [entry.type, entry.payload, time, []])
        require(issuer not in approvals and since + window >= time, "approved twice, or too late")
        approvals.append(issuer)
        if len(approvals) < ruling["threshold"]:
            return
        action, change = type_[len(RESERVED + "consortium.") : -len("+cbor")], decode(change)
        self.adopt(action, change, self.height + 1)
        self.open = {id_: other for id_, other in self.open.items() if not touched(change) & touched(decode(other[1]))}
        if action == "remove-member":
            for other in self.open.values():
                other[3] = [member for member in other[3] if member != change["member"]]
            self.open = {id_: other for id_, other in self.open.items() if other[3]}

    def adopt(self, action, change, height):
        """Changes the roster, as it is in force from `height` on."""
        if action == "set-parameter":
            self.terms = self.terms | {"parameters": self.terms["parameters"] | {change["name"]: change["value"]}}
            return
        id_, retired = change.get("member", change.get("id")), change.get("retires", [])
        keys = [dict(key) for key in self.members.get(id_, {"keys": []})["keys"]]
        for key in keys:
            if action == "remove-member" or sha256(encode(key["key"])) in retired:
                key.setdefault("until", height)
        keys += [{"key": key, "from": height} for key in new_keys(change)]
        parts = {part: change[part] for part in ("name", "roles") if part in change}
        self.members[id_] = self.members.get(id_, {"id": id_}) | {"keys": keys} | parts

    def close(self, entry, at, header, block_keys, statements):
        """Checks the header, entry `at`, of a block of these statements."""
        require(entry.alg == -8, "the header's algorithm")
        entry.verify(block_keys[entry.kid])
        *rest, root = self.parts or [sha256(b"")]
        for part in reversed(rest):
            root = node_hash(part, root)
        count, size = len(statements), sum(entry.length for entry in statements)
        expected = {"height": self.height, "previous": self.parent, "first": at - count, "size": at, "root": root}
        expected |= {"roster": self.roster_root, "time": header["time"], "state": header["state"]}
        require(header == expected, "the header is not the one that the entries before it call for")
        require(header["time"] >= self.time + (0 if statements else 3_600_000), "the time before its parent's, or an empty block")
        limits = self.parameters
        require(count <= limits["block-records"] and size <= limits["block-bytes"] and (self.height or count == 1), "its size")
        ends = header["time"] - limits["statement-window"] * 1000
        self.open = {id_: other for id_, other in self.open.items() if other[2] >= ends}

    def whole_state(self, given):
        """The state after the last block: the core's, which the entries make, and `given`, the scenarios' values."""
        parts = ((id_, {"change": proposal[:3], "approvals": proposal[3]}) for id_, proposal in self.open.items())
        proposals = {b"proposal\0" + id_: encode(value) for id_, value in parts}
        roster = {b"roster": encode({"root": self.roster(), "open": sorted(self.open)})}
        return given | self.state | proposals | roster


def in_force(key, height):
    return key["from"] <= height < key.get("until", 1 << 64)


def new_keys(change):
    return change.get("keys", [change["key"]] if "key" in change else [])


def touched(change):
    return {change.get("member") or change.get("id") or "=" + change["name"]} | {encode(key) for key in new_keys(change)}


def read_export(folder, trusted, policy):
    """(the entries, the values of the scenarios, the time by which they existed): every byte of every file is looked at, but the page's."""
    files = {}
    for place, _, names in os.walk(folder):
        paths = [os.path.join(place, name) for name in names if name != "verify.html"]  # a program, and no part of the ledger
        files |= {os.path.relpath(path, folder): open(path, "rb").read() for path in paths}
    files.pop("verify.html", None)  # for people: no part of the ledger
    require(files.pop("policy", trusted) == trusted, "the policy in the export is another than yours")
    size, root, time = check_note(files.pop("checkpoint"), policy)
    values, state, last = {}, io.BytesIO(files.pop("state", b"")), b""
    while (start := state.tell()) < len(state.getvalue()):
        key, value = cbor2.CBORDecoder(state).decode()
        require(encode([key, value]) == state.getvalue()[start : state.tell()] and key > last, "state is not in its one form")
        values[key], last = value, key
    records = []
    for first in range(0, size, 256):
        bundle, at = files[tile_path("entries", first // 256, min(256, size - first))], 0
        for _ in range(min(256, size - first)):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            records.append(bundle[at:end])
            at = end
    hashes_of = [[leaf_hash(record[2:]) for record in records]]
    require(tree_root(hashes_of[0]) == root, "the entries do not hash to the root of the checkpoint")
    while len(below := hashes_of[-1]) >= 256:
        hashes_of.append([tree_root(below[i : i + 256]) for i in range(0, len(below) - 255, 256)])
    levels = {"entries": records} | {str(number): level for number, level in enumerate(hashes_of)}
    for kind, level in levels.items():
        for first in range(0, len(level), 256):
            require(tile_path(kind, first // 256, min(256, len(level) - first)) in files, f"a tile of {kind} is missing")
    for path, data in files.items():
        kind, index, width = re.fullmatch(r"tile/(\w+)/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?", path).groups()
        first, count = 256 * int(re.sub(r"\D", "", index)), int(width or 256)
        level, end = levels[kind], first + count
        require(end <= len(level) and b"".join(level[first:end]) == data, f"{path} differs")
    return [Entry(record[2:]) for record in records], values, time


def verify(folder, policy_file):
    trusted = open(policy_file, "rb").read()
    policy = Policy(trusted.decode())
    entries, values, time = read_export(folder, trusted, policy)
    ledger = Ledger(entries[0])
    require(policy.ledger in (None, ledger.id), "the policy is for another ledger")
    ledger.walk(entries)
    policy.require_block(ledger.height - 1)
    state = ledger.whole_state(values)
    leaves = sorted((sha256(b"\x10" + key), sha256(value)) for key, value in state.items())
    require(state_root(leaves) == ledger.header["state"], "the state differs (was it exported with --state?)")
    print(f"{len(entries)} entries in {ledger.height} blocks of ledger {ledger.id.hex()}, by {time} s since the epoch")
    print(f"{len(state)} values of the state, {len(values)} of them the scenarios'")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        verify(*sys.argv[1:])
    except FAULTS + (OSError,) as reason:
        sys.exit(f"not right: {reason or 'a signature does not verify'}")
