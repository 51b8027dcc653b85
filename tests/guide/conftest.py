"""A real installation and a real browser: the guides are followed by role and accessible name only."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@pytest.hookimpl(tryfirst=True)  # before the parallel runner reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the browser; keep it in one process; say it clearly when it cannot run."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(item.path.name))
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="Chromium is not installed: the guides were NOT tried in a browser")
                )


@dataclass
class Installation:
    """A sandbox that `opengallery up` started, and its demonstration."""

    url: str
    data: Path
    demo: dict[str, Any]

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """A call of the API by one of the people."""
        request = urllib.request.Request(
            self.url + "/api/v1" + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.demo['people'][who]['token']}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def deliver(self, who: str, line: str, result: str) -> None:
        """Deliver through the API, with a small file."""
        boundary = "guide"
        parts = [
            f"--{boundary}", 'Content-Disposition: form-data; name="service_result"', "", result, f"--{boundary}",
            'Content-Disposition: form-data; name="deliverables"; filename="proof.pdf"', "Content-Type: application/pdf", "",
            "%PDF-1.4\n%%EOF\n", f"--{boundary}--", "",
        ]  # fmt: skip
        request = urllib.request.Request(
            f"{self.url}/api/v1/flows/{line}/delivery", method="POST", data="\r\n".join(parts).encode(),
            headers={"Authorization": f"Bearer {self.demo['people'][who]['token']}",
                     "Content-Type": f"multipart/form-data; boundary={boundary}"},
        )  # fmt: skip
        urllib.request.urlopen(request, timeout=60).close()

    def clock(self, to: str) -> None:
        """Move the sandbox clock to an instant on the platform's wall clock."""
        self.call("operator", "POST", "/clock", {"to": to.replace(" ", "T") + ":00+08:00"})


@pytest.fixture(scope="module")
def installation(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A sandbox of its own for each file of guides; it begins at the file's BEGINS, otherwise at the turn of 2019."""
    begins = getattr(request.module, "BEGINS", "2020-01-01 09:00").replace(" ", "T")
    with tempfile.TemporaryDirectory(prefix="og-guide-") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("OPENGALLERY_", "DATABASE_"))
        }
        command = [sys.executable, "-m", "opengallery.project.cli", "up", "--demo", "--sandbox", "--at",
                   f"{begins}:00+08:00", "--data", folder, "--port", str(port)]  # fmt: skip
        with open(Path(folder) / "up.log", "wb") as log:
            process = subprocess.Popen(command, env=clean, stdout=log, stderr=log)
            try:
                url = f"http://127.0.0.1:{port}"
                await_answer(url, process)
                yield Installation(url, Path(folder), json.loads((Path(folder) / "demo.json").read_text()))
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def await_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the first page."""
    for _ in range(1800):  # a busy machine takes its time
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert process.poll() is None, "the installation ended"
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The system's Chromium; not for the session: its event loop would be in the way of other tests' database calls."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def person(chromium: Any, installation: Installation) -> Iterator[Callable[..., Any]]:
    """person("buyer"): a page of a browser in which that person has logged in; person("visitor") has not."""
    contexts = []

    def log_in(name: str, **looks: Any) -> Any:
        context = chromium.new_context(base_url=installation.url, locale="en-GB", timezone_id="Asia/Shanghai", **looks)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        if name == "visitor":
            return page
        who = installation.demo["people"][name]
        page.goto("/account/login/")
        page.get_by_label("Email").fill(who["email"])
        page.get_by_label("Password", exact=True).fill(who["password"])
        page.get_by_role("button", name="Log In").click()
        page.wait_for_url(installation.url + "/")
        return page

    yield log_in
    for context in contexts:
        context.close()


@pytest.fixture
def paper(tmp_path: Path) -> Callable[[str], Path]:
    """A small real file to upload, by its name: paper("acceptance.pdf"), paper("sow.docx")."""
    from opengallery.project.shelf import document

    def make(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(
            document((name,)) if name.endswith(".docx") else b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
        )
        return path

    return make
