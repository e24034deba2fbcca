import { expect, it } from "vitest";
import { SILENT, STRONGEST, tonesOf } from "../src/logic/colourScale";

it("grows from the mean to the best with the square", () => {
  expect([...tonesOf(Float32Array.of(0, 0, 0, 1, 3, 2))]).toEqual([1, 1, 1, 1, 255, 65]);
});

it("is silent where there is no score", () => {
  expect([...tonesOf(Float32Array.of(Number.NaN, 1, 0))]).toEqual([SILENT, STRONGEST, 1]);
  expect([...tonesOf(Float32Array.of(Number.NaN))]).toEqual([SILENT]);
  expect([...tonesOf(new Float32Array(0))]).toEqual([]);
});

it("makes no difference where there is none", () => {
  expect([...tonesOf(Float32Array.of(0.5, 0.5))]).toEqual([1, 1]);
});
