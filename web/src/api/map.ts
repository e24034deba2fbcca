import type { MapAnswer, Placed, Places } from "../logic/apiTypes";
import { type Points, pointsFrom } from "../logic/points";
import { answered, responded, withValues } from "./client";

/** What `/api/map/pictures` tells at once. */
const MOST_PICTURES = 200;

export interface OfMap {
  readonly layout: string;
  readonly version: number | null;
}

/** What the scores on a map are of. */
export interface Scored {
  readonly q: string;
  readonly rule: string | null;
  readonly where: string;
  readonly literal: boolean;
}

export function map(of: OfMap, signal: AbortSignal): Promise<MapAnswer> {
  return answered(withValues("/api/map", { ...of }), { signal });
}

export async function points(of: OfMap, signal: AbortSignal): Promise<Points> {
  const response = await responded(withValues("/api/map/points", { ...of }), { signal });
  return pointsFrom(await response.arrayBuffer());
}

/** For each picture its score, and not a number where it may not answer. */
export async function scores(
  asked: Scored & { readonly version: number },
  signal: AbortSignal,
): Promise<Float32Array> {
  const response = await responded(withValues("/api/map/scores", { ...asked }), { signal });
  return new Float32Array(await response.arrayBuffer());
}

export function places(
  asked: OfMap & { readonly q: string; readonly literal: boolean; readonly to: string },
  signal: AbortSignal,
): Promise<Places> {
  return answered(withValues("/api/map/places", { ...asked }), { signal });
}

/** What is known of pictures by their places in a version. */
export async function placed(version: number, at: readonly number[]): Promise<readonly Placed[]> {
  const found: Placed[] = [];
  for (let from = 0; from < at.length; from += MOST_PICTURES) {
    const some = at.slice(from, from + MOST_PICTURES).join();
    const address = withValues("/api/map/pictures", { version, at: some });
    found.push(...(await answered<{ pictures: readonly Placed[] }>(address)).pictures);
  }
  return found;
}

/** The place in a version of a picture. */
export async function placeOf(version: number, imageId: string): Promise<Placed | null> {
  const address = withValues("/api/map/pictures", { version, image_id: imageId });
  return (await answered<{ pictures: readonly Placed[] }>(address)).pictures[0] ?? null;
}
