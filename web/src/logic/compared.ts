import type { Hit } from "./apiTypes";
import { termsOfLeaves } from "./leaves";
import { printedWeight } from "./numbers";
import type { Term } from "./terms";

export interface Change {
  readonly image_id: string;
  /** Its places, from 1; null where it is not among the first. */
  readonly from: number | null;
  readonly to: number | null;
  /** The term, or the condition, that is responsible. */
  readonly term: string;
  readonly difference: number;
}

export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly rule: string;
  readonly k: number;
  readonly entered: readonly Change[];
  readonly left: readonly Change[];
  readonly moved: readonly Change[];
  readonly encoder: string;
  readonly version: number;
}

export interface Way {
  readonly points: readonly string[];
  readonly version: number;
  readonly hits: readonly (Hit & { readonly point: number })[];
}

export interface Similarities {
  readonly encoder: string;
  readonly dimension: number;
  readonly texts: readonly string[];
  readonly matrix: readonly (readonly number[])[];
  /** The first numbers of each text's vector. */
  readonly first: readonly (readonly number[])[];
}

/** One picture of one of two answers, in its order. */
export interface Standing {
  readonly hit: Hit;
  /** null where it stands at the same place in both. */
  readonly change: Change | null;
}

export function standings(hits: readonly Hit[], { k, ...found }: Comparison): Standing[] {
  const changes = new Map(
    [...found.entered, ...found.left, ...found.moved].map((each) => [each.image_id, each]),
  );
  return hits.slice(0, k).map((hit) => ({ hit, change: changes.get(hit.image_id) ?? null }));
}

/** What became of a picture, for the eye. */
export function badge({ from, to }: Change): string {
  if (from === null) return "new";
  if (to === null) return "gone";
  return to < from ? `↑ ${from - to}` : `↓ ${to - from}`;
}

/** The same as a sentence. */
export function told({ from, to }: Change, cause: string): string {
  if (from === null) return `new at place ${to}, because of ${cause}`;
  if (to === null) return `left from place ${from}, because of ${cause}`;
  return `from place ${from} to ${to}, because of ${cause}`;
}

/** A line between the places of a picture in both answers, counted from 0. */
export interface Tie {
  readonly imageId: string;
  readonly from: number;
  readonly to: number;
  readonly change: Change | null;
}

export function ties(before: readonly Standing[], after: readonly Standing[]): Tie[] {
  const places = new Map(after.map(({ hit }, place) => [hit.image_id, place]));
  return before.flatMap(({ hit, change }, from) => {
    const to = places.get(hit.image_id);
    return to === undefined ? [] : [{ imageId: hit.image_id, from, to, change }];
  });
}

/** The term that a change owes itself to, by its place; a condition comes with its sign. */
export function causeOf(term: string, terms: readonly Term[]): number {
  const condition = terms.findIndex(
    ({ kind, atom }) => kind === "has" && (term === `+ ${atom}` || term === `- ${atom}`),
  );
  return condition >= 0 ? condition : (termsOfLeaves([term], terms)[0] ?? 0);
}

/** How a cause is called: `own` are the terms that the expression has now. */
export function causeLabel({ term }: Change, place: number, terms: readonly Term[], own: number) {
  const found = terms[place];
  if (found === undefined || found.kind === "has") return term;
  if (place >= own) return `no more ${found.label}`;
  const size = Math.abs(found.weight);
  const weight = size === 1 ? "" : `${printedWeight(Number(size.toPrecision(3)))} × `;
  return `${found.weight < 0 ? "−" : "+"} ${weight}${term}`;
}

/** The terms that only the expression before had. */
export function onlyBefore(before: readonly Term[], after: readonly Term[]): Term[] {
  return before.filter(({ atom }) => after.every((term) => term.atom !== atom));
}

/** What one would compare with: the same without each one of its terms. */
export function withoutEach(terms: readonly Term[]): { label: string; rest: Term[] }[] {
  if (terms.length < 2) return [];
  return terms
    .map((term, place) => ({ label: term.label, rest: terms.filter((_, at) => at !== place) }))
    .filter(({ rest }) => rest.some(({ weight, kind }) => weight > 0 && kind !== "has"));
}
