"""Dossier pages in a real headless browser: they lay out without overflow at two widths, draw their charts, and print."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "release" / "xinzhi"
CHROMIUM = os.environ.get("CHROMIUM", "chromium")
# Nothing may leave the machine: the pages are files and must need no network.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-file-access-from-files",
    "--virtual-time-budget=4000",
]
PAGES = [("CHN", "en"), ("CHN", "zh"), ("CN-LN", "en"), ("CN-LN", "zh"), ("VNM", "en"), ("SGP", "zh"), ("TWN", "en")]

# A frame of the wanted width around the page; reports what is wider than the frame, and how many charts have no size.
PROBE = """<!doctype html><meta charset="utf-8"><body><iframe id="page" src="{source}" style="width:{width}px;height:900px;border:0"></iframe>
<pre id="report"></pre><script>
window.addEventListener("load", () => {{
  const page = document.getElementById("page").contentDocument;
  const charts = [...page.querySelectorAll("svg")].filter((svg) => getComputedStyle(svg).display !== "none" && svg.getClientRects().length);
  const empty = charts.filter((svg) => svg.getBoundingClientRect().height < 40);
  const small = [...page.querySelectorAll("svg text")].filter((t) => t.getClientRects().length && t.textContent.trim()
    && t.getBoundingClientRect().height > 0 && t.getBoundingClientRect().height < 8);
  // names of a flow picture: none may lie on another
  const meeting = [];
  for (const svg of page.querySelectorAll("figure[id*='flow'] svg")) {{
    const boxes = [...svg.querySelectorAll("text")].map((t) => [t.getBoundingClientRect(), t.textContent]).filter(([b]) => b.width > 0);
    boxes.forEach(([a, name], i) => boxes.slice(i + 1).forEach(([b, other]) => {{
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 3) meeting.push(name + " / " + other);
    }}));
  }}
  document.getElementById("report").textContent = JSON.stringify({{
    scroll: page.documentElement.scrollWidth, charts: charts.length, empty: empty.length, small: small.length, meeting: meeting,
    headings: page.querySelectorAll("h1").length }});
}});
</script></body>"""


def chromium(folder: Path, *arguments: str) -> str:
    """Runs the browser with a fresh profile and returns what it wrote."""
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages, written by the program."""
    folder = tmp_path_factory.mktemp("pages")
    for place, language in PAGES:
        out = folder / f"{place}-{language}.html"
        command = [str(PROGRAM), "dossier", place, "--lang", language, "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True, text=True)
    return folder


@pytest.mark.parametrize(("place", "language"), PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_its_window(pages: Path, place: str, language: str, width: int) -> None:
    probe = pages / f"probe-{place}-{language}-{width}.html"
    probe.write_text(PROBE.format(source=f"{place}-{language}.html", width=width), encoding="utf-8")
    dom = chromium(pages, f"--window-size={max(width + 40, 600)},1000", "--dump-dom", probe.as_uri())
    found = re.search(r'<pre id="report">(\{.*?\})</pre>', dom)
    assert found, dom[-500:]
    report = json.loads(found.group(1))
    assert report["scroll"] <= width, f"the page is {report['scroll']} px wide in a window of {width}"
    assert report["charts"] >= 1 and report["empty"] == 0, report
    assert report["small"] == 0, f"{report['small']} texts in charts are under 8 px high"
    assert report["meeting"] == [], "names of a flow picture lie on each other"
    assert report["headings"] == 1


@pytest.mark.parametrize(("place", "language"), PAGES)
def test_page_stands_alone(pages: Path, place: str, language: str) -> None:
    page = (pages / f"{place}-{language}.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_500_000
    assert not re.search(r"<(script|link|iframe|object|embed)\b", page)
    assert not re.search(r'\b(src|srcset)\s*=\s*["\']?https?:', page)
    assert "@import" not in page and not re.search(r"url\(\s*['\"]?https?:", page)
    assert not re.search(r"\{\d\}", page), "a sentence holds an unfilled place"
    assert "NaN" not in page and not re.search(r'"[^"]*\binf\b[^"]*"', page)


@pytest.mark.parametrize(("place", "language"), [("CHN", "en"), ("CN-LN", "zh")])
def test_page_prints(pages: Path, place: str, language: str) -> None:
    out = pages / f"{place}-{language}.pdf"
    chromium(pages, f"--print-to-pdf={out}", "--no-pdf-header-footer", (pages / f"{place}-{language}.html").as_uri())
    content = out.read_bytes()
    count = len(re.findall(rb"/Type\s*/Page\b", content))
    # 43 pages for the largest place, with lists and barriers, the range of losses, the breakthroughs and the plan
    assert content.startswith(b"%PDF") and 4 <= count <= 44, count
