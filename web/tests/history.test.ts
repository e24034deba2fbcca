import { expect, it } from "vitest";
import { pastFrom, remembering } from "../src/logic/history";

const search = (q: string) => ({ q, rule: null, where: "" });

it("keeps each search once, the newest first, a hundred at most", () => {
  const past = remembering(remembering([search("a")], search("b")), search("a"));
  expect(past.map(({ q }) => q)).toEqual(["a", "b"]);
  const many = Array.from({ length: 100 }, (_, n) => search(String(n)));
  expect(remembering(many, search("new"))).toHaveLength(100);
});

it("reads what was stored, and nothing from what is none", () => {
  const past = [search("a"), { q: "b", rule: "add", where: "iso = 200" }];
  expect(pastFrom(JSON.stringify(past))).toEqual(past);
  expect(pastFrom(JSON.stringify([...past, { q: 1 }, null, "x"]))).toEqual(past);
  for (const broken of [null, "", "{", "{}", "null", "3"]) expect(pastFrom(broken)).toEqual([]);
});
