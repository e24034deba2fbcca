import { effect, signal } from "@preact/signals";
import * as api from "../api/map";
import type { Place } from "../logic/apiTypes";
import { chart } from "./chart";
import { camera, spot } from "./map";
import { fly } from "./viewing";

const NEAR = 4;

/** Where the marked picture lies, and its place in the version. */
export const spotted = signal<(Place & { readonly at: number }) | null>(null);

effect(() => {
  const [imageId, on] = [spot.value, chart.value];
  spotted.value = null;
  if (imageId === null || on === null) return;
  void find(imageId, on.version).then((at) => {
    if (at === null || spot.peek() !== imageId || chart.peek() !== on) return;
    const { xs, ys } = on.points;
    const place = { at, x: xs[at] ?? 0, y: ys[at] ?? 0 };
    spotted.value = place;
    // A link says where one looks; a wish to see the picture does not.
    if (camera.peek() === null) fly({ x: place.x, y: place.y, zoom: NEAR });
  });
});

/** null for a picture that is not on the wall any more: then there is nothing to mark. */
async function find(imageId: string, version: number): Promise<number | null> {
  try {
    return (await api.placeOf(version, imageId))?.at ?? null;
  } catch {
    return null;
  }
}
