import type { Term } from "./terms";

/**
 * For each leaf of an answer, in order, the place of the term at the top that it is of.
 *
 * An answer has every leaf once, wherever it stands: it is of the term that is just this, else of
 * the first bracket or function that has it inside, else of a saved name, whose inside is not
 * written.
 */
export function termsOfLeaves(leaves: readonly string[], terms: readonly Term[]): number[] {
  return leaves.map((leaf) => {
    const places = [isLeaf, isInside, isSaved].map((fits) =>
      terms.findIndex((term) => fits(term, leaf)),
    );
    return places.find((place) => place >= 0) ?? 0;
  });
}

function isLeaf(term: Term, leaf: string): boolean {
  return (
    term.kind !== "has" && (term.atom === leaf || (term.kind === "text" && term.label === leaf))
  );
}

const LETTER = /[\p{L}\p{N}]/u;

function isInside({ kind, atom }: Term, leaf: string): boolean {
  if (kind !== "bracket" && kind !== "function") return false;
  for (let at = atom.indexOf(leaf); at >= 0; at = atom.indexOf(leaf, at + 1)) {
    const after = atom.charAt(at + leaf.length);
    if (!LETTER.test(atom.charAt(at - 1)) && !LETTER.test(after)) return true;
  }
  return false;
}

function isSaved({ kind }: Term): boolean {
  return kind === "saved";
}
