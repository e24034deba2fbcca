import fc from "fast-check";
import { expect, it } from "vitest";
import {
  fromQuery,
  LAST_STEP,
  MOST,
  NOTHING,
  PAGE,
  toQuery,
  type View,
} from "../src/logic/address";

const some = fc.string({ unit: "grapheme", minLength: 1 });
const tenths = fc.integer({ min: -9, max: 9 }).map((tenth) => tenth / 10);
const views: fc.Arbitrary<View> = fc.record({
  q: fc.string({ unit: "grapheme" }),
  rule: fc.option(some),
  where: fc.string({ unit: "grapheme" }),
  literal: fc.boolean(),
  k: fc.integer({ min: PAGE, max: MOST }),
  version: fc.option(fc.nat({ max: 999_999_999 })),
  encoder: fc.option(some),
  picture: fc.option(some),
  map: fc.boolean(),
  layout: fc.constantFrom("pca", "umap"),
  camera: fc.option(fc.record({ x: tenths, y: tenths, zoom: fc.integer({ min: 0, max: 14 }) })),
  area: fc.option(
    fc
      .array(fc.tuple(tenths, tenths), { minLength: 3, maxLength: 64 })
      .map((corners) => corners.flat()),
  ),
  to: fc.string({ unit: "grapheme" }),
  spot: fc.option(some),
  against: fc.option(some),
  step: fc.option(fc.nat({ max: LAST_STEP })),
});

it("a link gives the view back", () => {
  fc.assert(
    fc.property(views, (view) => {
      // What is compared with nothing is not on the way to it.
      const asked = view.against === null ? { ...view, step: null } : view;
      expect(fromQuery(toQuery(asked))).toEqual(asked);
    }),
  );
});

it("says only what is not as usual, and + as %2B", () => {
  expect(toQuery(NOTHING)).toBe("");
  expect(toQuery({ ...NOTHING, q: "dog + 2 * cat", version: 3 })).toBe(
    "q=dog+%2B+2+*+cat&version=3",
  );
});

it("says the map in short", () => {
  const camera = { x: 0.123456, y: -0.5, zoom: 2.5061 };
  const area = [0, 0, 0.5, 0, 0.5, 0.25];
  expect(toQuery({ ...NOTHING, map: true, layout: "umap", camera, area })).toBe(
    "view=map&layout=umap&camera=0.1235,-0.5,2.51&area=0,0,0.5,0,0.5,0.25",
  );
});

it("takes nonsense for what is usual", () => {
  expect(fromQuery("k=-5&version=x&literal=yes&view=x&layout=x&camera=x&area=1,2")).toEqual(
    NOTHING,
  );
  expect(fromQuery("k=99999").k).toBe(MOST);
  expect(fromQuery("against=&step=3")).toEqual(NOTHING);
  expect(fromQuery("against=dog&step=99").step).toBe(LAST_STEP);
});
