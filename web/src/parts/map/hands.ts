import { signal } from "@preact/signals";
import { type Corners, simplified } from "../../logic/area";
import { panned, scaleAt, toMap, WHOLE, zoomed } from "../../logic/camera";
import { nearest } from "../../logic/points";
import { chart } from "../../state/chart";
import { area } from "../../state/map";
import { letGo, setArea } from "../../state/search";
import { fly, look, size, turn, zoom } from "../../state/viewing";

/** Whether the next stroke draws around pictures instead of moving the map. */
export const lassoing = signal(false);
/** What has been drawn of it. */
export const drawn = signal<Corners | null>(null);
/** The picture that is pointed at, and where on the screen. */
export const pointed = signal<{
  readonly at: number;
  readonly x: number;
  readonly y: number;
} | null>(null);

const STEP = 80;
const MOVES: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

/** Keys on the map; whether they meant something. */
export function pressed(key: string): boolean {
  const way = MOVES[key];
  if (way !== undefined) fly(panned(look.value, size.value, ...way));
  else if (key === "+" || key === "=") zoom(1);
  else if (key === "-" || key === "−") zoom(-1);
  else if (key === "0" || key === "Home") fly(WHOLE);
  else if (key === "l") lassoing.value = !lassoing.value;
  else if (key === "Escape" && (lassoing.value || area.value !== null)) {
    if (!lassoing.value) letGo();
    stopDrawing();
  } else return false;
  return true;
}

function stopDrawing(): void {
  lassoing.value = false;
  drawn.value = null;
}

/** Moves of a pointer that are no stroke yet, in pixels. */
const SHAKE = 4;
const REACH = { mouse: 8, other: 20 };

type Spot = readonly [left: number, top: number];

/** Mouse and fingers on the map: move, pinch, turn the wheel, draw, point, click. */
class Hand {
  private readonly fingers = new Map<number, Spot>();
  private start: Spot = [0, 0];
  private isStroke = false;

  constructor(
    private readonly surface: HTMLElement,
    private readonly clicked: (at: number) => void,
  ) {}

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const spot = this.spotOf(event);
    this.fingers.set(event.pointerId, spot);
    if (this.fingers.size > 1) {
      drawn.value = null;
      return;
    }
    this.start = spot;
    this.isStroke = false;
    if (lassoing.value || event.shiftKey) drawn.value = onMap(spot);
  }

  move(event: PointerEvent): void {
    const spot = this.spotOf(event);
    const before = this.fingers.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType === "mouse") point(spot);
      return;
    }
    if (!this.isStroke && Math.hypot(spot[0] - this.start[0], spot[1] - this.start[1]) < SHAKE)
      return;
    this.begin(event.pointerId);
    if (drawn.value !== null) drawn.value = [...drawn.value, ...onMap(spot)];
    else if (this.fingers.size === 2) this.pinch(event.pointerId, before, spot);
    else turn(panned(look.value, size.value, spot[0] - before[0], spot[1] - before[1]));
    this.fingers.set(event.pointerId, spot);
  }

  /** From here on it is no click, whatever lies under it. */
  private begin(pointer: number): void {
    if (this.isStroke) return;
    this.isStroke = true;
    pointed.value = null;
    this.surface.setPointerCapture(pointer);
  }

  private pinch(pointer: number, before: Spot, now: Spot): void {
    const [other] = [...this.fingers].flatMap(([id, spot]) => (id === pointer ? [] : [spot]));
    if (other === undefined) return;
    const [from, to] = [middle(before, other), middle(now, other)];
    const by = Math.log2(apart(now, other) / Math.max(apart(before, other), 1));
    const moved = panned(look.value, size.value, to[0] - from[0], to[1] - from[1]);
    turn(zoomed(moved, size.value, by, ...to));
  }

  up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    const corners = drawn.value;
    if (corners === null) return;
    stopDrawing();
    const shape = event.type === "pointerup" ? simplified(corners) : null;
    const on = chart.value;
    if (shape !== null && on !== null) setArea({ layout: on.layout, corners: shape });
  }

  click(event: MouseEvent): void {
    if (this.isStroke || event.target !== this.surface) return;
    const touch = event instanceof PointerEvent && event.pointerType !== "mouse";
    const at = under(this.spotOf(event), touch ? REACH.other : REACH.mouse);
    if (at >= 0) this.clicked(at);
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    // A pinch on a touchpad comes as a wheel with Ctrl, and in small steps.
    const by = -event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0025);
    turn(zoomed(look.value, size.value, by, ...this.spotOf(event)));
  }

  twice(event: MouseEvent): void {
    if (event.target === this.surface)
      fly(zoomed(look.value, size.value, 1, ...this.spotOf(event)));
  }

  private spotOf({ clientX, clientY }: MouseEvent): Spot {
    const { left, top } = this.surface.getBoundingClientRect();
    const { clientLeft, clientTop } = this.surface;
    return [clientX - left - clientLeft, clientY - top - clientTop];
  }
}

/** Lets hands at the map; what they click on is told. The answer takes them off again. */
export function attach(surface: HTMLElement, clicked: (at: number) => void): () => void {
  const hand = new Hand(surface, clicked);
  const stop = new AbortController();
  const { signal } = stop;
  const up = (event: PointerEvent) => hand.up(event);
  surface.addEventListener("pointerdown", (event) => hand.down(event), { signal });
  surface.addEventListener("pointermove", (event) => hand.move(event), { signal });
  surface.addEventListener("pointerup", up, { signal });
  surface.addEventListener("pointercancel", up, { signal });
  surface.addEventListener("click", (event) => hand.click(event), { signal });
  surface.addEventListener("dblclick", (event) => hand.twice(event), { signal });
  surface.addEventListener("wheel", (event) => hand.wheel(event), { signal, passive: false });
  surface.addEventListener(
    "pointerleave",
    () => {
      pointed.value = null;
    },
    { signal },
  );
  return () => stop.abort();
}

function point(spot: Spot): void {
  const at = under(spot, REACH.mouse);
  pointed.value = at < 0 ? null : { at, x: spot[0], y: spot[1] };
}

function under(spot: Spot, reach: number): number {
  const points = chart.value?.points;
  if (points === undefined) return -1;
  const [x, y] = onMap(spot);
  return nearest(points, x, y, reach / scaleAt(look.value.zoom, size.value));
}

function onMap(spot: Spot): [number, number] {
  return toMap(look.value, size.value, ...spot);
}

function middle(a: Spot, b: Spot): Spot {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function apart(a: Spot, b: Spot): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
