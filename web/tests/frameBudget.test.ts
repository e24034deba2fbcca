import { describe, expect, it } from "vitest";
import { paced } from "../src/logic/frameBudget";

describe("how many points a moving map draws", () => {
  it("halves after a slow frame, doubles after a fast one, and stays between", () => {
    expect(paced(1, 51)).toBe(2);
    expect(paced(4, 50)).toBe(4);
    expect(paced(4, 22)).toBe(4);
    expect(paced(4, 21)).toBe(2);
  });

  it("never draws more than all, nor fewer than one of 32", () => {
    expect(paced(1, 5)).toBe(1);
    expect(paced(32, 900)).toBe(32);
  });

  it("settles where a point costs the same in every frame", () => {
    let every = 1;
    for (let frame = 0; frame < 20; frame++) every = paced(every, 160 / every);
    expect(every).toBe(4);
  });
});
