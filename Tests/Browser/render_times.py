#!/usr/bin/env python3
"""Measures how long a node takes for each of its pages, over one connection of this machine.

    python3 render_times.py URL [--item ITEM] [--request REQUEST] [--member MEMBER] [--rounds 200]

Prints for each page the median and the 95th percentile in ms, and the bytes of a first view: page, style and script. Ends with 1 where a
median is 10 ms or more, or a first view 150 KB or more.
"""

import argparse
import http.client
import re
import statistics
import sys
import time
from urllib.parse import quote, urlparse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--item")
    parser.add_argument("--request")
    parser.add_argument("--member")
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    where = urlparse(options.url)
    paths = ["", "overview", "evidence", "organisations", "sharing", "report", "catalogue", "record?entry=2", "block?height=1", "screen",
             "audit", f"find?q={'0' * 64}", "find?q=nothing"]
    if options.item:
        paths += [f"item?id={quote(options.item)}"]
    if options.request:
        paths += [f"request?id={quote(options.request)}"]
    if options.member:
        paths += [f"todo?member={quote(options.member)}"]
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=600)

    def get(path):
        start = time.perf_counter()
        connection.request("GET", f"{where.path}/{path}")
        answer = connection.getresponse()
        body = answer.read()
        return 1000 * (time.perf_counter() - start), body

    bad = 0
    for path in paths:
        # The first ones warm up.
        times = sorted([get(path)[0] for _ in range(options.rounds + 10)][10:])
        _, body = get(path)
        parts = re.findall(rb'(?:href|src)="(pages-[0-9a-f]+\.(?:css|js))"', body)
        size = len(body) + sum(len(get(part.decode())[1]) for part in set(parts))
        median, late = statistics.median(times), times[len(times) * 95 // 100]
        isBad = median >= 10 or size >= 150_000 or len(set(parts)) != 2
        bad += isBad
        print(f"{'WRONG ' if isBad else ''}/{path[:40]:40} median {median:6.2f} ms, 95 % within {late:6.2f} ms, first view {size:6} bytes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
