import { expect, it } from "vitest";
import { percentile, printedWeight, score, signed } from "../src/logic/numbers";

it("prints weights as Python does", () => {
  const cases: [number, string][] = [
    [2, "2"],
    [0.5, "0.5"],
    [0.1 + 0.2, "0.30000000000000004"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [1e-120, "1e-120"],
    [1000000, "1000000"],
  ];
  for (const [weight, printed] of cases) expect(printedWeight(weight)).toBe(printed);
});

it("shows figures for people", () => {
  expect(signed(-0.5)).toBe("−0.50");
  expect(signed(2)).toBe("+2.00");
  expect(signed(-0.001)).toBe("+0.00");
  expect(score(0.12345)).toBe("0.123");
  expect(score(-11.836)).toBe("−11.84");
  expect(percentile(null)).toBe("–");
  expect(percentile(42)).toBe("42.0 %");
  expect(percentile(99.841)).toBe("99.84 %");
  expect(percentile(99.999)).toBe("99.99 %");
});
