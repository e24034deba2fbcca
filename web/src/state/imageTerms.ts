import { signal } from "@preact/signals";
import * as api from "../api/map";
import type { Placed } from "../logic/apiTypes";
import { chart } from "./chart";

/** What is known of pictures by their places in the version that is on the map. */
export const pictured = signal<ReadonlyMap<number, Placed>>(new Map());

let version = -1;
const asked = new Set<number>();

/** Learns what is not known yet of some pictures; nothing, where the version is gone meanwhile. */
export async function learn(places: readonly number[]): Promise<void> {
  const now = chart.peek()?.version;
  if (now === undefined) return;
  if (now !== version) {
    version = now;
    asked.clear();
    pictured.value = new Map();
  }
  const unknown = places.filter((at) => !asked.has(at));
  if (unknown.length === 0) return;
  for (const at of unknown) asked.add(at);
  try {
    const found = await api.placed(now, unknown);
    if (now !== version) return;
    pictured.value = new Map([...pictured.value, ...found.map((each) => [each.at, each] as const)]);
  } catch {
    // Asked again when they next come into view.
    for (const at of unknown) asked.delete(at);
  }
}

/** One of them, asked for where it is not known yet. */
export async function picturedAt(at: number): Promise<Placed | undefined> {
  const known = pictured.peek().get(at);
  const now = chart.peek()?.version;
  if (known !== undefined || now === undefined) return known;
  try {
    return (await api.placed(now, [at]))[0];
  } catch {
    return undefined;
  }
}
