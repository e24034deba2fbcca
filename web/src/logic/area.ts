import type { Bounds } from "./camera";

/** A closed polygon on the map: x and y of its corners in turn. */
export type Corners = readonly number[];

/** What the server takes. */
export const MOST_CORNERS = 64;
const LEAST_CORNERS = 3;

/** By the even-odd rule, as the server has it: what is ringed twice is outside. */
export function isInside(corners: Corners, x: number, y: number): boolean {
  let inside = false;
  let fromX = corners.at(-2) ?? 0;
  let fromY = corners.at(-1) ?? 0;
  for (let at = 0; at < corners.length; at += 2) {
    const toX = corners[at] ?? 0;
    const toY = corners[at + 1] ?? 0;
    if (toY > y !== fromY > y && x < ((fromX - toX) * (y - toY)) / (fromY - toY) + toX)
      inside = !inside;
    fromX = toX;
    fromY = toY;
  }
  return inside;
}

/**
 * The same shape with at most `most` corners, or null where it is none.
 *
 * Again and again the corner goes whose triangle with its neighbours is smallest (Visvalingam and
 * Whyatt 1993), so that what is left covers nearly the same.
 */
export function simplified(drawn: Corners, most = MOST_CORNERS): Corners | null {
  const corners: [number, number][] = [];
  for (let at = 0; at + 1 < drawn.length; at += 2) {
    const corner: [number, number] = [rounded(drawn[at] ?? 0), rounded(drawn[at + 1] ?? 0)];
    const last = corners.at(-1);
    if (last === undefined || last[0] !== corner[0] || last[1] !== corner[1]) corners.push(corner);
  }
  const areas = corners.map((_, at) => triangle(corners, at));
  while (corners.length > LEAST_CORNERS) {
    const least = areas.indexOf(Math.min(...areas));
    if (corners.length <= most && (areas[least] ?? 0) > 0) break;
    corners.splice(least, 1);
    areas.splice(least, 1);
    for (const near of [least - 1, least]) {
      const at = (near + corners.length) % corners.length;
      areas[at] = triangle(corners, at);
    }
  }
  const isShape = corners.length >= LEAST_CORNERS && Math.max(...areas) > 0;
  return isShape ? corners.flat() : null;
}

function triangle(corners: readonly [number, number][], at: number): number {
  const [a, b, c] = [corners.at(at - 1), corners[at], corners[(at + 1) % corners.length]];
  if (a === undefined || b === undefined || c === undefined) return 0;
  return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
}

/** What an address holds without growing long; the map is 2 wide. */
function rounded(value: number): number {
  // Not -0: an address has no sign for it.
  return Number(value.toFixed(5)) || 0;
}

export function cornersOf({ left, bottom, right, top }: Bounds): Corners {
  return [left, bottom, right, bottom, right, top, left, top].map(rounded);
}

export function areaFrom(text: string | null): Corners | null {
  const corners = (text ?? "").split(",").map((part) => Number(part || "-"));
  const isPolygon =
    corners.length % 2 === 0 &&
    corners.length >= 2 * LEAST_CORNERS &&
    corners.length <= 2 * MOST_CORNERS;
  return isPolygon && corners.every(Number.isFinite) ? corners : null;
}
