import { expect, it } from "vitest";
import { toCsv, toJson } from "../src/logic/exports";

const hit = {
  image_id: "a,b.jpg",
  score: 0.5,
  captions: ['a "dog"', "on sand"],
  path: null,
  terms: [],
  percentile: 99,
};
const origin = { expression: "dog", rule: "words", encoder: "e", version: 2, where: null };

it("writes CSV that spreadsheets read back", () => {
  expect(toCsv([hit])).toBe(
    'image_id,score,captions,path\r\n"a,b.jpg",0.5,"a ""dog""\non sand",\r\n',
  );
});

it("writes JSON with what was asked", () => {
  expect(JSON.parse(toJson([hit], origin))).toEqual({
    ...origin,
    pictures: [{ image_id: "a,b.jpg", score: 0.5, captions: hit.captions, path: null }],
  });
});
