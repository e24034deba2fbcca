import { computed, effect, signal } from "@preact/signals";
import * as cameras from "../logic/camera";
import { among } from "../logic/points";
import { chart } from "./chart";
import { Debounced } from "./debounce";
import { move } from "./location";
import { area, camera, mapped } from "./map";

/** Of the map on the screen, in pixels. */
export const size = signal<cameras.Size>({ width: 0, height: 0 });
export const look = computed(() => camera.value ?? cameras.WHOLE);
export const view = computed(() => cameras.inView(look.value, size.value));

/** What was looked at when the map last stood still; what is asked of the server follows this. */
export const still = signal(look.peek());
const standing = new Debounced(250);
effect(() => {
  const now = look.value;
  standing.do(() => {
    still.value = now;
    if (mapped.peek()) move("amend");
  });
});

/** The pictures in view, and in the area where there is one. */
export const seen = computed<readonly number[]>(() => {
  const { points } = chart.value ?? {};
  if (points === undefined || size.value.width === 0) return [];
  return among(points, cameras.inView(still.value, size.value), area.value?.corners ?? null);
});

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const FLIGHT = 350;
let flight = 0;

/** Looks elsewhere at once: whoever moves the map by hand stops its flight. */
export function turn(next: cameras.Camera): void {
  cancelAnimationFrame(flight);
  camera.value = next;
}

/** Goes there so that the eye can follow. */
export function fly(goal: cameras.Camera): void {
  if (calm.matches) {
    turn(goal);
    return;
  }
  cancelAnimationFrame(flight);
  const from = look.peek();
  const start = performance.now();
  const step = (now: number) => {
    const share = Math.min(Math.max(now - start, 0) / FLIGHT, 1);
    camera.value = cameras.between(from, goal, 1 - (1 - share) ** 3);
    if (share < 1) flight = requestAnimationFrame(step);
  };
  flight = requestAnimationFrame(step);
}

/** Nearer, or further away, with the middle kept. */
export function zoom(by: number): void {
  const { width, height } = size.value;
  fly(cameras.zoomed(look.peek(), size.value, by, width / 2, height / 2));
}
