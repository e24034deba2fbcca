/** Frames slower than this are felt; much faster ones have room for more. */
const SLOW = 50;
const FAST = 22;
const FEWEST = 32;

/** One of how many points to draw next, after a frame of one of `every` took so many ms. */
export function paced(every: number, ms: number): number {
  if (ms > SLOW) return Math.min(2 * every, FEWEST);
  return ms < FAST ? Math.max(every / 2, 1) : every;
}
