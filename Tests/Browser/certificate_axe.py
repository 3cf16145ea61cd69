#!/usr/bin/env python3
"""Looks for what keeps people from reading a certificate: axe-core in Chromium, at the widths of two phones and a desk.

    python3 certificate_axe.py CHROMIUM CERTIFICATE.html ...

Needs axe-playwright-python. Ends with 1 where axe finds a violation, or where a page is wider than its window.
"""

import pathlib
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

WIDTHS = (320, 390, 1200)


def main(chromium, pages):
    count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in pages:
            for width in WIDTHS:
                # The page's security policy lets no script in but its own.
                context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
                context.set_default_timeout(600_000)  # ms: a busy machine takes its time
                page = context.new_page()
                page.goto(pathlib.Path(path).resolve().as_uri())
                page.wait_for_function("document.documentElement.dataset.checks === 'done'")
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    count += 1
                    print(f"{path} at {width} px: wider than its window")
                page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
                for violation in Axe().run(page).response["violations"]:
                    count += 1
                    print(f"{path} at {width} px: {violation['id']}: {violation['nodes'][0]['html'][:200]}")
                context.close()
        browser.close()
    print(f"{len(pages)} pages at {', '.join(map(str, WIDTHS))} px: {count} violations")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
