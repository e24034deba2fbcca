import { expect, it } from "vitest";
import { among, boundsOfCluster, nearest, pointsFrom } from "../src/logic/points";

const ALL = { left: -1, bottom: -1, right: 1, top: 1 };

function bytes(xs: number[], ys: number[], clusters: number[]): ArrayBuffer {
  const parts = [Float32Array.from(xs), Float32Array.from(ys), Uint16Array.from(clusters)];
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(new Uint8Array(part.buffer), at);
    at += part.byteLength;
  }
  return all.buffer;
}

const points = pointsFrom(bytes([-0.5, 0.5, 0.5, 0], [0, 0.25, 0.25, -1], [1, 0, 0, 65535]));

it("reads what the server sends", () => {
  expect([...points.xs]).toEqual([-0.5, 0.5, 0.5, 0]);
  expect([...points.ys]).toEqual([0, 0.25, 0.25, -1]);
  expect([...points.clusters]).toEqual([1, 0, 0, 65535]);
});

it("finds the nearest, always the same of those in one place", () => {
  expect(nearest(points, -0.4, 0, 0.2)).toBe(0);
  expect(nearest(points, 0.5, 0.2, 0.2)).toBe(1);
  expect(nearest(points, 0, 0.5, 0.2)).toBe(-1);
});

it("knows what is in view, and of that what is in the area", () => {
  expect(among(points, ALL, null)).toEqual([0, 1, 2, 3]);
  expect(among(points, { ...ALL, left: 0 }, null)).toEqual([1, 2, 3]);
  expect(among(points, ALL, [0, 0, 1, 0, 1, 1, 0, 1])).toEqual([1, 2]);
});

it("is nothing where the wall has nothing", () => {
  const none = pointsFrom(new ArrayBuffer(0));
  expect(nearest(none, 0, 0, 1)).toBe(-1);
  expect(among(none, ALL, null)).toEqual([]);
});

it("sees a cluster without its strays", () => {
  const xs = [...Array(99).fill(0.1), 1];
  const strayed = pointsFrom(bytes(xs, Array(100).fill(0.2), Array(100).fill(0)));
  const { left, right, bottom, top } = boundsOfCluster(strayed, 0);
  expect(right).toBeLessThan(0.35);
  expect(left).toBeGreaterThan(-0.15);
  expect([bottom, top]).toEqual([expect.closeTo(0.2, 6), expect.closeTo(0.2, 6)]);
});
