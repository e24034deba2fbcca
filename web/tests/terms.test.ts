import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asText,
  canJoin,
  dissolved,
  expressionOf,
  joined,
  likeTerm,
  quoted,
  replaced,
  type Term,
  without,
  withPicture,
} from "../src/logic/terms";

function text(label: string, weight = 1): Term {
  return { weight, atom: label, kind: "text", label };
}

const has: Term = { weight: -1, atom: 'has("leash")', kind: "has", label: "leash" };

describe("expressionOf", () => {
  it("writes terms as the language prints them", () => {
    const cases: [Term[], string][] = [
      [[text("dog")], "dog"],
      [[text("dog", -1)], "- dog"],
      [[text("dog"), text("cat", -1), text("snow", 2)], "dog - cat + 2 * snow"],
      [[text("dog", 0.5), text("cat", -0.25)], "0.5 * dog - 0.25 * cat"],
      [[text("dog"), has], 'dog - has("leash")'],
      [[text("dog", 0.00001)], "1e-05 * dog"],
      [[text("dog", 1e6)], "1000000 * dog"],
      [[text("dog", 0)], "0 * dog"],
    ];
    for (const [terms, expected] of cases) expect(expressionOf(terms)).toBe(expected);
  });

  it("never gives a condition a weight", () => {
    expect(expressionOf([{ ...has, weight: 0.5 }])).toBe('has("leash")');
  });
});

describe("pictures as terms", () => {
  it("quotes what an id may hold", () => {
    expect(quoted('a "b" \\ c')).toBe('"a \\"b\\" \\\\ c"');
    expect(expressionOf([likeTerm('x".jpg', -1)])).toBe('- like("x\\".jpg")');
  });

  it("adds a picture once and turns its sign, its size kept", () => {
    const once = withPicture([text("dog")], "a.jpg", 1);
    expect(expressionOf(once)).toBe('dog + like("a.jpg")');
    const heavy = replaced(once, 1, likeTerm("a.jpg", 0.5));
    expect(expressionOf(withPicture(heavy, "a.jpg", -1))).toBe('dog - 0.5 * like("a.jpg")');
  });
});

describe("brackets", () => {
  it("join two neighbours, the first one's sign before the bracket", () => {
    const terms = [text("a"), text("b", -1), text("c", -2), text("d")];
    expect(expressionOf(joined(terms, 1))).toBe("a - (b + 2 * c) + d");
    expect(expressionOf(joined(terms, 0))).toBe("(a - b) - 2 * c + d");
  });

  it("cannot hold conditions, nor one term", () => {
    expect(canJoin([text("a"), has], 0)).toBe(false);
    expect(canJoin([text("a")], 0)).toBe(false);
    expect(canJoin([text("a"), text("b")], 0)).toBe(true);
  });

  it("are dissolved into parts with their shares of the weight", () => {
    const terms = [text("a"), { weight: -0.5, atom: "(b - 0.2 * c)", kind: "bracket", label: "" }];
    const inner = [text("b"), text("c", -0.2)];
    expect(expressionOf(dissolved(terms as Term[], 1, inner))).toBe("a - 0.5 * b + 0.1 * c");
  });

  const weights = fc.integer({ min: -40, max: 40 }).filter((n) => n !== 0);
  const anyTerms = fc.array(
    weights.map((n) => text("w", n / 20)),
    { minLength: 2, maxLength: 6 },
  );

  it("mean the same: joining and dissolving gives the terms back", () => {
    fc.assert(
      fc.property(anyTerms, fc.nat(), (terms, n) => {
        const place = n % (terms.length - 1);
        const sign = (terms[place]?.weight ?? 1) < 0 ? -1 : 1;
        const pair = terms.slice(place, place + 2);
        const inner = pair.map((term) => ({ ...term, weight: sign * term.weight }));
        const bracketed = joined(terms, place);
        expect(bracketed[place]?.atom).toBe(`(${expressionOf(inner)})`);
        expect(dissolved(bracketed, place, inner)).toEqual(terms);
      }),
    );
  });
});

it("a term that is taken away leaves the others as they were", () => {
  expect(expressionOf(without([text("a", -1), text("b"), text("c", 2)], 1))).toBe("- a + 2 * c");
});

it("writes a text so that it is read as one", () => {
  expect(asText("a dog")).toBe("a dog");
  for (const text of ["dog - cat", "mean(a)", " dog", "@dog", "a, b", "3 * dog"])
    expect(asText(text)).toBe(`"${text}"`);
});
