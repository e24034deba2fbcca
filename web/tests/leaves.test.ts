import { expect, it } from "vitest";
import { termsOfLeaves } from "../src/logic/leaves";
import type { Kind, Term } from "../src/logic/terms";

function term(kind: Kind, atom: string, label = atom): Term {
  return { weight: 1, atom, kind, label };
}

const dog = term("text", "dog");
const cat = term("text", "cat");
const has = term("has", 'has("dog")', "dog");

it("gives each plain term its leaf, over conditions", () => {
  expect(termsOfLeaves(["dog", "cat"], [dog, cat])).toEqual([0, 1]);
  expect(termsOfLeaves(["dog", "cat"], [has, cat, dog])).toEqual([2, 1]);
  expect(termsOfLeaves(["a - b"], [cat, term("text", '"a - b"', "a - b")])).toEqual([1]);
});

it("gives brackets and functions what is inside them", () => {
  const bracket = term("bracket", "(a + 0.5 * b)");
  const mean = term("function", "mean(cats, cat)");
  expect(termsOfLeaves(["a", "b", "cat"], [mean, bracket])).toEqual([1, 1, 0]);
  expect(termsOfLeaves(["a", "cat"], [bracket, cat, mean])).toEqual([0, 1]);
  expect(termsOfLeaves(["at"], [mean, term("saved", "@x")])).toEqual([1]);
});

it("gives a saved term what no other has", () => {
  const saved = term("saved", "@beach");
  expect(termsOfLeaves(["dog", "sand", "sea", "cat"], [dog, saved, cat])).toEqual([0, 1, 1, 2]);
  expect(termsOfLeaves(["@beach", "dog"], [saved, dog])).toEqual([0, 1]);
});

it("is right for no terms yet", () => {
  expect(termsOfLeaves(["dog"], [])).toEqual([0]);
});
