import { computed, signal } from "@preact/signals";
import { NOTHING } from "../logic/address";
import type { Understood } from "../logic/apiTypes";
import type { Term } from "../logic/terms";

/** What stands in the box. */
export const text = signal("");
/** The same, as it is understood; while the box cannot be read, as it was before. */
export const terms = signal<readonly Term[]>([]);
export const suggestion = signal<Understood["suggestion"]>(null);
/** null: the wall's default. */
export const rule = signal<string | null>(null);
export const where = signal("");
export const literal = signal(false);
/** The version that a link asks for; any change of what is asked goes to the newest. */
export const pinned = signal<number | null>(null);
export const wanted = signal(NOTHING.k);

/** The expression that this one is compared with; "": one is being chosen; null: none. */
export const against = signal<string | null>(null);
/** A term that was just dropped: what stood in the box before, and stands there since. */
export const dropped = signal<{ label: string; was: string; now: string } | null>(null);
/** Terms that only that one has: their colours follow those of the terms. */
export const beside = signal<readonly Term[]>([]);
/** Where on the way from that one to this the wall is; null: both are shown side by side. */
export const step = signal<number | null>(null);
/** The expressions on that way, while they are known. */
export const points = signal<readonly string[]>([]);
/** The text that the terms are of, which is older than the box while that cannot be read. */
export const readText = signal("");

const waypoint = computed(() =>
  against.value === null || step.value === null ? null : (points.value[step.value] ?? null),
);
/** What the wall is asked: what stands in the box, or a point on the way to it. */
export const searched = computed(() => waypoint.value ?? text.value);
/** Way-points are points among vectors: they are ranked by these alone. */
export const searchedBy = computed(() => (waypoint.value === null ? rule.value : "add"));

export const isEmpty = computed(() => text.value.trim() === "");

/** What cannot be answered, and where it is written. */
export interface Fault {
  readonly part: "expression" | "filter" | "wall";
  readonly detail: string;
  /** From 1, in characters, where one is to blame. */
  readonly column: number | null;
}

export const fault = signal<Fault | null>(null);
