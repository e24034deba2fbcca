import { computed, effect, signal } from "@preact/signals";
import type { Hit, Hits } from "../logic/apiTypes";
import { scaleOf, shares } from "../logic/contributions";
import { termsOfLeaves } from "../logic/leaves";
import { beside, terms } from "./queryState";

/** The answer that is on the wall, with the pages loaded so far. */
export interface Found extends Hits {
  readonly q: string;
  readonly complete: boolean;
}

export const found = signal<Found | null>(null);
/** From the first sign of a wish until it is answered. */
export const busy = signal(false);

effect(() => {
  document.documentElement.toggleAttribute("data-busy", busy.value);
});

export const hits = computed<readonly Hit[]>(() => found.value?.hits ?? []);

const termOf = computed(() =>
  termsOfLeaves(hits.value[0]?.terms.map(({ term }) => term) ?? [], [
    ...terms.value,
    ...beside.value,
  ]),
);

/** What each term brought to each hit. */
export const brought = computed(() => hits.value.map((hit) => shares(hit.terms, termOf.value)));
export const scale = computed(() => scaleOf(brought.value));

/** The leaves of an answer with the place of the term that each is of. */
export function termOfLeaf(place: number): number {
  return termOf.value[place] ?? 0;
}

export function isComplete(answer: Hits, loaded: number, wanted: number): boolean {
  return loaded >= (answer.total ?? 0) || answer.hits.length < wanted;
}
