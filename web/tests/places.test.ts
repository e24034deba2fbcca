import fc from "fast-check";
import { expect, it } from "vitest";
import { numbered, placeOf } from "../src/logic/places";

it("a step comes back from its address", () => {
  fc.assert(
    fc.property(fc.nat({ max: 9998 }), (step) => {
      expect(placeOf(numbered(step))).toBe(step);
    }),
  );
});

it("takes nonsense for the beginning", () => {
  for (const hash of ["", "#", "#0", "#-1", "#1e3", "#x", "#99999", "3"])
    expect(placeOf(hash)).toBe(0);
});
