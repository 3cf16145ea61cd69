#!/usr/bin/env python3
"""Takes the pictures of the README in Chromium.

    python3 pictures.py CHROMIUM URL --file DEPOSITED --certificate CERTIFICATE FOLDER
"""

import argparse
import pathlib
import sys

from playwright.sync_api import sync_playwright

# The most bytes of a picture.
MOST = 150_000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chromium")
    parser.add_argument("url")
    parser.add_argument("--file", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 940}, locale="zh-CN")
        page.set_default_timeout(120_000)
        page.goto(f"{options.url}/")
        page.wait_for_function("document.documentElement.dataset.checks === 'done'")
        page.set_input_files("#file", options.file)
        page.wait_for_selector("[data-verdict=same]")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=str(options.folder / "check.png"))
        page.set_viewport_size({"width": 1000, "height": 800})
        page.goto(pathlib.Path(options.certificate).resolve().as_uri())
        page.set_input_files("input[type=file]", options.file)
        page.wait_for_selector(".verdict.good")
        page.screenshot(path=str(options.folder / "certificate.png"))
        browser.close()
    pictures = [options.folder / name for name in ("check.png", "certificate.png")]
    for picture in pictures:
        print(f"{picture}: {picture.stat().st_size} bytes")
    return 1 if any(picture.stat().st_size > MOST for picture in pictures) else 0


if __name__ == "__main__":
    sys.exit(main())
