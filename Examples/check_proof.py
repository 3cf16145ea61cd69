#!/usr/bin/env python3
"""Checks a record's proof against a policy, independently of `zheng check`.

    python3 check_proof.py PROOF POLICY [ORIGINAL]

Needs PyPI's `cryptography` and `cbor2`. Prints what is proven; exits with 1 and the reason where something is not.
"""

import base64
import datetime
import io
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from c2sp import Note, Policy, Refused, leaf_hash, root_from_path, sha256

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def read_proof(text):
    """(extra, index, path, checkpoint note) of a c2sp.org/tlog-proof@v1 file."""
    head, _, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Refused("not a proof file of this kind")
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    return base64.b64decode(lines[1][6:], validate=True), int(lines[2][6:]), path, checkpoint


def items_of(sequence):
    """The bytes of each item of a CBOR sequence (RFC 8742)."""
    stream, items = io.BytesIO(sequence), []
    while stream.tell() < len(sequence):
        start = stream.tell()
        cbor2.CBORDecoder(stream).decode()
        items.append(sequence[start : stream.tell()])
    return items


class Sign1:
    """A tagged COSE_Sign1 (RFC 9052)."""

    def __init__(self, data):
        tag = cbor2.loads(data)
        if tag.tag != 18:
            raise Refused("not a COSE_Sign1")
        self.raw_protected, unprotected, self.payload, self.signature = tag.value
        if unprotected:
            raise Refused("unprotected headers")
        self.protected = cbor2.loads(self.raw_protected)
        self.signed = cbor2.dumps(["Signature1", self.raw_protected, b"", self.payload])
        self.id = sha256(self.signed)
        # Of s and n - s, which verify alike, the ledger takes the lower.
        if self.protected[1] in (-7, -9) and int.from_bytes(self.signature[32:], "big") > P256_ORDER // 2:
            raise Refused("an ES256 signature with a high s")

    def verify(self, cose_key):
        try:
            if cose_key[1] == 1 and self.protected[1] in (-8, -19):
                Ed25519PublicKey.from_public_bytes(cose_key[-2]).verify(self.signature, self.signed)
                return
            if cose_key[1] == 2 and self.protected[1] in (-7, -9):
                point = b"\x04" + cose_key[-2] + cose_key[-3]
                key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
                r, s = self.signature[:32], self.signature[32:]
                der = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
                key.verify(der, self.signed, ec.ECDSA(hashes.SHA256()))
                return
        except InvalidSignature:
            raise Refused("the signature does not verify") from None
        raise Refused("the algorithm does not fit the key")


def thumbprint(cose_key):
    """RFC 9679."""
    wanted = [1, -1, -2, -3] if cose_key[1] == 2 else [1, -1, -2]
    return sha256(cbor2.dumps({label: cose_key[label] for label in wanted}))


def check(proof_file, policy_file, original_file=None):
    """Prints what is proven, and gives the record's index and statement."""
    extra, index, path, checkpoint = read_proof(open(proof_file, encoding="utf-8").read())
    policy = Policy(open(policy_file, encoding="utf-8").read())
    log, size, root, times, time = policy.evaluate(Note(checkpoint))
    entry, header_entry, header_path, item, item_path = items_of(extra)

    if root_from_path(index, size, leaf_hash(entry), path) != root:
        raise Refused("the entry is not in the tree of the checkpoint")
    header_index, header_hashes = cbor2.loads(header_path)
    if root_from_path(header_index, size, leaf_hash(header_entry), header_hashes) != root:
        raise Refused("the header is not in the tree of the checkpoint")
    header = Sign1(header_entry)
    block = cbor2.loads(header.payload)
    # An audit checks whose block key signed the header; the validators did before they signed the checkpoint.
    if header.protected[3] != "application/vnd.zheng.block+cbor" or 15 in header.protected:
        raise Refused("the entry given as the header is none")
    if block["size"] != header_index or not block["first"] <= index < header_index:
        raise Refused("the entry is not one of the header's block")

    item_index, item_count, item_hashes = cbor2.loads(item_path)
    if root_from_path(item_index, item_count, leaf_hash(item), item_hashes) != block["roster"]:
        raise Refused("the issuer is not in the roster of the block")
    member = cbor2.loads(item)
    statement = Sign1(entry)
    claims = statement.protected[15]
    if claims[1] != member["id"]:
        raise Refused("the roster item is another member's")
    keys = [
        key for key in member["keys"]
        if thumbprint(key["key"]) == statement.protected[4]
        and key["from"] <= block["height"] < key.get("until", float("inf"))
    ]
    if not keys:
        raise Refused("the key was not the issuer's at that height")
    statement.verify(keys[0]["key"])
    policy.require_block(block["height"])
    ledger = bytes.fromhex(claims[3]) if 3 in claims else leaf_hash(entry)
    if policy.ledger not in (None, ledger):
        raise Refused(f"another ledger: asked for {policy.ledger.hex()}, this is {ledger.hex()}")

    if original_file is not None:
        original = open(original_file, "rb").read()
        named = sha256(original)
        if statement.payload != original and named not in statement.payload and named.hex().encode() not in statement.payload:
            raise Refused("the record neither is this file nor names its digest")

    def day(seconds):
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="seconds")

    names = " ".join(member["name"][key] for key in ("zh", "en") if key in member["name"])
    print(f"record    {index}, statement {statement.id.hex()}")
    print(f"said by   {member['id']} ({names})")
    print(f"type      {statement.protected[3]}, {len(statement.payload)} bytes, sha256 {sha256(statement.payload).hex()}")
    print(f"block     {block['height']} of {day(block['time'] / 1000)}")
    print(f"log       {log.name}")
    if time is not None:
        print(f"existed   no later than {day(time)}, by the word of {', '.join(times)}")
    if original_file is not None:
        print(f"file      {original_file} is what the record says")
    return index, statement


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        check(*sys.argv[1:])
    except (Refused, ValueError, KeyError, IndexError, TypeError, cbor2.CBORError) as reason:
        print(f"not proven: {reason}", file=sys.stderr)
        sys.exit(1)
