#!/usr/bin/env python3
"""Opens certificates in a headless Chromium, as files, and prints what the script of each found, as a line of JSON.

    python3 certificate_in_browser.py CHROMIUM CERTIFICATE.html [FILE ...] [--pdf OUT.pdf] [--screenshot OUT.png]
    python3 certificate_in_browser.py CHROMIUM CASES.json

Each FILE is chosen in the page, one after the other. CASES.json is a list of {"page": …, "files": […], "manifest": …, "script": true}, all
opened in one browser; where "script" is false the browser is expected to refuse the page's script. Speaks the DevTools protocol over a pipe, so that nothing is added to the
page. Ends by itself, within ten minutes for each page, since a busy machine takes its time, and ends the browser that it started.
"""

import argparse
import base64
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SECONDS = 600


class Browser:
    def __init__(self, program, home):
        self.deadline = time.monotonic() + SECONDS
        to_read, self.output = os.pipe()
        self.input, to_write = os.pipe()

        def wire():
            # The browser reads its descriptor 3 and writes 4; first out of each other's way.
            low, high = os.dup2(to_read, 100), os.dup2(to_write, 101)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            [
                program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", f"--user-data-dir={home}", "about:blank",
            ],
            preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, env={**os.environ, "HOME": home},
        )
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.count = 0
        self.session = None
        self.messages = []

    def call(self, method, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if answer.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.messages.append(answer["params"])

    def receive(self):
        while b"\0" not in self.buffer:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.input], [], [], left)[0]:
                raise TimeoutError("the browser did not answer in time")
            part = os.read(self.input, 1 << 16)
            if not part:
                raise RuntimeError("the browser ended")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression):
        while not self.value(expression):
            if time.monotonic() > self.deadline:
                raise TimeoutError(f"never true: {expression}")
            time.sleep(0.05)

    def open(self, page):
        self.deadline = time.monotonic() + SECONDS
        self.session = None
        self.messages = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=pathlib.Path(page).resolve().as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def choose(self, file, what="file"):
        self.value(f"document.documentElement.dataset.{what} = ''")
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=f"#{what}")["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(pathlib.Path(file).resolve())])
        self.wait(f"document.documentElement.dataset.{what} === 'done'")

    def look(self, page, files, has_script, manifest=None):
        self.open(page)
        if has_script:
            self.wait("document.documentElement.dataset.checks === 'done'")
        else:
            time.sleep(1)
        found = {"page": self.value(RESULTS), "files": []}
        if manifest:
            self.choose(manifest, "manifest")
        for file in files:
            self.choose(file)
            found["files"].append(self.value(RESULTS)["checks"].get("file"))
        found["last"] = self.value(RESULTS)["summary"]
        found["messages"] = [str(message) for message in self.messages]
        return found

    def end(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(timeout=10)
        except (OSError, RuntimeError, TimeoutError, subprocess.TimeoutExpired):
            pass
        # The group is the one that was started above.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


RESULTS = """(() => ({
  hasRun: document.documentElement.dataset.checks === 'done',
  summary: document.getElementById('summary')?.dataset.state ?? null,
  checks: Object.fromEntries([...document.querySelectorAll('#results li')].map((row) => [row.dataset.check, row.dataset.state])),
  texts: Object.fromEntries([...document.querySelectorAll('#results li')].map((row) => [row.dataset.check, row.textContent])),
}))()"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chromium")
    parser.add_argument("certificate")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--pdf")
    parser.add_argument("--screenshot")
    options = parser.parse_args()
    cases = [{"page": options.certificate, "files": options.files}]
    if options.certificate.endswith(".json"):
        cases = json.loads(pathlib.Path(options.certificate).read_text(encoding="utf-8"))
    home = tempfile.mkdtemp(prefix="zheng-browser-")
    browser = Browser(options.chromium, home)
    try:
        for case in cases:
            found = browser.look(case["page"], case.get("files", []), case.get("script", True), case.get("manifest"))
            print(json.dumps(found, ensure_ascii=False), flush=True)
        if options.screenshot:
            size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}
            shot = browser.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
            pathlib.Path(options.screenshot).write_bytes(base64.b64decode(shot["data"]))
        if options.pdf:
            pdf = browser.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
            pathlib.Path(options.pdf).write_bytes(base64.b64decode(pdf["data"]))
    finally:
        browser.end()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, TimeoutError, OSError) as reason:
        sys.exit(f"certificate_in_browser: {reason}")
