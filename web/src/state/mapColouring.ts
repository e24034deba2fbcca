import { batch, computed, effect, signal } from "@preact/signals";
import * as api from "../api/map";
import type { Places } from "../logic/apiTypes";
import { tonesOf } from "../logic/colourScale";
import { isIn } from "../logic/points";
import { chart } from "./chart";
import { LatestRequest } from "./latestRequest";
import { area, mapped, to } from "./map";
import { oneOf, stored } from "./persisted";
import { against } from "./queryState";
import { type Sought, sought } from "./search";

/** What the colours of the map say, where there is a query. */
export const colouring = stored("map", oneOf("score", "cluster"));

/** The score of each picture, and how strongly it is coloured for it. */
export const scored = signal<{ readonly scores: Float32Array; readonly tones: Uint8Array } | null>(
  null,
);
/** Where the query, its terms and the path from it lie. */
export const places = signal<Places | null>(null);

/** The terms that lie somewhere, each with its place among them all, which gives it its colour. */
export const placedTerms = computed(() =>
  (places.value?.terms ?? []).flatMap(({ x, y, ...term }, place) =>
    x === null || y === null ? [] : [{ ...term, x, y, place }],
  ),
);

export const tones = computed(() =>
  colouring.value === "score" && scored.value?.scores.length === chart.value?.pictures
    ? (scored.value?.tones ?? null)
    : null,
);

/** For each picture whether it lies in the area; null where there is none. */
export const inside = computed(() => {
  const [on, drawn] = [chart.value, area.value];
  if (on === null || drawn === null || drawn.layout !== on.layout) return null;
  return Uint8Array.from(on.points.xs, (_, at) => Number(isIn(on.points, drawn.corners, at)));
});

type Wish = Sought & api.OfMap & { readonly version: number; readonly to: string };

const scoring = new LatestRequest<Wish, Float32Array>(
  ({ q, rule, where, literal, version }, signal) =>
    api.scores({ q, rule, where, literal, version }, signal),
  (scores) => {
    scored.value = { scores, tones: tonesOf(scores) };
  },
  forget,
);

const placing = new LatestRequest<Wish, Places>(
  ({ q, literal, version, layout, to }, signal) =>
    api.places({ q, literal, version, layout, to }, signal),
  (found) => {
    places.value = found;
  },
  forget,
);

/** What cannot be read or answered is told beside the box; the map just shows no part of it. */
function forget(): void {
  batch(() => {
    scored.value = null;
    places.value = null;
  });
}

effect(() => {
  const asked = sought.value;
  const { version, layout } = chart.value ?? {};
  if (!mapped.value || asked === null || version === undefined || layout === undefined) {
    scoring.stop();
    placing.stop();
    forget();
    return;
  }
  const how = asked.dragged ? "follow" : "replace";
  // What the query is compared with is the other end of a path, too.
  const wish = { ...asked, version, layout, to: to.value || (against.value ?? "") };
  scoring[how](wish);
  placing[how](wish);
});
