import { expect, it } from "vitest";
import { bytes, type Cell, held } from "../src/logic/rows";

const cell = (given: Partial<Cell>): Cell => ({
  name: "x",
  type: "string",
  value: null,
  length: null,
  first: [],
  ...given,
});

it("counts bytes as people do", () => {
  expect([0, 999, 12_800, 2_500_000].map(bytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "12.8 kB",
    "2.5 MB",
  ]);
});

it("says what a cell holds", () => {
  expect(held(cell({ value: "a.jpg" }))).toBe("a.jpg");
  expect(held(cell({ value: 384 }))).toBe("384");
  expect(held(cell({}))).toBe("nothing");
  expect(held(cell({ length: 676 }))).toBe("676 bytes");
  expect(held(cell({ value: ["a dog", "a cat"] }))).toBe("a dog\na cat");
  expect(held(cell({ type: "json", value: { camera: "X100" } }))).toBe('{"camera":"X100"}');
  expect(held(cell({ length: 384, first: [0.05, -0.1] }))).toBe("0.050  −0.100 … 384 numbers");
});
