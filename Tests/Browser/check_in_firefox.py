#!/usr/bin/env python3
"""Checks files on the check page of a node in Firefox, by its own protocol (Marionette).

    python3 check_in_firefox.py FIREFOX URL --file DEPOSITED --other CHANGED --item ITEM [--shots DIRECTORY]

The deposited file matches, the changed one was never recorded and is not the item; every proof is checked in the browser, whose Web
Crypto is another one than Chromium's. Needs marionette_driver. Ends with 1 where anything is wrong.
"""

import argparse
import base64
import os
import pathlib
import sys

from marionette_driver import By, Wait
from marionette_driver.marionette import Marionette

faults = []


def wrong(what):
    faults.append(what)
    print(f"WRONG {what}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("firefox")
    parser.add_argument("url")
    parser.add_argument("--file", required=True)
    parser.add_argument("--other", required=True)
    parser.add_argument("--item", required=True)
    parser.add_argument("--shots", type=pathlib.Path)
    options = parser.parse_args()
    client = Marionette(
        bin=options.firefox, headless=True, startup_timeout=300, gecko_log=os.devnull,
        prefs={"security.sandbox.content.level": 0, "app.update.enabled": False})
    client.start_session()
    try:
        client.timeout.page_load = client.timeout.script = 300
        version = client.session_capabilities["browserVersion"]
        for language, words in (("zh", ("一致", "未找到", "不一致")), ("en", ("Matches", "Never recorded", "Does not match"))):
            client.navigate(f"{options.url.rstrip('/')}/?lang={language}")

            def value(script):
                return client.execute_script(f"return {script}")

            Wait(client, timeout=300).until(lambda _: value("document.documentElement.dataset.checks") == "done")
            for path, number, verdict, word in (
                    (options.file, "", "same", words[0]), (options.other, "", "never", words[1]),
                    (options.other, options.item, "other", words[2])):
                client.execute_script(
                    "document.documentElement.dataset.file = ''; document.getElementById('number').value = arguments[0]", [number])
                client.find_element(By.ID, "file").send_keys(str(pathlib.Path(path).resolve()))
                Wait(client, timeout=300).until(lambda _: value("document.documentElement.dataset.file") == "done")
                found = value("[...document.querySelectorAll('#answer [data-verdict]')].map((box) => box.dataset.verdict)")
                if found != [verdict]:
                    wrong(f"{path}: {found}, not {verdict}: {value('document.getElementById(`answer`).innerText')}")
                if word not in value("document.getElementById('answer').innerText"):
                    wrong(f"{path}: the answer does not say {word}")
                if value("document.querySelectorAll('#answer .steps .failed, #answer .steps .unchecked').length"):
                    wrong(f"{path}: {value('document.querySelector(`#answer .steps`).innerText')}")
                if options.shots:
                    options.shots.mkdir(parents=True, exist_ok=True)
                    shot = base64.b64decode(client.screenshot(full=True))
                    (options.shots / f"firefox-{verdict}-{language}.png").write_bytes(shot)
    finally:
        client.quit(in_app=True)
    print(f"the check page in Firefox {version}, in both languages: {len(faults)} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
