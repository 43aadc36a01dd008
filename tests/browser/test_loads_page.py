"""The pages of loads in a real browser, with scripts switched off: drawn, readable, without complaints."""

import socket
import threading
import time

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from api.app import create_app
from graph.recording import RecordingStore
from graph.settings import Settings
from tests.browser.test_account_page import CONTRASTS, LAPTOP, QUIET
from tests.ingest.quality.monthly import months_of_loads

pytestmark = pytest.mark.browser
PHONE = {"width": 420, "height": 800}


@pytest.fixture(scope="module")
def loads_address(tmp_path_factory):
    """The address of a server over three months of loads, and the newest load's id."""
    lake, loaded = months_of_loads(tmp_path_factory.mktemp("monthly"), 200, 3)
    app = create_app(lake, RecordingStore(), Settings(_env_file=None))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.started, "the server did not start within 20 seconds"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", loaded[-1].load_id
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser(browser_path):
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(browser_path), args=QUIET)
        yield found
        found.close()


@pytest.fixture
def page(browser):
    """A page without scripts that must not complain."""
    with browser.new_context(viewport=LAPTOP, java_script_enabled=False) as context:
        opened, complaints = context.new_page(), []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("requestfailed", lambda request: complaints.append(request.url))
        yield opened
        assert complaints == []


def test_from_the_list_to_a_load_and_back(page, loads_address):
    address, load_id = loads_address
    page.goto(f"{address}/loads?lang=en")
    assert page.get_by_role("heading", level=1).inner_text() == "Loads and their data"
    page.locator("tr[data-load] a").first.click()
    page.wait_for_url(f"**/loads/{load_id}?lang=en")
    assert page.get_by_role("heading", level=1).inner_text() == "monthly"
    assert page.locator("li[data-finding]").first.inner_text().startswith("Settle first")
    assert page.get_by_role("table", name="Fields of members").is_visible()
    page.locator("details.table summary").first.click()
    assert not page.get_by_role("table", name="Fields of members").is_visible()
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**lang=zh")
    assert page.get_by_role("heading", name="需要关注").is_visible()


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("path", ["/loads", "/loads/{}"])
def test_texts_stand_out_and_nothing_hangs_over_the_edge(browser, loads_address, viewport, path):
    """WCAG 2.1, 1.4.3: contrast of at least 4.5 for every text; the page itself never scrolls sideways."""
    address, load_id = loads_address
    with browser.new_context(viewport=viewport) as context:
        page = context.new_page()
        page.goto(address + path.format(load_id))
        assert [text for text, ratio in page.evaluate(CONTRASTS) if ratio < 4.5] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
