import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aspect, between, justified, neighbour, type Sized } from "../src/logic/layout";

const measures = { width: 1000, rowHeight: 200, gap: 10, below: 40 };
const sizes = fc.array(
  fc.record({
    width: fc.integer({ min: 1, max: 9000 }),
    height: fc.integer({ min: 1, max: 9000 }),
  }),
  { maxLength: 80 },
);

function square(count: number): Sized[] {
  return Array.from({ length: count }, () => ({ width: 100, height: 100 }));
}

it("takes a picture of unknown size for 4:3, and crops ribbons", () => {
  expect(aspect({})).toBe(4 / 3);
  expect(aspect({ width: null, height: 3 })).toBe(4 / 3);
  expect(aspect({ width: 300, height: 200 })).toBe(1.5);
  expect(aspect({ width: 9000, height: 10 })).toBe(2.8);
  expect(aspect({ width: 10, height: 9000 })).toBe(0.5);
});

describe("rows", () => {
  it("of squares are as worked out by hand", () => {
    const { rows, boxes } = justified(square(7), measures, true);
    // Five squares with four gaps of 10 in 1000: 192 high, nearer to 200 than four (242).
    expect(rows).toEqual([
      { start: 0, end: 5, y: 0, height: 232 },
      { start: 5, end: 7, y: 242, height: 240 },
    ]);
    expect(boxes[4]).toEqual({ x: 808, y: 0, width: 192, height: 192 });
    expect(boxes[6]).toEqual({ x: 210, y: 242, width: 200, height: 200 });
  });

  it("fill the width, hold every picture once, and do not overlap", () => {
    fc.assert(
      fc.property(sizes, (pictures) => {
        const { rows, boxes, height } = justified(pictures, measures, true);
        expect(boxes).toHaveLength(pictures.length);
        rows.forEach((row, place) => {
          expect(row.start).toBe(rows[place - 1]?.end ?? 0);
          const last = boxes[row.end - 1];
          const right = (last?.x ?? 0) + (last?.width ?? 0);
          if (place < rows.length - 1) expect(right).toBeCloseTo(measures.width, 6);
          else expect(right).toBeLessThanOrEqual(measures.width + 1e-6);
          expect(row.y + row.height).toBeLessThanOrEqual((rows[place + 1]?.y ?? height) + 1e-6);
        });
      }),
    );
  });

  it("never move when more pictures come", () => {
    fc.assert(
      fc.property(sizes, sizes, (first, second) => {
        const before = justified(first, measures, false);
        const after = justified([...first, ...second], measures, false);
        expect(after.boxes.slice(0, before.boxes.length)).toEqual(before.boxes);
      }),
    );
  });
});

it("knows what is between two heights", () => {
  const layout = justified(square(15), measures, true);
  expect(between(layout, 0, 100)).toEqual([0, 5]);
  expect(between(layout, 250, 300)).toEqual([5, 10]);
  expect(between(layout, -10, 5000)).toEqual([0, 15]);
  expect(between(layout, 9000, 9999)).toEqual([0, 0]);
});

it("leads arrows to neighbours, and stays at the ends", () => {
  const layout = justified(square(12), measures, true);
  expect(neighbour(layout, 0, "left")).toBe(0);
  expect(neighbour(layout, 4, "right")).toBe(5);
  expect(neighbour(layout, 6, "up")).toBe(1);
  expect(neighbour(layout, 4, "down")).toBe(9);
  expect(neighbour(layout, 9, "down")).toBe(11);
  expect(neighbour(layout, 2, "up")).toBe(2);
  expect(neighbour(layout, 11, "right")).toBe(11);
  expect(neighbour(layout, 5, "first")).toBe(0);
  expect(neighbour(layout, 5, "last")).toBe(11);
});
