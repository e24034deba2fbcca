import { computed, signal } from "@preact/signals";
import type { Layout } from "../logic/address";
import type { Corners } from "../logic/area";
import type { Camera } from "../logic/camera";

/** Whether the map is there beside the pictures. */
export const mapped = signal(false);
/** How it is to be laid out; while that is being computed it is laid out otherwise. */
export const layout = signal<Layout>("pca");
/** null: the whole map. */
export const camera = signal<Camera | null>(null);
/** Where the path from the query leads. */
export const to = signal("");
/** The picture whose place is marked. */
export const spot = signal<string | null>(null);

/** Only pictures in here answer; of the layout that it was drawn on. */
export const area = signal<{ readonly layout: Layout; readonly corners: Corners } | null>(null);
/** The same as a request says it. */
export const within = computed(() =>
  area.value === null ? {} : { area: area.value.corners.join(), layout: area.value.layout },
);
