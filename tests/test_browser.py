"""The pages in a real browser: they fit, they can be used with keys and filters, and nothing leaves them.

``make test-browser`` runs them with a Chromium that is on this machine; ``CHROMIUM`` names one in another place.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llm_codemods.proof import Outcome, Speed, Spread
from llm_migrate.render.html import proof_page
from terminal import called, notebook, put
from test_check_reports import CHAT, HIDDEN, SEED, proof, report, site
from test_html import observed_at

sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: make test-browser")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: install it, or set CHROMIUM to its path")

LONG = "a_name_that_is_far_longer_than_a_narrow_screen_is_wide_and_has_no_place_to_break_it_in"
APP = f"""\
from openai import OpenAI

client = OpenAI()
{LONG} = client.chat.completions.create(model="gpt-4o", messages=[], logit_bias={{"1": 2}}, n=9)  # </script><b>
client.audio.speech.create(model="tts-1", voice="alloy", input="x")
vectors = client.embeddings.create(model="text-embedding-3-small", input=["a"])
"""
HOSTILE = "\"></a><script>document.title='taken'</script><img src=http://example.com/x.png>"
WIDTHS = {"wide": 1280, "narrow": 400}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        # without a sandbox, which a container often does not allow: the pages are our own
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a page of each command, by its name; ``zh`` is the rewrite's in Chinese."""
    folder = tmp_path_factory.mktemp("pages")
    project = put(
        folder / "project",
        {
            f"{LONG}/app.py": APP,
            "jobs/one.py": "from openai import OpenAI\n\nOpenAI()\n",
            "jobs/two.py": f"from openai import OpenAI\n\nmodel = 'gpt-4o'  # {HOSTILE}\nllm = OpenAI()\n",
            "book.ipynb": notebook("import openai\nclient = openai.OpenAI()\n"),
        },
    )
    commands = {
        "scan": ("--lang", "en", "scan"),
        "to": ("--lang", "en", "scan", "--to", "deepseek"),
        "rewrite": ("--lang", "en", "rewrite", "--to", "qwen", "--diff"),
        "zh": ("--lang", "zh", "rewrite", "--to", "qwen", "--diff"),
    }
    made = {name: folder / f"{name}.html" for name in (*commands, "check", "run")}
    for name, command in commands.items():
        assert called(project, *command, "--html", made[name]).code == 1
    found = report((site(CHAT, SEED), site(CHAT, unseen=(HIDDEN,))), proof(CHAT), proof(SEED, Outcome.REFUSED))
    speed = Speed("talk", Spread(4, 0.25, 1.0, 0.5, None), None)
    made["check"].write_text(
        proof_page.render(replace(found, endpoints=(replace(found.endpoints[0], speeds=(speed,)),)))
    )
    made["run"].write_text(observed_at())
    return made


class Opened:
    """A page in a browser, and what it complained of or asked for."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, scheme: str = "light") -> None:
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
        )
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())

    def shown(self) -> list[str]:
        """Return the paths of the entries that can be seen."""
        entries = self.page.locator(".entry").all()
        return [str(entry.get_attribute("data-path")) for entry in entries if entry.is_visible()]

    def focused(self) -> int:
        """Return the number of the entry that has the focus, among all; -1: none has."""
        return int(self.page.evaluate("[...document.querySelectorAll('.entry')].indexOf(document.activeElement)"))


@pytest.fixture
def opened(browser: Browser, pages: dict[str, Path]) -> Iterator[Opened]:
    """Return the page of a scan for a provider."""
    one = Opened(browser, pages["to"])
    yield one
    assert one.complaints == []
    assert one.requests == [pages["to"].as_uri()]
    one.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("name", ["scan", "to", "rewrite", "zh", "check", "run"])
def test_a_page_fits_and_is_silent(
    browser: Browser, pages: dict[str, Path], name: str, width: str, scheme: str
) -> None:
    one = Opened(browser, pages[name], WIDTHS[width], scheme)
    one.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    one.page.wait_for_timeout(50)
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    outside = one.page.evaluate(
        "[...document.querySelectorAll('main *')].filter((each) => !each.closest('.wide, pre, .map, svg') && "
        "each.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert outside == 0
    light = one.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0] > 127")
    assert light is (scheme == "light")
    assert one.complaints == []
    assert one.requests == [pages[name].as_uri()]
    assert one.page.title() != "taken"
    one.page.close()


def test_words_that_stand_on_colours_can_be_read(browser: Browser, pages: dict[str, Path]) -> None:
    """The contrast is at least 4.5, as WCAG asks."""
    measure = """() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const light = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
          .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const paper = (each) => {
        for (; each; each = each.parentElement) {
          const color = getComputedStyle(each).backgroundColor;
          if (!/^rgba\\(.*, 0\\)$/.test(color)) return color;
        }
      };
      return [...document.querySelectorAll("main :is(a, p, span, code, th, td, summary, b, label, strong)")]
        .filter((each) => each.checkVisibility() && each.textContent.trim())
        .map((each) => [light(getComputedStyle(each).color), light(paper(each)), each.className + each.textContent])
        .map(([a, b, name]) => [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), name.slice(0, 40)])
        .filter(([ratio]) => ratio < 4.5);
    }"""
    for name, scheme in itertools.product(("rewrite", "check", "run"), ("light", "dark")):
        one = Opened(browser, pages[name], scheme=scheme)
        one.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert one.page.evaluate(measure) == []
        one.page.close()


def test_search_and_filters(opened: Opened) -> None:
    every = opened.shown()
    assert set(every) == {f"{LONG}/app.py", "jobs/one.py", "jobs/two.py", "book.ipynb"}
    opened.page.fill("#search", "LOGIT_BIAS")
    assert set(opened.shown()) == {f"{LONG}/app.py"}
    opened.page.click("#clear")
    assert opened.shown() == every
    opened.page.select_option("select[data-filter=path]", "jobs/")
    assert set(opened.shown()) == {"jobs/one.py", "jobs/two.py"}
    counted = opened.page.locator("#shown").inner_text()
    assert counted.startswith(f"{len(opened.shown())} of ")
    opened.page.select_option("select[data-filter=rule]", "LM101")
    codes = {entry.get_attribute("data-rule") for entry in opened.page.locator(".entry:visible").all()}
    assert codes == {"LM101"}
    opened.page.click("#clear")
    opened.page.uncheck("input[data-verdict=manual]")
    verdicts = {entry.get_attribute("data-verdict") for entry in opened.page.locator(".entry:visible").all()}
    assert verdicts
    assert "manual" not in verdicts
    opened.page.fill("#search", "no such words in it")
    assert opened.shown() == []
    assert not opened.page.locator(".group:visible").count()


def test_the_map_leads_to_the_findings_of_a_file(opened: Opened) -> None:
    for file in opened.page.locator(".map a:not(.folder, .closed)").all():
        file.click()
        assert set(opened.shown()) == {file.get_attribute("data-show")}
    tile = opened.page.locator(".map a[data-show='jobs/one.py']")
    assert "jobs/one.py" in str(tile.get_attribute("title"))
    tile.focus()
    opened.page.keyboard.press("Enter")
    assert set(opened.shown()) == {"jobs/one.py"}
    box = opened.page.locator(".group:visible").bounding_box()
    assert box is not None
    assert box["y"] < 800


def test_all_of_the_map_is_in_it(opened: Opened) -> None:
    around = opened.page.locator(".map").bounding_box()
    assert around is not None
    for tile in opened.page.locator(".map a").all():
        box = tile.bounding_box()
        assert box is not None
        assert box["x"] >= around["x"] - 1
        assert box["x"] + box["width"] <= around["x"] + around["width"] + 1
        assert box["y"] + box["height"] <= around["y"] + around["height"] + 1


def test_keys(opened: Opened) -> None:
    press = opened.page.keyboard.press
    press("j")
    first = opened.focused()
    press("j")
    second = opened.focused()
    assert 0 <= first < second
    press("k")
    assert opened.focused() == first
    details = opened.page.locator(".entry").nth(first).locator("details")
    press("Enter")
    assert all(each.get_attribute("open") is not None for each in details.all())
    assert details.last.locator(".rule").inner_text().count(":") >= 3
    press("Enter")
    assert not any(each.get_attribute("open") is not None for each in details.all())
    press("/")
    assert opened.page.evaluate("document.activeElement.id") == "search"
    press("j")
    assert opened.page.input_value("#search") == "j"
    press("Escape")
    assert opened.page.input_value("#search") == ""
    press("?")
    assert opened.page.locator("#help").is_visible()
    press("Escape")
    assert not opened.page.locator("#help").is_visible()


def test_everything_that_can_be_used_is_reached_by_tab(opened: Opened) -> None:
    unreached = opened.page.evaluate(
        "[...document.querySelectorAll('a, button, input, select, summary')].filter((each) => each.tabIndex < 0).length"
    )
    assert unreached == 0


def test_light_and_dark_can_be_switched(opened: Opened) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light = opened.page.evaluate(paper)
    opened.page.click("#theme")
    assert opened.page.evaluate(paper) != light
    opened.page.keyboard.press("d")
    assert opened.page.evaluate(paper) == light


def test_a_volume_has_its_cost(opened: Opened) -> None:
    row = opened.page.locator("tr[data-provider=deepseek][data-into]").first
    group, into, out = (float(str(row.get_attribute(f"data-{name}"))) for name in ("group", "into", "out"))
    boxes = opened.page.locator(f".volume[data-group='{group:g}'] input")
    boxes.nth(0).fill("100")
    boxes.nth(1).fill("20")
    expected = f"{row.get_attribute('data-sign')}{100 * into + 20 * out:,.2f}"
    assert row.locator(".cost").inner_text() == expected
    assert opened.page.locator("[data-total=deepseek]").inner_text() == expected
    if row.get_attribute("data-sign") == "¥":
        opened.page.fill("#rate", "7")
        assert row.locator(".cost").inner_text().startswith("$")


def test_print_shows_what_is_closed(opened: Opened) -> None:
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator("details:not([open], [data-rule])").count() == 0
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".entry details[data-rule]:visible").count()
    assert opened.page.locator("#rules .rule").first.is_visible()
    assert not opened.page.locator(".filters").is_visible()
    assert opened.page.locator(".entry .diff").first.is_visible()
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("details:not([open])").count() > 0


def test_sites_of_a_check_are_filtered(browser: Browser, pages: dict[str, Path]) -> None:
    one = Opened(browser, pages["check"])
    assert one.page.locator(".entry:visible").count() == 2
    one.page.uncheck("input[data-verdict=refused]")
    assert one.page.locator(".entry:visible").count() == 1
    one.page.keyboard.press("Escape")
    assert one.page.locator(".entry:visible").count() == 2
    assert one.page.locator(".matrix .cell.refused:has-text('✗')").count() == 1
    one.page.close()


def test_requests_of_a_command_are_filtered(browser: Browser, pages: dict[str, Path]) -> None:
    one = Opened(browser, pages["run"])
    assert one.page.locator(".entry:visible").count() == 2
    one.page.select_option("select[data-filter=api]", "chat.completions.create")
    assert one.page.locator(".entry:visible").count() == 1
    one.page.uncheck("input[data-verdict=works]")
    assert one.page.locator(".entry:visible").count() == 0
    one.page.keyboard.press("Escape")
    assert one.page.locator(".entry:visible").count() == 2
    one.page.locator(".entry").first.locator("summary").click()
    assert one.page.locator(".entry").first.locator("li").count() == 2
    assert one.complaints == []
    one.page.close()
