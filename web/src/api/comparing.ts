import type { Comparison, Similarities, Way } from "../logic/compared";
import type { Row } from "../logic/rows";
import { answered, pictureAddress, withValues } from "./client";

/** What the first `k` of two expressions have in common, and what not. */
export interface Pair {
  readonly a: string;
  readonly b: string;
  readonly k: number;
  readonly rule: string | null;
  readonly where: string;
  readonly version: number | null;
}

export function compare(pair: Pair, signal?: AbortSignal): Promise<Comparison> {
  return answered(withValues("/api/compare", { ...pair }), { signal: signal ?? null });
}

export function way(
  { a, b, version }: Pick<Pair, "a" | "b" | "version">,
  steps: number,
  signal?: AbortSignal,
): Promise<Way> {
  return answered(withValues("/api/path", { a, b, steps, version }), { signal: signal ?? null });
}

export function similarities(
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<Similarities> {
  const query = new URLSearchParams(texts.map((text) => ["text", text]));
  return answered(`/api/similarity?${query}`, { signal: signal ?? null });
}

export function row(imageId: string, signal?: AbortSignal): Promise<Row> {
  return answered(`${pictureAddress(imageId)}/row`, { signal: signal ?? null });
}
