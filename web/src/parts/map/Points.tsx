import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { scaleAt } from "../../logic/camera";
import { SILENT } from "../../logic/colourScale";
import { paced } from "../../logic/frameBudget";
import { chart } from "../../state/chart";
import { inside, tones } from "../../state/mapColouring";
import { look, size, still } from "../../state/viewing";
import { clusterColours, shadesOf, toneColours } from "./colours";
import { Plot } from "./plot";

/** All pictures as points; drawn once a frame, when something has changed. */
export function Points() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const plot = Plot.on(current);
    if (plot === null) {
      setMissing(true);
      return;
    }
    const stop = follow(plot, current);
    // Taken away, by sleep or a driver that broke: as if there had been none.
    current.addEventListener("webglcontextlost", () => setMissing(true), { once: true });
    return () => {
      stop();
      plot.end();
    };
  }, []);
  if (isMissing)
    return (
      <p class="nothing">
        The points need WebGL 2, which this browser does not offer. Clusters, pictures and the
        search work without.
      </p>
    );
  return <canvas ref={canvas} />;
}

/** Keeps the plot as the state says. */
function follow(plot: Plot, canvas: HTMLCanvasElement): () => void {
  let frame = 0;
  // While the map moves, no more points are drawn than make smooth frames; all once it stands.
  let isMoving = false;
  let every = 1;
  let before = 0;
  const draw = (now: number) => {
    frame = 0;
    if (isMoving && before > 0) every = paced(every, now - before);
    before = isMoving ? now : 0;
    const { width, height } = size.peek();
    const dense = devicePixelRatio;
    const [wide, high] = [Math.round(width * dense), Math.round(height * dense)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
    }
    const { x, y, zoom } = look.peek();
    const count = chart.peek()?.pictures ?? 0;
    const seen = {
      x,
      y,
      scale: dense * scaleAt(zoom, size.peek()),
      point: dense * across(count, zoom),
      lifted: tones.peek() !== null,
    };
    plot.draw(seen, isMoving ? every : 1);
    canvas.dataset.drawn = String(count);
    if (isMoving) soon();
  };
  const soon = () => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  let placed: unknown = null;
  const stops = [
    effect(() => {
      const points = chart.value?.points;
      if (points === undefined) return;
      if (points !== placed) plot.place(points.xs, points.ys);
      placed = points;
      const strengths = tones.value;
      const shades = strengths ?? shadesOf(points.clusters);
      const there = inside.value;
      plot.shade(
        there === null ? shades : shades.map((shade, at) => (there[at] ? shade : SILENT)),
        strengths === null ? clusterColours.value : toneColours.value,
      );
      soon();
    }),
    effect(() => {
      look.value;
      isMoving = true;
      soon();
    }),
    effect(() => {
      still.value;
      size.value;
      isMoving = false;
      soon();
    }),
  ];
  return () => {
    cancelAnimationFrame(frame);
    for (const stop of stops) stop();
  };
}

/** Pixels across one point: small where there are many, larger the nearer one is. */
function across(count: number, zoom: number): number {
  const many = Math.min(Math.max(9 - 1.3 * Math.log10(Math.max(count, 1)), 2.4), 9);
  return Math.min(many * 2 ** (0.28 * Math.max(zoom, 0)), 16);
}
