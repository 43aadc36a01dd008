"""The account's page in a real browser: offline, without complaints, by keyboard, in two languages."""

import base64
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.browser

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--disable-webgl",
]
LAPTOP = {"width": 1366, "height": 768}


@dataclass
class Watched:
    """What the browser complained of and where it wanted to go."""

    console: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def note_failure(self, request):
        if request.failure != "net::ERR_ABORTED":  # an icon still on its way when the page was left
            self.failed.append(f"{request.url}: {request.failure}")


@pytest.fixture(scope="module")
def browser(browser_path):
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(browser_path), args=QUIET)
        yield found
        found.close()


@pytest.fixture
def watched():
    return Watched()


@pytest.fixture
def page(browser, address, watched):
    """A page in a fresh profile that reports CSP violations and may go nowhere but to our server."""
    context = browser.new_context(viewport=LAPTOP)
    # written to the console before the page's own policy applies, so that no violation goes unseen
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
    )

    def only_ours(route):
        if urlsplit(route.request.url).netloc == urlsplit(address).netloc:
            route.continue_()
        else:
            watched.outside.append(route.request.url)
            route.abort()

    context.route("**/*", only_ours)
    opened = context.new_page()
    opened.on("console", lambda m: watched.console.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: watched.console.append(str(error)))
    opened.on("requestfailed", watched.note_failure)
    opened.goto(address)
    yield opened
    context.close()


@pytest.fixture
def nothing_to_complain(watched):
    yield
    assert watched.console == []
    assert watched.outside == []
    assert watched.failed == []


def heading(page):
    return page.locator("h1").inner_text()


@pytest.mark.usefixtures("nothing_to_complain")
def test_the_page_is_drawn_and_its_style_is_in_force(page, browser):
    assert heading(page) == "华信集团"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 246, 248)"
    assert page.evaluate("document.documentElement.scrollWidth") <= LAPTOP["width"]
    assert colours(browser, page.screenshot()) > 50, "a page with text has many shades"


@pytest.mark.usefixtures("nothing_to_complain")
def test_every_edge_drawn_is_a_row_of_the_table(page):
    card = page.locator(".ties")
    edges, nodes = int(card.get_attribute("data-edges")), int(card.get_attribute("data-nodes"))
    assert (edges, nodes) == (3, 4)
    assert page.locator("[data-edge]").count() == page.locator("[data-tie]").count() == edges
    assert page.locator("[data-node]").count() == nodes
    for node in page.locator("[data-node]").all():
        box = node.bounding_box()
        assert box["width"] >= 10
        assert box["height"] >= 10
    assert page.locator("tr[data-tie]").first.inner_text().split() == [
        "王磊", "138****0002", "通信", "40", "0", "2026-10", "–",
    ]  # fmt: skip


@pytest.mark.usefixtures("nothing_to_complain")
def test_the_picture_is_not_blank(page, browser):
    assert colours(browser, page.locator("svg.graph").screenshot()) > 10


@pytest.mark.usefixtures("nothing_to_complain")
def test_an_account_is_chosen_by_keyboard_alone(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "account":
            break
    assert page.evaluate("document.activeElement.name") == "account"
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("粤海银行")
    page.keyboard.press("Enter")
    page.wait_for_url("**account=a3**")
    assert heading(page) == "粤海银行"
    assert page.locator("#account").input_value() == "a3"


@pytest.mark.usefixtures("nothing_to_complain")
def test_the_skip_link_leads_to_the_content(page):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.usefixtures("nothing_to_complain")
def test_the_language_changes_and_the_account_stays(page, address):
    page.goto(f"{address}/?account=a2")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**lang=en**")
    assert heading(page) == "华信南区"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", name="Members at risk").is_visible()
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**lang=zh**")
    assert heading(page) == "华信南区"
    page.go_back()
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.usefixtures("nothing_to_complain")
def test_the_bills_open_as_a_table_without_scripts(browser, address):
    with browser.new_context(viewport=LAPTOP, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        assert not page.get_by_role("table", name="账单明细表").is_visible()
        page.locator("summary").click()
        assert page.get_by_role("table", name="账单明细表").locator("tbody tr").count() == 3
        page.locator("#account").fill("a5")
        page.keyboard.press("Enter")
        page.wait_for_url("**account=a5**")
        assert heading(page) == "南沙证券"


@pytest.mark.usefixtures("nothing_to_complain")
def test_a_node_leads_to_its_member(page, address):
    page.locator("a.node", has_text="王磊").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/members/m01")
    assert '"member_id":"m01"' in page.content()


@pytest.mark.usefixtures("nothing_to_complain")
def test_texts_stand_out_from_their_ground(page):
    """WCAG 2.1, 1.4.3: contrast of at least 4.5 for every text on the page."""
    for text, ratio in page.evaluate(CONTRASTS):
        assert ratio >= 4.5, text


@pytest.mark.usefixtures("nothing_to_complain")
def test_the_list_of_endpoints_opens(page, address):
    page.goto(f"{address}/docs?lang=en")
    assert heading(page) == "What may be asked over HTTP"


def colours(browser, png):
    """How many colours a screenshot has, as the browser itself reads it."""
    with browser.new_context() as context:
        return context.new_page().evaluate(COLOURS, base64.b64encode(png).decode())


COLOURS = """
async png => {
  const image = new Image()
  image.src = 'data:image/png;base64,' + png
  await image.decode()
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
  canvas.drawImage(image, 0, 0)
  const pixels = canvas.getImageData(0, 0, image.width, image.height).data
  return new Set(new Uint32Array(pixels.buffer)).size
}
"""

CONTRASTS = """
() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number)
  const light = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor)
      if (c.length === 3 || c[3] > 0) return c.slice(0, 3)
    }
    return [255, 255, 255]
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement
    if (!text || !e.getClientRects().length || e.closest('title, datalist')) continue
    const style = getComputedStyle(e)
    const ink = parse(e.closest('svg') ? style.fill : style.color).slice(0, 3)
    const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x)
    found.push([text, (a + 0.05) / (b + 0.05)])
  }
  return found
}
"""
