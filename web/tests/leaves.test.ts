import { expect, it } from "vitest";
import { termsOfLeaves } from "../src/logic/leaves";
import type { Kind, Term } from "../src/logic/terms";

function term(kind: Kind, atom: string, label = atom): Term {
  return { weight: 1, atom, kind, label };
}

const dog = term("text", "dog");
const cat = term("text", "cat");
const has = term("has", 'has("x")');

it("gives each plain term its leaf, over conditions", () => {
  expect(termsOfLeaves(["dog", "cat"], [dog, cat])).toEqual([0, 1]);
  expect(termsOfLeaves(["dog", "cat"], [dog, has, cat])).toEqual([0, 2]);
  expect(termsOfLeaves(["dog", "dog"], [dog, dog])).toEqual([0, 1]);
});

it("gives brackets and functions what is inside them", () => {
  const bracket = term("bracket", "(a + 0.5 * b)");
  const mean = term("function", "mean(a, b)");
  expect(termsOfLeaves(["dog", "a", "b", "cat"], [dog, bracket, cat])).toEqual([0, 1, 1, 2]);
  expect(termsOfLeaves(["a", "b", "a", "b"], [bracket, mean])).toEqual([0, 0, 1, 1]);
});

it("gives a saved term what the others leave", () => {
  const saved = term("saved", "@beach");
  expect(termsOfLeaves(["dog", "sand", "sea", "cat"], [dog, saved, cat])).toEqual([0, 1, 1, 2]);
  expect(termsOfLeaves(["@beach", "dog"], [saved, dog])).toEqual([0, 1]);
});

it("is right for no terms yet", () => {
  expect(termsOfLeaves(["dog"], [])).toEqual([0]);
});
