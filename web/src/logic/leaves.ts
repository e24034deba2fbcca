import type { Term } from "./terms";

/**
 * For each leaf of an answer, in order, the place of the term at the top that it is of.
 *
 * Leaves and terms are both in reading order. A text, a picture or a keyword is one leaf; a
 * bracket, a function or a saved name takes leaves as long as they stand inside and every later
 * term still gets one.
 */
export function termsOfLeaves(leaves: readonly string[], terms: readonly Term[]): number[] {
  const shown = terms
    .map((term, place) => ({ term, place }))
    .filter(({ term }) => term.kind !== "has");
  let at = 0;
  let taken = 0;
  return leaves.map((leaf, order) => {
    const later = shown.length - 1 - at;
    const current = shown[at];
    const stays =
      current !== undefined && isInside(current.term, leaf) && leaves.length - order > later;
    if (taken > 0 && !stays && later > 0) {
      at++;
      taken = 0;
    }
    taken++;
    return shown[at]?.place ?? 0;
  });
}

function isInside(term: Term, leaf: string): boolean {
  if (term.kind === "saved") return true;
  return (term.kind === "bracket" || term.kind === "function") && term.atom.includes(leaf);
}
