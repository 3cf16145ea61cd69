#!/usr/bin/env python3
"""Drives the pages of a node in Chromium, in both languages, at the widths of two phones and a desk.

    python3 pages_in_browser.py CHROMIUM URL --file DEPOSITED --other CHANGED [--item ITEM] [--request REQUEST]
        [--demo FOLDER --zheng ZHENG] [--shots DIRECTORY]

Each page must check what it shows, load nothing from elsewhere, say nothing in the console, fit its window, and please axe-core. A file
is checked without leaving the browser, and an altered proof is rejected. Needs axe-playwright-python. Ends with 1 where anything is wrong.
"""

import argparse
import base64
import pathlib
import shlex
import subprocess
import sys
import tempfile
from urllib.parse import quote, urlparse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

WIDTHS = (320, 390, 1200)
faults = []


def wrong(what):
    faults.append(what)
    print(f"WRONG {what}", flush=True)


class Visitor:
    """A page of a browser, and what it says and asks for."""

    def __init__(self, browser, base, width, language, **options):
        self.base, self.width, self.language = base, width, language
        # axe is put into the page, whose security policy lets no script in but its own.
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=True, locale="en-GB" if language == "en" else "zh-CN", **options)
        self.context.set_default_timeout(600_000)  # ms: a busy machine takes its time
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: wrong(f"{self.page.url}: {error}"))
        self.page.on("request", self.asked)
        self.expected = ()

    def said(self, message):
        if not any(part in message for part in self.expected):
            wrong(f"{self.page.url} at {self.width} px says {message}")

    def asked(self, request):
        if not request.url.startswith(("data:", self.base + "/")):
            wrong(f"{self.page.url} asks {request.url}")

    def open(self, path):
        response = self.page.goto(f"{self.base}/{path}")
        self.settled()
        return response

    def settled(self):
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("document.documentElement.dataset.checks === 'done'")

    def go(self, selector):
        """Follows a link, or sends a form."""
        with self.page.expect_navigation():
            self.page.click(selector)
        self.settled()

    def look(self, name):
        if self.page.evaluate("document.documentElement.scrollWidth") > self.width:
            wrong(f"{name} at {self.width} px is wider than its window")
        for section in self.page.query_selector_all("[data-proof]"):
            if section.get_attribute("data-state") != "passed":
                wrong(f"{name}: {section.inner_text()}")
        for violation in Axe().run(self.page).response["violations"]:
            wrong(f"{name} at {self.width} px, {self.language}: {violation['id']}: {violation['nodes'][0]['html'][:200]}")

    def choose(self, path):
        self.page.evaluate("document.documentElement.dataset.file = ''")
        self.page.set_input_files("#file", path)
        self.page.wait_for_function("document.documentElement.dataset.file === 'done'")
        return self.page.eval_on_selector_all("#answer [data-verdict]", "(boxes) => boxes.map((box) => box.dataset.verdict)")

    def shot(self, directory, name):
        if directory:
            self.page.screenshot(path=str(directory / f"{name}-{self.language}-{self.width}.png"), full_page=True)


def pages(options):
    names = {"check": "", "overview": "overview", "evidence": "evidence", "members": "organisations", "sharing": "sharing",
             "report": "report", "catalogue": "catalogue", "record": "record?entry=0", "block": "block?height=1",
             "screen": "screen", "audit": "audit", "never": f"find?q={'0' * 64}", "find": "find?q=1",
             "nothing": "find?q=nothing+of+that+name"}
    if options.item:
        names["item"] = f"item?id={quote(options.item)}"
    if options.request:
        names["request"] = f"request?id={quote(options.request)}"
    return names


def check(browser, options, language):
    """A file is checked, another is not found, one that should be the item is not, and a proof that was altered is rejected."""
    visitor = Visitor(browser, options.url, 1200, language)
    visitor.open("")
    visitor.page.on("request", lambda request: request.method != "GET" and wrong(f"something is sent: {request.url}"))
    for path, number, verdict in ((options.file, "", "same"), (options.other, "", "never"), (options.other, options.item or "", "other")):
        if verdict == "other" and not number:
            continue
        visitor.page.fill("#number", number)
        found = visitor.choose(path)
        if found != [verdict]:
            wrong(f"{path}: {found}, not {verdict}: {visitor.page.inner_text('#answer')}")
        visitor.look(f"check, {verdict}")
        visitor.shot(options.shots, f"check-{verdict}")
        if options.shots and verdict == "same":
            visitor.page.pdf(path=str(options.shots / f"check-{language}.pdf"), prefer_css_page_size=True, print_background=True)
    visitor.page.fill("#number", "")

    def alter(route):
        answer = route.fetch()
        body = answer.json()
        lines = body["state"].split("\n")
        extra = bytearray(base64.b64decode(lines[1].removeprefix("extra ")))
        extra[-20] ^= 1
        lines[1] = "extra " + base64.b64encode(extra).decode()
        body["state"] = "\n".join(lines)
        route.fulfill(response=answer, json=body)

    visitor.context.route("**/proof?digest=*", alter)
    for path in (options.file, options.other):
        found = visitor.choose(path)
        if found != ["unproven-word"]:
            wrong(f"an altered proof passed: {found}")
    visitor.shot(options.shots, "check-altered")
    visitor.context.close()


def altered_page(browser, options):
    """What a page shows and no proof has is found out."""
    if not options.item:
        return
    visitor = Visitor(browser, options.url, 1200, "zh")

    def alter(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('value="sealed"', 'value="released"', 1))

    visitor.context.route("**/item?id=*", alter)
    visitor.open(f"item?id={quote(options.item)}")
    state = visitor.page.get_attribute("[data-proof]", "data-state")
    if state != "failed":
        wrong(f"a page that shows another state is {state}")
    visitor.context.close()


def other_absence(browser, options):
    """That one thing is absent does not pass for the absence of another."""
    visitor = Visitor(browser, options.url, 1200, "zh")
    visitor.context.route("**/state/item/*", lambda route: route.fulfill(response=route.fetch(url=f"{options.url}/state/item/another")))
    visitor.open("find?q=nothing+of+that+name")
    state = visitor.page.get_attribute("[data-proof]", "data-state")
    if state != "failed":
        wrong(f"the proof that something else is absent is {state}")
    visitor.context.close()


def screen(browser, options):
    visitor = Visitor(browser, options.url, 1920, "zh")
    visitor.open("screen")
    visitor.page.keyboard.press("a")
    visitor.page.wait_for_function("document.documentElement.dataset.tamper === 'caught'")
    visitor.shot(options.shots, "screen-caught")
    visitor.context.close()


def audit(browser, options):
    """The whole ledger is audited while a visitor looks, and the page says what was found."""
    for language in ("zh", "en"):
        visitor = Visitor(browser, options.url, 1200, language)
        visitor.open("audit")
        # The second visitor sees what the first one began.
        if language == "zh":
            visitor.page.click("main form button")
        visitor.page.wait_for_selector("[data-audit=rests] .verdict")
        if not visitor.page.query_selector(".verdict.good"):
            wrong(f"the audit says {visitor.page.inner_text('main')}")
        visitor.look("audit, ended")
        visitor.shot(options.shots, "audit-ended")
        visitor.context.close()


def todo(browser, options):
    """A member's statements are prepared in the page and signed on the client: by zheng sign, and with keys that the browser keeps."""
    for language, item in (("zh", "E-2026-002"), ("en", "E-2026-001")):
        for width in WIDTHS:
            visitor = Visitor(browser, options.url, width, language)
            page = visitor.page
            for path in ("todo", "todo?member=notary", "statement?member=notary&kind=evidence.present&about=E-2026-001"):
                visitor.open(path)
                visitor.look(path)
                visitor.shot(options.shots, path.split("&")[0].replace("?", "-").replace("=", "-"))
            page.fill("[name=to]", "市中级人民法院")
            page.fill("[name=purpose]", "庭审出示")
            visitor.go("main form button")
            visitor.look("what is to be signed")
            visitor.shot(options.shots, "statement-prepared")
            visitor.context.close()
        signed_by_file(browser, options, language, item)
    signed_in_browser(browser, options)


def prepared(visitor, kind, about, **fields):
    visitor.open(f"statement?member=notary&kind={kind}&about={about}&lang={visitor.language}")
    for name, value in fields.items():
        visitor.page.fill(f"[name={name}]", value)
    visitor.go("main form button")


def outcome(visitor, what):
    """What became of what was just signed or sent."""
    visitor.page.wait_for_function("document.documentElement.dataset.signed")
    found = visitor.page.evaluate("document.documentElement.dataset.signed")
    if found != what:
        wrong(f"signing came to {found}, not {what}: {visitor.page.inner_text('#signed-state')}")
    visitor.page.evaluate("delete document.documentElement.dataset.signed")


def signed_by_file(browser, options, language, item):
    visitor = Visitor(browser, options.url, 1200, language)
    page = visitor.page
    with tempfile.TemporaryDirectory() as folder:
        if item == "E-2026-002":
            visitor.open("todo?member=notary")
            visitor.go(f"a[href*='kind=evidence.seal'][href*='{item}']")
            page.click("main form button")  # the browser does not send it: a field that must be there is not
            page.fill("[name=seal]", "S-0100")
            visitor.go("main form button")
        else:
            prepared(visitor, "evidence.present", item, to="中级人民法院", purpose="庭审出示")
        with page.expect_download() as download:
            page.click("a[download]")
        payload = pathlib.Path(folder) / download.value.suggested_filename
        download.value.save_as(payload)
        command = shlex.split(page.inner_text(".sign pre"))
        out = pathlib.Path(folder) / "signed.statements"
        places = {"zheng": options.zheng, "policy": str(options.demo / "policy"), "密钥.pem": str(options.demo / "keys/notary.pem"),
                  "KEY.pem": str(options.demo / "keys/notary.pem"), "signed.statements": str(out), payload.name: str(payload)}
        subprocess.run([places.get(word, word) for word in command], check=True, stdout=subprocess.DEVNULL)
        # Another member's statement, and one with a byte changed, are not sent.
        other = bytearray(out.read_bytes())
        other[-80] ^= 1
        changed = pathlib.Path(folder) / "changed"
        changed.write_bytes(other)
        page.set_input_files("#signed", changed)
        page.wait_for_function("document.documentElement.dataset.signed")
        if page.evaluate("document.documentElement.dataset.signed") == "shown":
            page.evaluate("delete document.documentElement.dataset.signed")
            visitor.expected = ("400", "422", "403")
            page.click("#signed-state button")
            page.wait_for_function("document.documentElement.dataset.signed")
            if page.evaluate("document.documentElement.dataset.signed") == "recorded":
                wrong("a changed statement was recorded")
        visitor.expected = ()
        page.evaluate("delete document.documentElement.dataset.signed")
        page.set_input_files("#signed", out)
        outcome(visitor, "shown")
        visitor.look("the signed file")
        visitor.shot(options.shots, "statement-signed")
        page.click("#signed-state button")
        outcome(visitor, "recorded")
        visitor.look("a statement is recorded")
        visitor.shot(options.shots, "statement-recorded")
    visitor.context.close()


def signed_in_browser(browser, options):
    """With the notary's own P-256 key, imported, and with a new Ed25519 key, which administrators register."""
    visitor = Visitor(browser, options.url, 1200, "zh")
    page = visitor.page
    prepared(visitor, "evidence.present", "E-2026-001", to="中级人民法院", purpose="再次出示")
    page.set_input_files("#key-file", options.demo / "keys/notary.pem")
    page.wait_for_function("document.documentElement.dataset.keys === '1'")
    exported = page.evaluate("""async () => {
      const opening = indexedDB.open('zheng', 1);
      await new Promise((resolve) => { opening.onsuccess = resolve; });
      const asked = opening.result.transaction('keys').objectStore('keys').getAll();
      await new Promise((resolve) => { asked.onsuccess = resolve; });
      opening.result.close();
      return asked.result[0].key.extractable;
    }""")
    if exported is not False:
        wrong("the browser's key can be exported")
    page.click("#browser-keys li button:not(.plain)")
    outcome(visitor, "shown")
    visitor.look("what the browser will sign")
    visitor.shot(options.shots, "statement-browser")
    page.click("#signed-state button")
    outcome(visitor, "recorded")
    page.click("#browser-keys p > button.plain")
    page.wait_for_function("document.documentElement.dataset.keys === '2'")
    visitor.look("a new key")
    visitor.shot(options.shots, "statement-new-key")
    with tempfile.TemporaryDirectory() as folder:
        public = pathlib.Path(folder) / "browser.pub.pem"
        public.write_text(page.inner_text("#browser-keys pre").rstrip("\n") + "\n")
        if "MCowBQYDK2Vw" not in public.read_text():
            wrong("the new key is not of Ed25519")
        subprocess.run([options.zheng, "members", "rotate-key", options.url, "notary", "--policy", options.demo / "policy", "--public-key", public,
                        "--keep", "--key", options.demo / "keys/data-bureau.pem"], check=True, stdout=subprocess.DEVNULL)
    prepared(visitor, "evidence.present", "E-2026-001", to="中级人民法院", purpose="第三次出示")
    page.wait_for_function("document.documentElement.dataset.keys === '2'")
    ed25519 = page.query_selector("#browser-keys li:has-text('Ed25519') button:not(.plain)")
    if not ed25519:
        wrong("the registered key is not known")
    else:
        ed25519.click()
        outcome(visitor, "shown")
        page.click("#signed-state button")
        outcome(visitor, "recorded")
    visitor.context.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chromium")
    parser.add_argument("url")
    parser.add_argument("--file", required=True)
    parser.add_argument("--other", required=True)
    parser.add_argument("--item")
    parser.add_argument("--request")
    parser.add_argument("--demo", type=pathlib.Path, help="the demo's folder, whose keys sign")
    parser.add_argument("--zheng", default="zheng")
    parser.add_argument("--shots", type=pathlib.Path)
    options = parser.parse_args()
    options.url = options.url.rstrip("/")
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    assert urlparse(options.url).scheme == "http"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        for language in ("zh", "en"):
            check(browser, options, language)
            for width in WIDTHS:
                visitor = Visitor(browser, options.url, width, language)
                for name, path in pages(options).items():
                    visitor.open(path)
                    visitor.look(name)
                    visitor.shot(options.shots, name)
                    if options.shots and width == 1200:
                        visitor.page.pdf(path=str(options.shots / f"{name}-{language}.pdf"), prefer_css_page_size=True, print_background=True)
                visitor.context.close()
        altered_page(browser, options)
        other_absence(browser, options)
        screen(browser, options)
        audit(browser, options)
        if options.demo:
            todo(browser, options)
        browser.close()
    print(f"{len(pages(options))} pages in both languages at {', '.join(map(str, WIDTHS))} px: {len(faults)} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
