#!/usr/bin/env python3
"""Deposits an item of evidence through a node and reads its history, by /formats and /openapi.json alone: no code of ours but ZHENG's node.

    python3 foreign_client.py ZHENG        (with what requirements.txt names)
"""

import hashlib
import json
import os
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from kill_rounds import found, start_node

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def encoded(value):
    return cbor2.dumps(value, canonical=True)


def statement(key, issuer, ledger, kind, subject, payload):
    """A statement as /formats has it, and its id."""
    point = key.public_key().public_numbers()
    thumbprint = encoded({1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
    claims = {1: issuer, 2: subject, 3: ledger, 6: int(time.time()), 7: os.urandom(16)}
    protected = encoded({1: -7, 3: kind, 4: hashlib.sha256(thumbprint).digest(), 15: claims})
    signed = encoded(["Signature1", protected, b"", encoded(payload)])
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")
    return encoded(cbor2.CBORTag(18, [protected, {}, encoded(payload), signature])), hashlib.sha256(signed).hexdigest()


def ask(url, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        return answer.status, answer.read()


def deposit_and_read(node, key, item, content):
    health = json.loads(ask(f"{node}/health")[1])
    payload = {
        "case": "(2026) 1", "size": len(content), "scope": "file", "method": "handed in", "category": "file",
        "digests": {"sha-256": hashlib.sha256(content).digest()},
    }
    kind = "application/vnd.zheng.evidence.deposit+cbor"
    entry, name = statement(key, "writer", health["ledger"], kind, item, payload)
    for expected in [201, 200]:
        status, answer = ask(f"{node}/entries", entry, Content_Type="application/cose")
        receipt = json.loads(answer)
        assert (status, receipt["id"]) == (expected, name), answer
    subject = urllib.parse.quote(item, safe="")
    history = json.loads(ask(f"{node}/records?subject={subject}")[1])["records"]
    assert [record["id"] for record in history] == [name], history
    status, found_entry = ask(f"{node}/entries/{history[0]['index']}", Accept="application/cose")
    assert found_entry == entry and cbor2.loads(cbor2.loads(found_entry).value[2]) == payload
    assert ask(f"{node}/state/item/{subject}")[1].startswith(b"c2sp.org/tlog-proof@v1\n")
    return history


def main():
    with tempfile.TemporaryDirectory() as folder:
        ledger, path = found(sys.argv[1], f"{folder}/one", roles=["collector"])
        with open(path, "rb") as file:
            key = serialization.load_pem_private_key(file.read(), None)
        node, url = start_node(sys.argv[1], ledger, "--read", "public")
        try:
            print(json.dumps(deposit_and_read(url, key, "E-2026/1 证", b"the content of a file")))
        finally:
            node.terminate()
            node.wait(timeout=60)


if __name__ == "__main__":
    main()
