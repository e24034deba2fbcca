/** No tone: the picture may not answer. */
export const SILENT = 0;
export const STRONGEST = 255;

/**
 * How strongly each picture is coloured for its score, from 1 to 255; 0 where there is none.
 *
 * Of the scores of a wall nearly all say "not this one" and lie about their mean: below it all are
 * alike, and from there to the best the tone grows with the square, so that the few are seen.
 */
export function tonesOf(scores: Float32Array): Uint8Array<ArrayBuffer> {
  const tones = new Uint8Array(scores.length);
  let sum = 0;
  let count = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (Number.isNaN(score)) continue;
    sum += score;
    count++;
    if (score > best) best = score;
  }
  const mean = sum / count;
  const span = best - mean;
  scores.forEach((score, at) => {
    if (Number.isNaN(score)) return;
    const share = span > 0 ? Math.max(score - mean, 0) / span : 0;
    tones[at] = 1 + Math.round(share * share * (STRONGEST - 1));
  });
  return tones;
}
