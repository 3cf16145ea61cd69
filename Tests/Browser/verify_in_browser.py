#!/usr/bin/env python3
"""Drives verify.html as a file, and the check page with what is not just a file to check, in Chromium, in both languages.

    python3 verify_in_browser.py CHROMIUM VERIFY.html DEMO BROUGHT FIXTURE [--url URL] [--insecure URL] [--shots DIRECTORY]

DEMO is the directory of the demo, BROUGHT that of the proofs made from it, FIXTURE that of a corrected item's certificate with its own policy.
URL is the node's address; the other is the same node under a name for which the browser has no Web Crypto. Needs axe-playwright-python. Ends
with 1 where anything is wrong.
"""

import argparse
import base64
import pathlib
import sys
from urllib.parse import urlparse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import pages_in_browser
from pages_in_browser import WIDTHS, wrong


class Reader:
    """A page of a browser that holds its security policy, in which files are chosen."""

    def __init__(self, browser, address, language, width=1200, shots=None, is_axe=False):
        self.address, self.language, self.width, self.shots = address, language, width, shots
        # axe is put into the page, whose security policy lets no script in but its own.
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=is_axe, locale="en-GB" if language == "en" else "zh-CN")
        self.context.set_default_timeout(600_000)  # ms: a busy machine takes its time
        self.page = self.context.new_page()
        self.page.on("console", lambda message: wrong(f"{address} says {message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: wrong(f"{address}: {error}"))
        self.page.on("request", self.asked)
        self.page.goto(address)
        self.wait("checks")
        if urlparse(address).scheme == "file" and language == "en":
            self.page.click("#language")
            self.wait("file")

    def asked(self, request):
        own = self.address.split("?")[0].rstrip("/")
        if not request.url.startswith(("data:", own)) or request.method != "GET":
            wrong(f"{self.address} asks {request.method} {request.url}")

    def wait(self, what):
        self.page.wait_for_selector(f"html[data-{what}=done]", state="attached")

    def choose(self, *files, control="#file"):
        """The verdicts after these files were added."""
        self.page.evaluate("document.documentElement.dataset.file = ''")
        self.page.set_input_files(control, [str(file) for file in files])
        self.wait("file")
        return self.verdicts()

    def expect(self, verdict, *files, control="#file", shot=None):
        found = self.choose(*files, control=control)
        if found != [verdict]:
            wrong(f"{self.address}, {', '.join(map(str, files))}: {found}, not {verdict}: {self.page.inner_text('#answer')}")
        if shot and self.shots:
            self.page.screenshot(path=str(self.shots / f"{shot}-{self.language}-{self.width}.png"), full_page=True)
            if self.width == 1200:
                self.page.pdf(path=str(self.shots / f"{shot}-{self.language}.pdf"), prefer_css_page_size=True, print_background=True)

    def remove(self):
        """The verdicts without the first of what is at hand."""
        self.page.evaluate("document.documentElement.dataset.file = ''")
        self.page.click("#held button")
        self.wait("file")
        return self.verdicts()

    def remove_all(self):
        while self.page.query_selector("#held button"):
            self.remove()

    def verdicts(self):
        return self.page.eval_on_selector_all("#answer [data-verdict]", "(boxes) => boxes.map((box) => box.dataset.verdict)")

    def look(self, name):
        if self.page.evaluate("document.documentElement.scrollWidth") > self.width:
            wrong(f"{name} at {self.width} px is wider than its window")
        for violation in Axe().run(self.page).response["violations"]:
            wrong(f"{name} at {self.width} px, {self.language}: {violation['id']}: {violation['nodes'][0]['html'][:200]}")

    def close(self):
        self.context.close()


def altered(path, to):
    """A copy of a proof in which a bit of what it carries is another."""
    lines = path.read_text(encoding="utf-8").split("\n")
    extra = bytearray(base64.b64decode(lines[1].removeprefix("extra ")))
    extra[len(extra) // 2] ^= 1
    lines[1] = "extra " + base64.b64encode(extra).decode()
    to.write_text("\n".join(lines), encoding="utf-8")
    return to


def verify(browser, page, options):
    """verify.html gives each of the four answers, and none where what was brought does not hold or is not enough."""
    judge, brought, fixture = options.demo / "judge", options.brought, options.fixture
    original, changed = judge / "租赁合同.txt", judge / "changed.txt"
    page.expect("not-yet-word", original)
    page.expect("same", judge / "certificate.html", shot="verify-same")
    page.expect("other", changed, shot="verify-other")
    page.expect("same", original)
    page.expect("same", options.demo / "policy")
    page.expect("unproven-word", judge / "forged.html", shot="verify-forged")
    page.remove_all()
    page.expect("unproven-word", fixture / "certificate.html", fixture / "original.txt")
    page.expect("corrected", fixture / "policy", shot="verify-corrected")
    page.remove_all()
    page.expect("never", brought / "never.tlog-proof", changed, shot="verify-never")
    page.expect("not-yet-word", original)
    page.remove_all()
    record = brought / "record-2.tlog-proof"
    page.expect("not-yet-word", record)
    page.expect("same", original, shot="verify-proof")
    page.expect("other", changed)
    page.expect("other", options.demo / "policy", control="#any")
    page.expect("unproven-word", altered(record, options.demo / "altered.tlog-proof"))
    page.remove_all()
    page.expect("same", original, *sorted((brought / "item.proofs").rglob("*.tlog-proof")), shot="verify-item")
    # All records that the state lists must be there.
    if page.remove() != ["unproven-word"]:
        wrong("a record that is left out is not missed")
    page.remove_all()
    files = sorted(file for file in (options.demo / "files/案卷").rglob("*") if file.is_file())
    page.expect("not-yet-word", brought / "directory.html", files[0])
    page.expect("same", options.demo / "files.manifest", shot="verify-directory")
    page.expect("other", changed)
    page.remove_all()
    page.expect("same", brought / "directory.html", options.demo / "files.manifest")


def offline(browser, options):
    address = options.verify.resolve().as_uri()
    for language in ("zh", "en"):
        page = Reader(browser, address, language, shots=options.shots)
        verify(browser, page, options)
        page.close()
        for width in WIDTHS:
            page = Reader(browser, address, language, width, options.shots, is_axe=True)
            page.look("verify.html, empty")
            page.expect("same", options.demo / "judge/certificate.html", options.demo / "judge/租赁合同.txt", shot="verify-look")
            page.page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
            page.look("verify.html")
            page.close()


def check_page(browser, options):
    """The check page takes certificates, proofs and manifests, by what its node serves."""
    judge, brought = options.demo / "judge", options.brought
    for language in ("zh", "en"):
        page = Reader(browser, options.url, language, shots=options.shots)
        page.expect("not-yet-word", judge / "certificate.html")
        page.expect("same", judge / "租赁合同.txt", shot="check-certificate")
        page.expect("other", judge / "changed.txt")
        page.expect("unproven-word", judge / "forged.html")
        page.expect("unproven-word", options.fixture / "certificate.html")
        page.remove_all()
        files = sorted(file for file in (options.demo / "files/案卷").rglob("*") if file.is_file())
        page.expect("never", files[0])
        page.expect("same", options.demo / "files.manifest", shot="check-manifest")
        page.expect("never", judge / "changed.txt")
        page.remove_all()
        page.expect("same", brought / "record-2.tlog-proof", judge / "租赁合同.txt")
        page.close()


def without_crypto(browser, options):
    """Where the browser has no Web Crypto the page says what it can't check, and nothing is green."""
    for language in ("zh", "en"):
        page = Reader(browser, options.insecure, language, shots=options.shots)
        if page.page.evaluate("Boolean(globalThis.crypto && crypto.subtle)"):
            wrong(f"{options.insecure} has Web Crypto")
        if not page.page.is_visible("#no-crypto"):
            wrong(f"{options.insecure} does not say what it can't check")
        for files in ([options.demo / "judge/租赁合同.txt"], [options.demo / "judge/certificate.html"]):
            found = page.choose(*files)
            if found != ["unsigned-word"] or page.page.query_selector("#answer .good"):
                wrong(f"{options.insecure}, {files}: {found}")
        if options.shots:
            page.page.screenshot(path=str(options.shots / f"check-unsigned-{language}-1200.png"), full_page=True)
        page.page.goto(f"{options.insecure}item?id=E-2026-001")
        page.wait("checks")
        if page.page.get_attribute("[data-proof]", "data-state") != "unchecked":
            wrong("a page whose signatures were not checked says something else")
        page.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chromium")
    for name in ("verify", "demo", "brought", "fixture"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--url")
    parser.add_argument("--insecure")
    parser.add_argument("--shots", type=pathlib.Path)
    options = parser.parse_args()
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox"]
    if options.insecure:
        arguments.append(f"--host-resolver-rules=MAP {urlparse(options.insecure).hostname} 127.0.0.1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=arguments)
        offline(browser, options)
        if options.url:
            check_page(browser, options)
        if options.insecure:
            without_crypto(browser, options)
        browser.close()
    print(f"verify.html and the check page in both languages: {len(pages_in_browser.faults)} wrong")
    return 1 if pages_in_browser.faults else 0


if __name__ == "__main__":
    sys.exit(main())
