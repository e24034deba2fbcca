import { signal } from "@preact/signals";

/** The picture that is open, if one is. */
export const picture = signal<string | null>(null);
/** The place on the wall that the keyboard is at. */
export const active = signal(0);
/** The term that is pointed at: its part of every picture is lit. */
export const lit = signal<number | null>(null);
/** What is open beside the wall, or over it. */
export const panel = signal<"filters" | null>(null);
export const sheet = signal<"keys" | "past" | null>(null);
