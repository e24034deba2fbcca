import KDBush from "kdbush";
import { type Corners, isInside } from "./area";
import type { Bounds } from "./camera";

/** The pictures of a map: where each lies, and in which cluster. */
export interface Points {
  readonly xs: Float32Array<ArrayBuffer>;
  readonly ys: Float32Array<ArrayBuffer>;
  readonly clusters: Uint16Array<ArrayBuffer>;
  readonly index: KDBush;
}

const BYTES_EACH = 4 + 4 + 2;

/** As the server sends them: all x, all y, all clusters, little-endian as every browser is. */
export function pointsFrom(bytes: ArrayBuffer): Points {
  const count = Math.floor(bytes.byteLength / BYTES_EACH);
  const xs = new Float32Array(bytes, 0, count);
  const ys = new Float32Array(bytes, 4 * count, count);
  const clusters = new Uint16Array(bytes, 8 * count, count);
  const index = new KDBush(count, 64, Float32Array);
  for (let at = 0; at < count; at++) index.add(xs[at] ?? 0, ys[at] ?? 0);
  return { xs, ys, clusters, index: index.finish() };
}

/** The picture nearest to a place and no further from it than `reach`; -1 where there is none. */
export function nearest({ xs, ys, index }: Points, x: number, y: number, reach: number): number {
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const at of index.within(x, y, reach)) {
    const distance = ((xs[at] ?? 0) - x) ** 2 + ((ys[at] ?? 0) - y) ** 2;
    // Where many lie in one place it is always the same.
    if (distance < least || (distance === least && at < found)) {
      found = at;
      least = distance;
    }
  }
  return found;
}

/** The pictures in view, and in the area where there is one, in their order. */
export function among(points: Points, bounds: Bounds, corners: Corners | null): number[] {
  const { left, bottom, right, top } = bounds;
  const found = points.index.range(left, bottom, right, top);
  const kept = corners === null ? found : found.filter((at) => isIn(points, corners, at));
  // Typed, which sorts a hundred thousand ten times sooner.
  return Array.from(Uint32Array.from(kept).sort());
}

export function isIn({ xs, ys }: Points, corners: Corners, at: number): boolean {
  return isInside(corners, xs[at] ?? 0, ys[at] ?? 0);
}

/** Where most of a cluster lies: two standard deviations to each side, so that strays do not count. */
export function boundsOfCluster({ xs, ys, clusters }: Points, cluster: number): Bounds {
  const [x, y] = [new Spread(), new Spread()];
  clusters.forEach((each, at) => {
    if (each !== cluster) return;
    x.add(xs[at] ?? 0);
    y.add(ys[at] ?? 0);
  });
  const [left, right] = x.reach();
  const [bottom, top] = y.reach();
  return { left, bottom, right, top };
}

class Spread {
  private count = 0;
  private sum = 0;
  private squares = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    this.squares += value * value;
  }

  reach(): [number, number] {
    const mean = this.sum / Math.max(this.count, 1);
    const deviation = Math.sqrt(Math.max(this.squares / Math.max(this.count, 1) - mean ** 2, 0));
    return [mean - 2 * deviation, mean + 2 * deviation];
  }
}
