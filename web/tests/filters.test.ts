import { expect, it } from "vitest";
import { equals, hasClause, toggled } from "../src/logic/filters";

it("adds a clause that must hold too", () => {
  expect(toggled("", "iso = 200")).toBe("iso = 200");
  expect(toggled("year > 2000", "iso = 200")).toBe("year > 2000 and iso = 200");
  expect(toggled("a = 1 or b = 2", "iso = 200")).toBe("(a = 1 or b = 2) and iso = 200");
});

it("takes a clause away that is there", () => {
  expect(toggled("year > 2000 and iso = 200", "iso = 200")).toBe("year > 2000");
  expect(toggled("iso = 200", "iso = 200")).toBe("");
});

it("does not mistake what stands in quotes and brackets", () => {
  const clause = 'title = "this or that and (more"';
  const where = `(a = 1 or b = 2) and ${clause}`;
  expect(hasClause(where, clause)).toBe(true);
  expect(toggled(where, clause)).toBe("(a = 1 or b = 2)");
  expect(toggled(clause, "iso = 200")).toBe(`${clause} and iso = 200`);
  expect(hasClause("`a and b` = 1", "`a and b` = 1")).toBe(true);
});

it("writes a field and its value as the language reads them", () => {
  expect(equals(["metadata", "camera"], 'X "100"')).toBe('metadata.camera = "X \\"100\\""');
  expect(equals(["metadata", "focal length"], 35)).toBe("metadata.`focal length` = 35");
  expect(equals(["metadata", "in"], true)).toBe("metadata.`in` = true");
  expect(equals(["a`b"], "x")).toBe('`a``b` = "x"');
});
