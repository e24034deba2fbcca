import { printedWeight } from "./numbers";

export type Kind = "text" | "like" | "image" | "keyword" | "has" | "saved" | "function" | "bracket";

/** One factor at the top of an expression: `weight * atom`. */
export interface Term {
  readonly weight: number;
  readonly atom: string;
  readonly kind: Kind;
  readonly label: string;
  readonly image_id?: string | null;
  readonly name?: string | null;
}

/** Terms as the language writes them: the text that is understood as these terms. */
export function expressionOf(terms: readonly Term[]): string {
  return terms
    .map((term, place) => {
      const size = Math.abs(term.weight);
      const sign = term.weight < 0 ? "- " : place > 0 ? "+ " : "";
      const weight = size === 1 || term.kind === "has" ? "" : `${printedWeight(size)} * `;
      return sign + weight + term.atom;
    })
    .join(" ");
}

export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A text of letters and spaces as it is, any other in quotes: it is never read as more. */
export function asText(text: string): string {
  return /^[\p{L}\p{N}](?:[\p{L}\p{N} ]*[\p{L}\p{N}])?$/u.test(text) ? text : quoted(text);
}

export function likeTerm(imageId: string, weight: number): Term {
  const atom = `like(${quoted(imageId)})`;
  return { weight, atom, kind: "like", label: imageId, image_id: imageId };
}

/** The terms with a picture among them: one that is there gets the sign, its size is kept. */
export function withPicture(terms: readonly Term[], imageId: string, sign: 1 | -1): Term[] {
  const place = terms.findIndex((term) => term.kind === "like" && term.image_id === imageId);
  const there = terms[place];
  if (there === undefined) return [...terms, likeTerm(imageId, sign)];
  return replaced(terms, place, { ...there, weight: sign * Math.abs(there.weight) });
}

export function replaced(terms: readonly Term[], place: number, term: Term): Term[] {
  return terms.map((each, at) => (at === place ? term : each));
}

export function without(terms: readonly Term[], place: number): Term[] {
  return terms.filter((_, at) => at !== place);
}

/** Conditions and what is empty cannot stand in brackets. */
export function canJoin(terms: readonly Term[], place: number): boolean {
  const pair = terms.slice(place, place + 2);
  return pair.length === 2 && pair.every((term) => term.kind !== "has");
}

/** The term at `place` and the next in one bracket; brackets are plain sums, so it means the same. */
export function joined(terms: readonly Term[], place: number): Term[] {
  const pair = terms.slice(place, place + 2);
  const sign = (pair[0]?.weight ?? 1) < 0 ? -1 : 1;
  const inside = expressionOf(pair.map((term) => ({ ...term, weight: sign * term.weight })));
  const bracket: Term = { weight: sign, atom: `(${inside})`, kind: "bracket", label: inside };
  return [...terms.slice(0, place), bracket, ...terms.slice(place + 2)];
}

/** The bracket at `place` dissolved into what is inside, `inner`, each part with its own share. */
export function dissolved(terms: readonly Term[], place: number, inner: readonly Term[]): Term[] {
  const outer = terms[place]?.weight ?? 1;
  const parts = inner.map((term) => ({ ...term, weight: rounded(outer * term.weight) }));
  return [...terms.slice(0, place), ...parts, ...terms.slice(place + 1)];
}

/** What a bracket's atom holds. */
export function insideOf(atom: string): string {
  return atom.slice(1, -1);
}

/** A product of two short decimals is a short decimal, whatever binary floats make of it. */
function rounded(weight: number): number {
  return Number(weight.toPrecision(12));
}
