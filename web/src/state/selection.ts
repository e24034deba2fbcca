import { signal } from "@preact/signals";
import type { Hit } from "../logic/apiTypes";
import { hits } from "./results";

/** Pictures that were picked, in that order; they stay so when the query changes. */
export const picked = signal<ReadonlyMap<string, Hit>>(new Map());
let anchor = 0;

/** Picks a place of the wall or lets it go; with `range`, all from the last one to here. */
export function pick(place: number, range: boolean): void {
  const next = new Map(picked.value);
  const hit = hits.value[place];
  if (hit === undefined) return;
  if (range) {
    const [from, to] = [Math.min(anchor, place), Math.max(anchor, place)];
    for (const each of hits.value.slice(from, to + 1)) next.set(each.image_id, each);
  } else if (!next.delete(hit.image_id)) next.set(hit.image_id, hit);
  anchor = place;
  picked.value = next;
}

export function pickNothing(): void {
  picked.value = new Map();
}

export function pickAll(): void {
  picked.value = new Map([
    ...picked.value,
    ...hits.value.map((hit) => [hit.image_id, hit] as const),
  ]);
}
