import { expect, it } from "vitest";
import { lights, scaleOf, shares, stretches } from "../src/logic/contributions";

const hits = [
  [
    { term: 0, value: 3 },
    { term: 1, value: -1 },
    { term: 2, value: 2 },
  ],
  [
    { term: 0, value: 1 },
    { term: 1, value: 0 },
  ],
];

it("adds the leaves of one term up", () => {
  const leaves = [1, 2, -0.5].map((contribution) => ({ term: "x", weight: 1, contribution }));
  expect(shares(leaves, [0, 0, 1])).toEqual([
    { term: 0, value: 3 },
    { term: 1, value: -0.5 },
  ]);
});

it("scales all hits to one zero", () => {
  expect(scaleOf(hits)).toEqual({ negative: 1, positive: 5 });
  expect(stretches(hits[0] ?? [], { negative: 1, positive: 4 })).toEqual([
    { term: 0, from: 0.2, size: 0.6 },
    { term: 1, from: 0, size: 0.2 },
    { term: 2, from: 0.8, size: 0.4 },
  ]);
  expect(stretches([], { negative: 0, positive: 0 })).toEqual([]);
});

it("lights by how much of a term is there", () => {
  expect(lights(hits, 0)).toEqual([1, 0]);
  expect(lights(hits, 2)).toEqual([1, 0]);
  expect(lights([[{ term: 0, value: 2 }]], 0)).toEqual([1]);
});
