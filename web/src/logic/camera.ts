/** Where one looks: the middle of the screen, and doublings from the whole map. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Of the map on the screen, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Bounds {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

export const WHOLE: Camera = { x: 0, y: 0, zoom: 0 };
export const NEAREST = 14;
const FARTHEST = -1;
/** How much of the shorter side the map, which goes from -1 to 1, takes at zoom 0. */
const FILLS = 0.92;

/** Pixels from 0 to 1. */
export function scaleAt(zoom: number, { width, height }: Size): number {
  return Math.max((FILLS * Math.min(width, height)) / 2, 1) * 2 ** zoom;
}

/** Up is up on the map, and down on the screen. */
export function toScreen(camera: Camera, size: Size, x: number, y: number): [number, number] {
  const scale = scaleAt(camera.zoom, size);
  return [size.width / 2 + (x - camera.x) * scale, size.height / 2 - (y - camera.y) * scale];
}

export function toMap(camera: Camera, size: Size, left: number, top: number): [number, number] {
  const scale = scaleAt(camera.zoom, size);
  return [camera.x + (left - size.width / 2) / scale, camera.y - (top - size.height / 2) / scale];
}

/** What is seen, moved by pixels along with the hand. */
export function panned(camera: Camera, size: Size, right: number, down: number): Camera {
  const scale = scaleAt(camera.zoom, size);
  return kept({ ...camera, x: camera.x - right / scale, y: camera.y + down / scale });
}

/** Nearer by doublings, while what lies under a place of the screen stays there. */
export function zoomed(camera: Camera, size: Size, by: number, left: number, top: number): Camera {
  const [x, y] = toMap(camera, size, left, top);
  const next = kept({ ...camera, zoom: camera.zoom + by });
  const [newX, newY] = toMap(next, size, left, top);
  return kept({ ...next, x: next.x + x - newX, y: next.y + y - newY });
}

export function inView(camera: Camera, size: Size): Bounds {
  const [left, top] = toMap(camera, size, 0, 0);
  const [right, bottom] = toMap(camera, size, size.width, size.height);
  return { left, bottom, right, top };
}

/** A camera that sees all of the bounds; a single place is seen from near, not from nowhere. */
export function seeing({ left, bottom, right, top }: Bounds, size: Size): Camera {
  const room = 0.85;
  const scale = Math.min(
    (room * size.width) / Math.max(right - left, 1e-3),
    (room * size.height) / Math.max(top - bottom, 1e-3),
  );
  const zoom = Math.log2(scale / scaleAt(0, size));
  return kept({ x: (left + right) / 2, y: (bottom + top) / 2, zoom: Math.min(zoom, 6) });
}

/** On the way from one to the other, `share` of it done. */
export function between(from: Camera, to: Camera, share: number): Camera {
  const mixed = (a: number, b: number) => a + (b - a) * share;
  return {
    x: mixed(from.x, to.x),
    y: mixed(from.y, to.y),
    zoom: mixed(from.zoom, to.zoom),
  };
}

function kept({ x, y, zoom }: Camera): Camera {
  return {
    x: Math.min(Math.max(x, -1), 1),
    y: Math.min(Math.max(y, -1), 1),
    zoom: Math.min(Math.max(zoom, FARTHEST), NEAREST),
  };
}

/** As an address says it; a step of the last digit is less than a pixel. */
export function cameraText({ x, y, zoom }: Camera): string {
  const digits = Math.ceil(Math.max(zoom, 0) * Math.log10(2)) + 3;
  return [Number(x.toFixed(digits)), Number(y.toFixed(digits)), Number(zoom.toFixed(2))].join();
}

export function cameraFrom(text: string | null): Camera | null {
  const [x, y, zoom, ...more] = (text ?? "").split(",").map((part) => Number(part || "-"));
  if (x === undefined || y === undefined || zoom === undefined || more.length > 0) return null;
  return [x, y, zoom].every(Number.isFinite) ? kept({ x, y, zoom }) : null;
}
