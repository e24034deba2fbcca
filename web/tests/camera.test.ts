import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type Camera,
  cameraFrom,
  cameraText,
  inView,
  NEAREST,
  panned,
  seeing,
  toMap,
  toScreen,
  WHOLE,
  zoomed,
} from "../src/logic/camera";

const size = { width: 1000, height: 500 };
const cameras: fc.Arbitrary<Camera> = fc.record({
  x: fc.double({ min: -1, max: 1, noNaN: true }),
  y: fc.double({ min: -1, max: 1, noNaN: true }),
  zoom: fc.double({ min: -1, max: NEAREST, noNaN: true }),
});
const places = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 500 }));

it("fits the whole map into the shorter side, with up as up", () => {
  expect(toScreen(WHOLE, size, 0, 0)).toEqual([500, 250]);
  expect(toScreen(WHOLE, size, 1, 1)).toEqual([730, 20]);
  expect(toScreen({ ...WHOLE, zoom: 1 }, size, 0.5, -0.5)).toEqual([730, 480]);
});

it("goes from the screen to the map and back", () => {
  fc.assert(
    fc.property(cameras, places, (camera, [left, top]) => {
      const [x, y] = toMap(camera, size, left, top);
      const [backLeft, backTop] = toScreen(camera, size, x, y);
      expect(backLeft).toBeCloseTo(left, 4);
      expect(backTop).toBeCloseTo(top, 4);
    }),
  );
});

it("moves along with the hand", () => {
  const camera = panned({ ...WHOLE, zoom: 2 }, size, 30, -20);
  const [left, top] = toScreen(camera, size, 0, 0);
  expect(left).toBeCloseTo(530, 9);
  expect(top).toBeCloseTo(230, 9);
});

it("keeps what lies under the pointer when it zooms", () => {
  const before = toMap(WHOLE, size, 600, 200);
  const after = toMap(zoomed(WHOLE, size, 1.5, 600, 200), size, 600, 200);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
});

it("never leaves the map, nor goes nearer or further than there is something to see", () => {
  expect(panned(WHOLE, size, -1e9, 1e9)).toEqual({ x: 1, y: 1, zoom: 0 });
  expect(zoomed(WHOLE, size, 99, 500, 250).zoom).toBe(NEAREST);
  expect(zoomed(WHOLE, size, -99, 500, 250).zoom).toBe(-1);
});

it("sees all of what it is to see, and a single place from near", () => {
  const bounds = { left: 0.2, bottom: -0.1, right: 0.4, top: 0.3 };
  const view = inView(seeing(bounds, size), size);
  expect(view.left).toBeLessThan(0.2);
  expect(view.right).toBeGreaterThan(0.4);
  expect(view.bottom).toBeCloseTo(-0.1 - 0.0353, 3);
  expect(view.top).toBeCloseTo(0.3 + 0.0353, 3);
  const place = { left: 0.5, bottom: 0.5, right: 0.5, top: 0.5 };
  expect(seeing(place, size)).toEqual({ x: 0.5, y: 0.5, zoom: 6 });
});

it("comes back from an address within a pixel", () => {
  fc.assert(
    fc.property(cameras, (camera) => {
      const back = cameraFrom(cameraText(camera));
      expect(back).not.toBeNull();
      const [left, top] = toScreen(
        { ...camera, ...back, zoom: camera.zoom },
        size,
        camera.x,
        camera.y,
      );
      expect(Math.abs(left - 500)).toBeLessThan(1);
      expect(Math.abs(top - 250)).toBeLessThan(1);
    }),
  );
});

it("takes nonsense for no camera", () => {
  for (const text of [null, "", "1,2", "1,2,3,4", "a,b,c", "1,,3", "Infinity,0,0"])
    expect(cameraFrom(text)).toBeNull();
  expect(cameraFrom("9,-9,99")).toEqual({ x: 1, y: -1, zoom: NEAREST });
});
