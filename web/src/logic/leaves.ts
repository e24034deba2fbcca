import type { Term } from "./terms";

/**
 * For each leaf of an answer, in order, the place of the term at the top that it is of.
 *
 * Leaves and terms are both in reading order. A text, a picture or a keyword is one leaf; a
 * bracket or a function takes those that follow one another inside it, and a saved name, whose
 * inside is not written, what leaves every later term one.
 */
export function termsOfLeaves(leaves: readonly string[], terms: readonly Term[]): number[] {
  const shown = terms
    .map((term, place) => ({ term, place }))
    .filter(({ term }) => term.kind !== "has");
  let at = 0;
  let taken = 0;
  let read = 0;
  return leaves.map((leaf, order) => {
    const later = shown.length - 1 - at;
    const enough = leaves.length - order > later;
    if (taken > 0 && later > 0 && !(enough && isInside(shown[at]?.term, leaf, read))) {
      at++;
      taken = 0;
      read = 0;
    }
    taken++;
    read = Math.max(read, (shown[at]?.term.atom.indexOf(leaf, read) ?? 0) + leaf.length);
    return shown[at]?.place ?? 0;
  });
}

function isInside(term: Term | undefined, leaf: string, from: number): boolean {
  if (term?.kind === "saved") return true;
  if (term?.kind !== "bracket" && term?.kind !== "function") return false;
  return term.atom.indexOf(leaf, from) >= 0;
}
