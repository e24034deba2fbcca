import { expect, it } from "vitest";
import { LatestRequest } from "../src/state/latestRequest";

/** Tasks that end when the test says so. */
function scene(patience?: number) {
  const started: { wish: string; end: (value: string) => void; signal: AbortSignal }[] = [];
  const done: string[] = [];
  const failed: unknown[] = [];
  const latest = new LatestRequest<string, string>(
    (wish, signal) => new Promise((end) => started.push({ wish, end, signal })),
    (found, wish) => done.push(`${wish}: ${found}`),
    (fault) => failed.push(fault),
    patience,
  );
  return { latest, started, done, failed };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

it("lets what follows wait for what runs, and runs only the last", async () => {
  const { latest, started, done } = scene(10_000);
  for (const wish of ["a", "b", "c"]) latest.follow(wish);
  expect(started.map(({ wish }) => wish)).toEqual(["a"]);
  started[0]?.end("1");
  await turn();
  expect(started.map(({ wish }) => wish)).toEqual(["a", "c"]);
  started[1]?.end("2");
  await turn();
  expect(done).toEqual(["a: 1", "c: 2"]);
});

it("stops what is replaced, and never shows it", async () => {
  const { latest, started, done } = scene();
  latest.replace("a");
  latest.replace("b");
  expect(started[0]?.signal.aborted).toBe(true);
  started[0]?.end("stale");
  started[1]?.end("new");
  await turn();
  expect(done).toEqual(["b: new"]);
});

it("stops what takes too long for what follows", () => {
  const { latest, started } = scene(-1);
  latest.follow("a");
  latest.follow("b");
  expect(started.map(({ signal }) => signal.aborted)).toEqual([true, false]);
});

it("tells faults of what still counts", async () => {
  const failed: unknown[] = [];
  const latest = new LatestRequest<string, string>(
    () => Promise.reject(new Error("no")),
    () => undefined,
    (fault) => failed.push(fault),
  );
  latest.replace("a");
  latest.replace("b");
  await turn();
  expect(failed).toHaveLength(1);
});
