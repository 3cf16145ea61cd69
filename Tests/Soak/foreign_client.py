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
from urllib import parse, request

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from kill_rounds import found, start_node

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
DEPOSIT = "application/vnd.zheng.evidence.deposit+cbor"


def encoded(value):
    return cbor2.dumps(value, canonical=True)


def statement(key, issuer, ledger, subject, payload):
    """A statement as /formats has it, and its id."""
    point = key.public_key().public_numbers()
    thumbprint = encoded({1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
    claims = {1: issuer, 2: subject, 3: ledger, 6: int(time.time()), 7: os.urandom(16)}
    protected = encoded({1: -7, 3: DEPOSIT, 4: hashlib.sha256(thumbprint).digest(), 15: claims})
    signed = encoded(["Signature1", protected, b"", payload])
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")
    return encoded(cbor2.CBORTag(18, [protected, {}, payload, signature])), hashlib.sha256(signed).hexdigest()


def ask(url, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    with request.urlopen(request.Request(url, body, headers), timeout=60) as answer:
        return answer.status, answer.read()


def deposit_and_read(node, key, item, content):
    ledger = json.loads(ask(f"{node}/health")[1])["ledger"]
    digests = {"sha-256": hashlib.sha256(content).digest()}
    payload = encoded({"case": "(2026) 1", "size": len(content), "scope": "file", "method": "handed in", "category": "file", "digests": digests})
    entry, name = statement(key, "writer", ledger, item, payload)
    for expected in [201, 200]:
        status, answer = ask(f"{node}/entries", entry, Content_Type="application/cose")
        assert (status, json.loads(answer)["id"]) == (expected, name), answer
    history = json.loads(ask(f"{node}/records?subject={parse.quote(item, safe='')}")[1])["records"]
    assert [record["id"] for record in history] == [name], history
    assert ask(f"{node}/entries/{history[0]['index']}", Accept="application/cose")[1] == entry
    assert cbor2.loads(entry).value[2] == payload
    return history


with tempfile.TemporaryDirectory() as folder:
    ledger_path, key_path = found(sys.argv[1], f"{folder}/one", roles=["collector"])
    with open(key_path, "rb") as file:
        private_key = serialization.load_pem_private_key(file.read(), None)
    process, url = start_node(sys.argv[1], ledger_path, "--read", "public")
    try:
        print(json.dumps(deposit_and_read(url, private_key, "E-2026/1 证", b"the content of a file")))
    finally:
        process.terminate()
        process.wait(timeout=60)
