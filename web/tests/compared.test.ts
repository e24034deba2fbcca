import { expect, it } from "vitest";
import type { Hit } from "../src/logic/apiTypes";
import {
  badge,
  type Change,
  type Comparison,
  causeLabel,
  causeOf,
  onlyBefore,
  standings,
  ties,
  told,
  withoutEach,
} from "../src/logic/compared";
import type { Kind, Term } from "../src/logic/terms";

const hit = (image_id: string): Hit => ({
  image_id,
  score: 1,
  captions: [],
  path: null,
  terms: [],
  percentile: null,
});
const change = (image_id: string, from: number | null, to: number | null): Change => ({
  image_id,
  from,
  to,
  term: "snow",
  difference: 1,
});
const comparison: Comparison = {
  before: "dog",
  after: "dog + snow",
  rule: "words",
  k: 3,
  entered: [change("new", null, 1)],
  left: [change("gone", 3, null)],
  moved: [change("moved", 1, 3)],
  encoder: "fake",
  version: 2,
};
const before = standings(["moved", "same", "gone", "beyond"].map(hit), comparison);
const after = standings(["new", "same", "moved", "beyond"].map(hit), comparison);

it("puts the first of both side by side, with what became of them", () => {
  expect(before.map((each) => [each.hit.image_id, each.change?.to])).toEqual([
    ["moved", 3],
    ["same", undefined],
    ["gone", null],
  ]);
  expect(after.map((each) => each.change?.from)).toEqual([null, undefined, 1]);
});

it("ties the places of what is in both", () => {
  expect(ties(before, after).map(({ imageId, from, to }) => [imageId, from, to])).toEqual([
    ["moved", 0, 2],
    ["same", 1, 1],
  ]);
});

it("says what became of a picture", () => {
  expect(badge(change("a", null, 2))).toBe("new");
  expect(badge(change("a", 2, null))).toBe("gone");
  expect(badge(change("a", 5, 2))).toBe("↑ 3");
  expect(badge(change("a", 2, 5))).toBe("↓ 3");
  expect(told(change("a", 2, 5), "+ snow")).toBe("from place 2 to 5, because of + snow");
});

const term = (atom: string, weight = 1, kind: Kind = "text"): Term => ({
  atom,
  weight,
  kind,
  label: atom,
});

it("finds the term that is responsible, conditions too", () => {
  const terms = [term("dog"), term('has("snow")', -1, "has"), term("snow")];
  expect(causeOf("snow", terms)).toBe(2);
  expect(causeOf('- has("snow")', terms)).toBe(1);
  expect(causeOf("dog", terms)).toBe(0);
});

it("calls it by its sign and weight, and what is dropped as dropped", () => {
  const terms = [term("dog", -0.5), term("snow"), term("boat")];
  const label = (place: number) =>
    causeLabel({ ...change("a", 1, 2), term: terms[place]?.label ?? "" }, place, terms, 2);
  expect([0, 1, 2].map(label)).toEqual(["− 0.5 × dog", "+ snow", "no more boat"]);
});

it("keeps the terms that only the one before had", () => {
  expect(onlyBefore([term("dog"), term("boat")], [term("dog", -1)])).toEqual([term("boat")]);
});

it("offers the same without each term, where something is left to look for", () => {
  expect(withoutEach([term("dog")])).toEqual([]);
  expect(withoutEach([term("dog"), term("snow", -1)]).map(({ label }) => label)).toEqual(["snow"]);
});
