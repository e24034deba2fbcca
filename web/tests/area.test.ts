import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  areaFrom,
  type Corners,
  cornersOf,
  isInside,
  MOST_CORNERS,
  simplified,
} from "../src/logic/area";

const SQUARE: Corners = [0, 0, 1, 0, 1, 1, 0, 1];
// Drawn in one stroke: the middle of a five-pointed star is ringed twice.
const STAR: Corners = [0, 1, 0.59, -0.81, -0.95, 0.31, 0.95, 0.31, -0.59, -0.81];

function circle(corners: number): Corners {
  return Array.from({ length: corners }, (_, at) => {
    const angle = (2 * Math.PI * at) / corners;
    return [Math.cos(angle), Math.sin(angle)];
  }).flat();
}

describe("inside", () => {
  it("of a square", () => {
    expect(isInside(SQUARE, 0.5, 0.5)).toBe(true);
    for (const [x, y] of [
      [-0.1, 0.5],
      [1.1, 0.5],
      [0.5, -0.1],
      [0.5, 1.1],
    ] as const)
      expect(isInside(SQUARE, x, y)).toBe(false);
  });

  it("is even-odd: not the middle of a star", () => {
    expect(isInside(STAR, 0, 0)).toBe(false);
    expect(isInside(STAR, 0, 0.8)).toBe(true);
  });

  it("is the same from wherever it was drawn, and either way round", () => {
    const point = fc.double({ min: -1.2, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(point, point, fc.integer({ min: 1, max: 4 }), (x, y, from) => {
        const turned = [...STAR.slice(2 * from), ...STAR.slice(0, 2 * from)];
        const reversed = [0, 1, 2, 3, 4].flatMap((at) => STAR.slice(8 - 2 * at, 10 - 2 * at));
        expect(isInside(turned, x, y)).toBe(isInside(STAR, x, y));
        expect(isInside(reversed, x, y)).toBe(isInside(STAR, x, y));
      }),
    );
  });
});

describe("simplified", () => {
  it("leaves out what lies on a line or comes twice", () => {
    expect(simplified([0, 0, 0.5, 0, 1, 0, 1, 0, 1, 1, 0, 1])).toEqual(SQUARE);
  });

  it("has no more corners than the server takes, and covers nearly the same", () => {
    const shape = simplified(circle(900));
    expect(shape).toHaveLength(2 * MOST_CORNERS);
    for (let at = 0; at < 200; at++) {
      const angle = at / 30;
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      expect(isInside(shape ?? [], 0.99 * x, 0.99 * y)).toBe(true);
      expect(isInside(shape ?? [], 1.01 * x, 1.01 * y)).toBe(false);
    }
  });

  it("is nothing for a click, and for a line", () => {
    expect(simplified([0.5, 0.5])).toBeNull();
    expect(simplified([0, 0, 1, 1])).toBeNull();
    expect(simplified([0, 0, 0.5, 0.5, 1, 1, 0.2, 0.2])).toBeNull();
  });

  it("takes any stroke", () => {
    const value = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (drawn) => {
        const shape = simplified(drawn);
        if (shape !== null) expect(areaFrom(shape.join())).toEqual(shape);
      }),
    );
  });
});

it("has the corners of a view", () => {
  const bounds = { left: -0.5, bottom: 0, right: 0.25, top: 1 };
  expect(cornersOf(bounds)).toEqual([-0.5, 0, 0.25, 0, 0.25, 1, -0.5, 1]);
});

it("takes nonsense for no area", () => {
  for (const text of [
    null,
    "",
    "1,2,3,4",
    "1,2,3,4,5",
    "1,2,3,4,5,x",
    "1,2,3,4,5,",
    circle(65).join(),
  ])
    expect(areaFrom(text)).toBeNull();
});
