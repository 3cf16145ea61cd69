#!/usr/bin/env python3
"""Gives each validator a user of etcd, which writes below its own prefix and reads everybody's, and turns etcd's access control on.

    etcd_users.py https://10.0.0.1:2379 --ca etcd-ca.pem --ledger LEDGER-ID --root-password-file root v1=v1.password v2=v2.password …

Run it once, with the ledger id that `zheng found` printed, and again when a validator joins or has a new password: what is there stays. The
passwords are in files; a line feed at their end is not part of them. Standard library only; etcd 3.4 and later.
"""
import argparse
import base64
import json
import ssl
import urllib.error
import urllib.request


class Etcd:
    """etcd's JSON gateway."""

    def __init__(self, url, ca):
        self.url, self.token = url.rstrip("/"), None
        self.context = ssl.create_default_context(cafile=ca) if self.url.startswith("https:") else None

    def call(self, path, **body):
        """The answer to a call; a RuntimeError with etcd's reason where it refuses."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": self.token} if self.token else {})
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=20, context=self.context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            reason = error.read().decode(errors="replace")
            raise RuntimeError(f"{path}: {reason}") from None

    def made(self, path, **body):
        """The same, where it is no matter that it is there already."""
        try:
            self.call(path, **body)
        except RuntimeError as error:
            if "already exists" not in str(error) and "already granted" not in str(error):
                raise

    def user(self, name, password):
        """A user with this password, old or new."""
        try:
            self.call("/v3/auth/user/add", name=name, password=password)
        except RuntimeError as error:
            if "already exists" not in str(error):
                raise
            self.call("/v3/auth/user/changepw", name=name, password=password)


def text(data):
    return base64.b64encode(data).decode()


def prefix(key):
    """A range of all keys that begin with `key`, which ends with a slash."""
    return {"key": text(key), "range_end": text(key[:-1] + bytes([key[-1] + 1]))}


def password(path):
    with open(path, encoding="utf-8") as file:
        return file.read().rstrip("\n")


def main():
    parser = argparse.ArgumentParser(description="Gives each validator a user of etcd, and turns access control on.")
    parser.add_argument("url", help="of one member of etcd")
    parser.add_argument("validators", nargs="+", metavar="NAME=PASSWORD-FILE")
    parser.add_argument("--ca", help="a PEM file of the authority of etcd's certificates; the system's without it")
    parser.add_argument("--ledger", required=True, help="the ledger id, 64 hex digits")
    parser.add_argument("--root-password-file", required=True, help="the password of etcd's own administrator, root")
    given = parser.parse_args()
    if len(given.ledger) != 64 or any(digit not in "0123456789abcdef" for digit in given.ledger):
        parser.error("--ledger is 64 hex digits, in lower case")
    etcd, root = Etcd(given.url, given.ca), password(given.root_password_file)
    board = f"/zheng/{given.ledger}/by/".encode()
    try:
        etcd.token = etcd.call("/v3/auth/authenticate", name="root", password=root)["token"]
    except RuntimeError as error:
        if "not enabled" not in str(error):
            raise
        etcd.user("root", root)
        etcd.made("/v3/auth/role/add", name="root")
        etcd.made("/v3/auth/user/grant", user="root", role="root")
    for validator in given.validators:
        name, _, path = validator.partition("=")
        role = f"{given.ledger[:16]}-{name}"
        etcd.user(name, password(path))
        etcd.made("/v3/auth/role/add", name=role)
        etcd.call("/v3/auth/role/grant", name=role, perm={"permType": "READ", **prefix(board)})
        etcd.call("/v3/auth/role/grant", name=role, perm={"permType": "READWRITE", **prefix(board + name.encode() + b"/")})
        etcd.made("/v3/auth/user/grant", user=name, role=role)
        print(f"{name}: writes below {board.decode()}{name}/, reads {board.decode()}")
    if etcd.token is None:
        etcd.call("/v3/auth/enable")
        print("access control is on: whoever has no password reads and writes nothing")


if __name__ == "__main__":
    main()
