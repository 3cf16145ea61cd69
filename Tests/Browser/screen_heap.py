#!/usr/bin/env python3
"""Lets the big screen of a node loop in Chromium, and measures what its script keeps in memory.

    python3 screen_heap.py CHROMIUM URL [--seconds 600] [--every SECONDS] [--run COMMAND]

A visitor changes a byte now and then, and COMMAND, which may append a record, is run before each measure. After each collection of
garbage JSHeapUsedSize is read by the DevTools protocol. Ends with 1 where the median of the last third of the measures is more than a
tenth and 256 KiB above that of the third before: what a page needs once is no growth.
"""

import argparse
import statistics
import subprocess
import sys
import time

from playwright.sync_api import sync_playwright


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chromium")
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--run")
    options = parser.parse_args()
    sizes, views = [], set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, bypass_csp=True)
        page.set_default_timeout(120_000)
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{options.url.rstrip('/')}/screen")
        page.wait_for_function("document.documentElement.dataset.checks === 'done'")
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable")
        start, visit = time.monotonic(), 25
        count = max(9, int(options.seconds / options.every))
        for number in range(count):
            if options.run:
                subprocess.run(options.run, shell=True, check=True, stdout=subprocess.DEVNULL)
            # A visitor comes once a minute; in between the views follow each other.
            if time.monotonic() - start >= visit:
                visit += 60
                page.keyboard.press("a")
                page.wait_for_function("document.documentElement.dataset.tamper === 'caught'")
                page.evaluate("delete document.documentElement.dataset.tamper")
            page.wait_for_timeout(max(0, 1000 * (start + (number + 1) * options.every - time.monotonic())))
            views.add(page.evaluate("document.documentElement.dataset.view"))
            tools.send("HeapProfiler.collectGarbage")
            metrics = {metric["name"]: metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"]}
            sizes.append(metrics["JSHeapUsedSize"])
            nodes = metrics["Nodes"]
        live = page.evaluate("document.documentElement.dataset.live")
        browser.close()
    third = len(sizes) // 3
    before, last = statistics.median(sizes[third:2 * third]), statistics.median(sizes[2 * third:])
    print(f"the big screen for {time.monotonic() - start:.0f} s: JSHeapUsedSize {before / 1024:.0f} KiB, then {last / 1024:.0f} KiB "
          f"({len(sizes)} measures, {min(sizes) / 1024:.0f} to {max(sizes) / 1024:.0f} KiB, {nodes:.0f} nodes, {len(views)} views, "
          f"entries {live or 'unchanged'})")
    for problem in problems:
        print(f"WRONG the console says {problem}")
    if len(views) < 2:
        problems.append("the views do not follow each other")
        print("WRONG the views do not follow each other")
    if last > before * 1.1 + 256 * 1024:
        print("WRONG the heap grows")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
