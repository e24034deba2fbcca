import type { Contribution } from "./apiTypes";

/** What one top-level term brought to a hit; `term` is its place among the chips. */
export interface Share {
  readonly term: number;
  readonly value: number;
}

export function shares(leaves: readonly Contribution[], termOf: readonly number[]): Share[] {
  const sums = new Map<number, number>();
  leaves.forEach((leaf, place) => {
    const term = termOf[place] ?? 0;
    sums.set(term, (sums.get(term) ?? 0) + leaf.contribution);
  });
  return [...sums].map(([term, value]) => ({ term, value }));
}

/** How far the bars of many hits reach to either side of one zero. */
export interface Scale {
  readonly negative: number;
  readonly positive: number;
}

export function scaleOf(hits: readonly (readonly Share[])[]): Scale {
  let negative = 0;
  let positive = 0;
  for (const hit of hits) {
    negative = Math.max(negative, -sumOf(hit, (value) => value < 0));
    positive = Math.max(
      positive,
      sumOf(hit, (value) => value > 0),
    );
  }
  return { negative, positive };
}

function sumOf(hit: readonly Share[], counts: (value: number) => boolean): number {
  return hit.reduce((sum, { value }) => (counts(value) ? sum + value : sum), 0);
}

/** A stretch of a bar, in shares of its whole width from the left. */
export interface Stretch {
  readonly term: number;
  readonly from: number;
  readonly size: number;
}

/** Plus parts to the right of zero, minus parts to the left of it, in the order of the terms. */
export function stretches(hit: readonly Share[], scale: Scale): Stretch[] {
  const whole = scale.negative + scale.positive;
  if (whole === 0) return [];
  let left = scale.negative;
  let right = scale.negative;
  return hit
    .filter(({ value }) => value !== 0)
    .map(({ term, value }) => {
      const size = Math.abs(value);
      if (value < 0) left -= size;
      const from = value < 0 ? left : right;
      if (value > 0) right += size;
      return { term, from: from / whole, size: size / whole };
    });
}

/** How much of what a term brings anywhere it brings here, 0 to 1: what lights up. */
export function lights(hits: readonly (readonly Share[])[], term: number): number[] {
  const values = hits.map((hit) => hit.find((share) => share.term === term)?.value ?? 0);
  const least = Math.min(...values);
  const span = Math.max(...values) - least;
  return values.map((value) => (span === 0 ? 1 : (value - least) / span));
}
