import { computed, signal } from "@preact/signals";
import { NOTHING } from "../logic/address";
import type { Understood } from "../logic/answers";
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

export const isEmpty = computed(() => text.value.trim() === "");

/** What cannot be answered, and where it is written. */
export interface Fault {
  readonly part: "expression" | "filter" | "wall";
  readonly detail: string;
  /** From 1, in characters, where one is to blame. */
  readonly column: number | null;
}

export const fault = signal<Fault | null>(null);
