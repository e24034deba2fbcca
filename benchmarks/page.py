"""How long a re-ranking takes in the browser: from a dragged weight to the pictures painted.

    python benchmarks/page.py [WALL]

Serves the wall, or one of Flickr-8k that it makes in build/bench/page (minutes), opens the page
in Chromium and moves a slider 60 times. A time begins with the input event and ends after the
first frame that shows another order; pictures glide to their places from there. It holds the
request, the search, JSON, layout, rendering and the wait for the frame.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BAR_MS = 50
_QUERY = "dog running through sand - dog + human"
_DATA = Path(os.environ.get("CAVEWALL_FLICKR8K", "../shared/data/flickr8k"))
_MADE = Path("build/bench/page/wall")
_CAVEWALL = str(Path(sys.executable).with_name("cavewall"))

# Everything is timed inside the page, by its own clock.
_DRAG = """
async ({ term, steps }) => {
  const slider = document.querySelectorAll(".chip input[type=range]")[term];
  const order = () => [...document.querySelectorAll(".card")]
    .sort((a, b) => a.dataset.place - b.dataset.place).map((card) => card.dataset.id).join();
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(null);
  }));
  const changed = (before) => new Promise((done) => {
    const watch = new MutationObserver(() => {
      if (order() === before) return;
      watch.disconnect();
      const rendered = performance.now();
      painted().then((end) => done({ rendered, end }));
    });
    watch.observe(document.querySelector(".wall"), {
      childList: true, subtree: true, attributes: true, attributeFilter: ["data-place"],
    });
    setTimeout(() => { watch.disconnect(); done(null); }, 1000);
  });
  const times = [];
  for (let step = 0; step < steps; step++) {
    performance.clearResourceTimings();
    const before = order();
    slider.value = 0.1 + 1.8 * Math.abs(((2 * step) / 25) % 2 - 1);
    const shown = changed(before);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const done = await shown;
    const asked = performance.getEntriesByType("resource")
      .find(({ name }) => name.includes("/api/search"));
    if (done !== null && asked) times.push({
      "drag to painted": done.end - start,
      "until asked": asked.startTime - start,
      "the request": asked.responseEnd - asked.startTime,
      "reading, layout, rendering": done.rendered - asked.responseEnd,
      "the frame": done.end - done.rendered,
    });
    await new Promise((next) => setTimeout(next, 350));
  }
  return times;
}
"""


@contextmanager
def serving(wall: Path) -> Iterator[str]:
    command = [_CAVEWALL, "serve", "--wall", str(wall), "--port", "0", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())["url"]
        finally:
            server.terminate()


def _wall() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    if not _MADE.exists():
        if not _DATA.exists():
            sys.exit(f"Flickr-8k is not in {_DATA}: name a wall")
        subprocess.run(
            [_CAVEWALL, "add", str(_DATA), "--missing", "keep", "--wall", str(_MADE)], check=True
        )
    return _MADE


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with serving(_wall()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.fill("#box", _QUERY)
        page.press("#box", "Enter")
        page.wait_for_selector(".card")
        page.wait_for_load_state("networkidle")
        pictures = page.locator(".count").inner_text()
        times: list[dict[str, float]] = page.evaluate(_DRAG, {"term": 2, "steps": 60})
        browser.close()
    print(f"{_QUERY}: {pictures}, {len(times)} re-rankings, load {os.getloadavg()[0]:.1f}")
    print(f"{'ms':>28} {'least':>7} {'median':>7} {'95 %':>7}")
    for part in times[0]:
        found = sorted(each[part] for each in times)
        late = found[int(0.95 * len(found))]
        print(f"{part:>28} {found[0]:7.1f} {statistics.median(found):7.1f} {late:7.1f}")
    whole = statistics.median(each["drag to painted"] for each in times)
    print(f"bar {BAR_MS} ms: {'kept' if whole <= BAR_MS else 'MISSED'}")


if __name__ == "__main__":
    main()
