import { computed, useSignalEffect } from "@preact/signals";
import { toScreen } from "../../logic/camera";
import { apart } from "../../logic/nonOverlapping";
import { chart } from "../../state/chart";
import { spotted } from "../../state/hover";
import { learn, pictured } from "../../state/imageTerms";
import { scored, tones } from "../../state/mapColouring";
import { look, seen, size, still } from "../../state/viewing";
import { open } from "../Detail";
import { Thumbnail } from "../Thumbnail";

/** Pictures are shown where no more than this many are in view. */
const NEAR = 500;
const MOST = 70;
/** Of an answer only the best are candidates, where the colours of the others are to be seen. */
const BEST = 40;
const CLOSE = 120;

/** Smaller while many are in view. */
const side = computed(() => (seen.value.length > CLOSE || size.value.width < 600 ? 48 : 72));

let before: ReadonlySet<number> = new Set();

/** Which are shown: the marked one, then the best of the answer, or those that were. */
const shown = computed<readonly number[]>(() => {
  const points = chart.value?.points;
  const all = seen.value;
  if (points === undefined || all.length > NEAR) return [];
  const values = tones.value === null ? null : scored.value?.scores;
  const marked = spotted.value?.at;
  const rank = (at: number) =>
    at === marked ? Number.POSITIVE_INFINITY : (values?.[at] ?? Number(before.has(at)));
  const order = values == null ? all : all.filter((at) => !Number.isNaN(values?.[at]));
  const isAnswer = values != null && all.length > CLOSE;
  const sorted = [...order]
    .sort((a, b) => rank(b) - rank(a) || a - b)
    .slice(0, isAnswer ? BEST : all.length);
  const boxes = sorted.map((at) => box(points.xs[at] ?? 0, points.ys[at] ?? 0));
  const chosen = apart(boxes, size.value)
    .slice(0, MOST)
    .map((place) => sorted[place] ?? 0);
  before = new Set(chosen);
  return chosen;
});

function box(x: number, y: number) {
  const [left, top] = toScreen(still.value, size.value, x, y);
  const room = side.value + 4;
  return { x: left - room / 2, y: top - room / 2, width: room, height: room };
}

/** The pictures themselves, where one is near enough; they are reached by keys, too. */
export function Thumbs() {
  useSignalEffect(() => void learn(shown.value));
  const points = chart.value?.points;
  if (points === undefined) return null;
  const half = side.value / 2;
  return (
    <ul class="thumbs" aria-label="Pictures in view" style={{ "--side": `${side.value}px` }}>
      {shown.value.map((at) => {
        const known = pictured.value.get(at);
        if (known === undefined) return null;
        const [x, y] = toScreen(look.value, size.value, points.xs[at] ?? 0, points.ys[at] ?? 0);
        return (
          <li key={at} style={{ transform: `translate(${x - half}px, ${y - half}px)` }}>
            <button
              type="button"
              class={spotted.value?.at === at ? "spotted" : ""}
              onClick={() => open(known.image_id)}
            >
              <Thumbnail imageId={known.image_id} caption={known.captions[0] ?? known.image_id} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
