import fc from "fast-check";
import { expect, it } from "vitest";
import { apart } from "../src/logic/nonOverlapping";

const window = { width: 100, height: 100 };

it("shows what comes first, and whatever does not cover it", () => {
  const boxes = [
    { x: 10, y: 10, width: 20, height: 10 },
    { x: 25, y: 15, width: 20, height: 10 },
    // Side by side is not over each other.
    { x: 30, y: 10, width: 20, height: 10 },
    { x: 99, y: 50, width: 20, height: 10 },
    { x: 100, y: 70, width: 20, height: 10 },
    { x: -20, y: 70, width: 20, height: 10 },
  ];
  expect(apart(boxes, window)).toEqual([0, 2, 3]);
});

it("lets no box cover another, and leaves none out without a reason", () => {
  const side = fc.integer({ min: 1, max: 30 });
  const place = fc.integer({ min: 0, max: 99 });
  const boxes = fc.array(fc.record({ x: place, y: place, width: side, height: side }));
  fc.assert(
    fc.property(boxes, (all) => {
      const shown = apart(all, window);
      const covers = (a: number, b: number) => {
        const [one, other] = [all[a], all[b]];
        return (
          one !== undefined &&
          other !== undefined &&
          Math.max(one.x, other.x) < Math.min(one.x + one.width, other.x + other.width) &&
          Math.max(one.y, other.y) < Math.min(one.y + one.height, other.y + other.height)
        );
      };
      all.forEach((_, at) => {
        const earlier = shown.filter((other) => other < at && covers(other, at));
        expect(shown.includes(at)).toBe(earlier.length === 0);
      });
    }),
  );
});
