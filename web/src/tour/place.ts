import { signal } from "@preact/signals";
import { numbered, placeOf } from "../logic/places";

/** The step that is shown, from 0; a step past the last one is the last. */
export const place = signal(placeOf(location.hash));

export function goTo(step: number): void {
  location.hash = numbered(step);
}

/** The address and the arrow keys lead from step to step. */
export function listen(): void {
  addEventListener("hashchange", () => {
    place.value = placeOf(location.hash);
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const { target } = event;
    if (by === undefined || !(target instanceof HTMLElement)) return;
    // In a field or on a slider the arrows are its own.
    if (target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
    const link = document.querySelector<HTMLAnchorElement>(by > 0 ? ".turn .next" : ".turn .back");
    if (link === null) return;
    event.preventDefault();
    location.hash = link.hash;
  });
}
