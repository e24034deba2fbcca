import { computed, effect, signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { lights } from "../logic/contributions";
import { type Box, between, justified } from "../logic/layout";
import { active, lit } from "../state/focus";
import { size } from "../state/preferences";
import { brought, found, hits } from "../state/results";
import { more } from "../state/search";
import { picked } from "../state/selection";
import { Card } from "./Card";
import { isMoved, moved } from "./flipAnimation";
import { Start } from "./Start";

const HEIGHTS = { small: 130, medium: 205, large: 320 };
const NARROW = 600;
const BELOW = 46;
// How much is there above and below what is seen, in screens.
const AROUND = 0.6;

const width = signal(0);
const top = signal(0);
const seen = signal(1000);

export const layout = computed(() => {
  const narrow = width.value < NARROW;
  return justified(
    hits.value,
    {
      width: width.value,
      rowHeight: HEIGHTS[size.value] * (narrow ? 0.62 : 1),
      gap: narrow ? 6 : 10,
      below: BELOW,
    },
    found.value?.complete ?? true,
  );
});

const shown = computed(() =>
  between(layout.value, top.value - AROUND * seen.value, top.value + (1 + AROUND) * seen.value),
);

const lighting = computed(() => (lit.value === null ? null : lights(brought.value, lit.value)));

effect(() => {
  const answer = found.value;
  if (answer !== null && !answer.complete && top.value + 2.5 * seen.value > layout.value.height)
    more();
});

export function Wall() {
  const list = useRef<HTMLUListElement>(null);
  const before = useRef<{ width: number; boxes: Map<string, Box> }>({ width: 0, boxes: new Map() });
  useEffect(() => follow(list.current), []);

  const { boxes, height } = layout.value;
  const [start, end] = shown.value;
  const visible = hits.value.slice(start, end);
  const light = lighting.value;

  useLayoutEffect(() => {
    const now = new Map<string, Box>();
    visible.forEach((hit, place) => {
      const box = boxes[start + place];
      if (box !== undefined) now.set(hit.image_id, box);
    });
    const { boxes: old, width: oldWidth } = before.current;
    for (const card of oldWidth === width.value ? (list.current?.children ?? []) : []) {
      if (!(card instanceof HTMLElement)) continue;
      const id = card.dataset.id ?? "";
      const [from, to] = [old.get(id), now.get(id)];
      if (from && to && isMoved(from, to)) moved(card, from, to);
    }
    before.current = { width: width.value, boxes: now };
  }, [boxes, start, end]);

  return (
    <>
      {found.value === null && <Start />}
      <ul
        ref={list}
        class={`wall ${light === null ? "" : "lit"} ${picked.value.size > 0 ? "picking" : ""}`}
        aria-label="Pictures"
        style={{ height: `${height}px` }}
      >
        {visible.map((hit, place) => {
          const box = boxes[start + place];
          return box === undefined ? null : (
            <Card
              key={hit.image_id}
              hit={hit}
              place={start + place}
              box={box}
              shares={brought.value[start + place] ?? []}
              light={light?.[start + place] ?? null}
            />
          );
        })}
      </ul>
    </>
  );
}

/** The width and the part in view, kept while the list is there. */
function follow(list: HTMLElement | null): (() => void) | undefined {
  if (list === null) return;
  const measure = () => {
    const rect = list.getBoundingClientRect();
    width.value = Math.floor(rect.width);
    seen.value = innerHeight;
    // In steps: not every pixel of scrolling is worth a new list.
    top.value = Math.max(Math.round(-rect.top / 100) * 100, 0);
  };
  const observer = new ResizeObserver(measure);
  observer.observe(list);
  addEventListener("scroll", measure, { passive: true });
  measure();
  return () => {
    observer.disconnect();
    removeEventListener("scroll", measure);
  };
}

/** Brings a place of the wall into view and gives it the focus. */
export function goTo(place: number): void {
  active.value = place;
  const box = layout.value.boxes[place];
  const list = document.querySelector(".wall");
  if (box === undefined || list === null) return;
  const head = document.querySelector(".head")?.getBoundingClientRect().bottom ?? 0;
  const listTop = list.getBoundingClientRect().top;
  const above = listTop + box.y - head - 16;
  const below = listTop + box.y + box.height + BELOW - innerHeight + 16;
  if (above < 0) scrollBy({ top: above });
  else if (below > 0) scrollBy({ top: below });
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const card = list.querySelector(`[data-place="${place}"] .open`);
      if (card instanceof HTMLElement) card.focus({ preventScroll: true });
    }),
  );
}
