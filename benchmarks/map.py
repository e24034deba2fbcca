"""How smooth the map is: frames while it is moved, zoomed and coloured anew, at 100,000 pictures.

    python benchmarks/map.py [WALL]

Serves the wall, or one of 100,000 pictures that walls.py makes in build/walls (minutes), opens its
map in Chromium without a graphics card, so that the processor draws, and moves it, turns the wheel
and drags a weight. A frame is what passes from one animation frame to the next; a colouring begins
with the input event and ends after the frame that shows the new colours.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from pathlib import Path

from page import serving

_PICTURES = 100_000

# Everything is timed inside the page, by its own clock.
_HAND = """
async (how) => {
  const map = document.querySelector(".map");
  const { left, top, width, height } = map.getBoundingClientRect();
  const at = (x, y) => ({ clientX: left + x, clientY: top + y, pointerId: 1, pointerType: "mouse",
                          isPrimary: true, bubbles: true, cancelable: true });
  const frame = () => new Promise(requestAnimationFrame);
  map.setPointerCapture = () => undefined;
  const [x, y] = [width / 2, height / 2];
  if (how === "moving") map.dispatchEvent(new PointerEvent("pointerdown", at(x, y)));
  const times = [];
  let before = await frame();
  for (let step = 0; step < 90; step++) {
    const share = Math.sin(step / 10);
    if (how === "moving")
      map.dispatchEvent(new PointerEvent("pointermove", at(x + 200 * share, y + 10 * share)));
    else
      map.dispatchEvent(new WheelEvent("wheel", { ...at(x, y), deltaY: step < 45 ? -40 : 40 }));
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  map.dispatchEvent(new PointerEvent("pointerup", at(x, y)));
  return times.slice(5);
}
"""
_DRAG = """
async () => {
  const slider = document.querySelector(".chip input[type=range]");
  const canvas = document.querySelector(".map canvas");
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let step = 0; step < 30; step++) {
    const drawn = new Promise((done) => {
      const watch = new MutationObserver(() => { watch.disconnect(); done(); });
      watch.observe(canvas, { attributes: true });
      setTimeout(done, 5000);
    });
    slider.value = 0.1 + 1.8 * Math.abs(((2 * step) / 11) % 2 - 1);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn;
    await frame();
    times.push(performance.now() - start);
    await new Promise((next) => setTimeout(next, 300));
  }
  return times;
}
"""


def _wall() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    from walls import Collection, remembering, wall_of

    with wall_of(Collection.of(), _PICTURES, remembering()) as made:
        return Path(made.address)


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with serving(_wall()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(f"{address}?q=dog+%2B+snow&view=map")
        page.wait_for_selector(".map canvas[data-drawn]", state="attached")
        page.wait_for_load_state("networkidle")
        seen = page.locator(".map-tools [role=status]").inner_text()
        found: dict[str, list[float]] = {
            "a frame while moving": page.evaluate(_HAND, "moving"),
            "a frame while zooming": page.evaluate(_HAND, "zooming"),
            "drag of a weight to new colours": page.evaluate(_DRAG),
        }
        browser.close()
    print(f"{seen}, drawn by the processor, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'ms':>32} {'least':>7} {'median':>7} {'95 %':>7}")
    for what, times in found.items():
        ordered = sorted(times)
        late = ordered[int(0.95 * len(ordered))]
        print(f"{what:>32} {ordered[0]:7.1f} {statistics.median(ordered):7.1f} {late:7.1f}")


if __name__ == "__main__":
    main()
