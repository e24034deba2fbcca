import { computed, effect, signal } from "@preact/signals";
import { Problem } from "../api/client";
import * as api from "../api/map";
import type { MapAnswer } from "../logic/apiTypes";
import type { Points } from "../logic/points";
import { Debounced } from "./debounce";
import { LatestRequest } from "./latestRequest";
import { area, layout, mapped } from "./map";
import { pinned } from "./queryState";
import { found } from "./results";
import { letGo, wasGone } from "./search";
import { isRefused } from "./session";

/** The map of one version in one layout, with its points. */
export interface Chart extends MapAnswer {
  readonly points: Points;
}

export const chart = signal<Chart | null>(null);
export const chartFault = signal<string | null>(null);

/** How far the layout that is wished for has come, while another is shown. */
export const underWay = computed(() => {
  const wished = chart.value?.layouts.find(({ name }) => name === layout.value);
  return wished === undefined || wished.name === chart.value?.layout ? null : wished;
});

const POLL = 1000;
const BUSY = 503;
const again = new Debounced(POLL);

const charting = new LatestRequest<api.OfMap, Chart>(
  async (wish, signal) => {
    const about = await api.map(wish, signal);
    const { version, layout } = about;
    const before = chart.peek();
    const isSame = before?.version === version && before.layout === layout;
    return {
      ...about,
      points: isSame ? before.points : await api.points({ version, layout }, signal),
    };
  },
  (next) => {
    chart.value = next;
    chartFault.value = null;
    // What was drawn on one layout says nothing about another.
    if (area.value?.layout !== next.layout && layout.value === next.layout) letGo();
    if (underWay.value?.state === "computing") again.do(chartAgain);
  },
  (problem, wish) => {
    if (isRefused(problem, () => charting.replace(wish))) return;
    if (wasGone(problem)) charting.replace({ ...wish, version: null });
    else if (problem instanceof Problem && problem.status === BUSY) {
      chartFault.value = "The map of this wall is being made, which takes a while the first time.";
      again.do(chartAgain);
    } else chartFault.value = problem instanceof Error ? problem.message : String(problem);
  },
);

/** Asks for the map of the version whose answer is shown. */
export function chartAgain(): void {
  again.cancel();
  const version = found.peek()?.version ?? pinned.peek() ?? chart.peek()?.version ?? null;
  if (mapped.peek()) charting.replace({ layout: layout.peek(), version });
}

effect(() => {
  const [on, wished, version] = [mapped.value, layout.value, found.value?.version];
  const before = chart.peek();
  const isThere =
    before?.layout === wished && (version === undefined || version === before.version);
  if (!on) charting.stop();
  else if (!isThere) chartAgain();
});
