import { computed } from "@preact/signals";
import { seeing, toScreen } from "../../logic/camera";
import { apart } from "../../logic/nonOverlapping";
import { counted } from "../../logic/numbers";
import { boundsOfCluster } from "../../logic/points";
import { chart } from "../../state/chart";
import { placedTerms, places } from "../../state/mapColouring";
import { fly, look, size } from "../../state/viewing";
import { colourOf, dark } from "./colours";

interface Name {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** The cluster that it names; null for a term or the query. */
  readonly cluster: number | null;
  readonly pictures: number;
}

const HEIGHT = 24;
/** A mark must not be covered by its own name, nor a station by that of the query. */
const UNDER = 23;
/** Around a word: its dot, and air. */
const AROUND = 30;
const LONGEST = 240;
/** Across a station of the path. */
const STATION = 44;

/** What matters most first: the query and its terms, then clusters by their size. */
const names = computed<readonly Name[]>(() => {
  const query = places.value?.query ?? null;
  const terms = placedTerms.value.map(({ term, x, y }) => ({ text: term, x, y }));
  // A query of one term lies where its term does.
  const asked = [
    ...(query === null ? [] : [{ ...query, text: "the query" }]),
    ...(terms.length > 1 ? terms : []),
  ].map((each) => ({ ...each, cluster: null, pictures: 0 }));
  const clusters = (chart.value?.clusters ?? [])
    .map(({ name, x, y, pictures }, cluster) => ({ text: name, x, y, cluster, pictures }))
    .filter(({ text }) => text !== "");
  return [...asked, ...clusters.sort((a, b) => b.pictures - a.pictures)];
});

const widths = computed(() => names.value.map(({ text }) => Math.min(widthOf(text), LONGEST)));

/** Where each name would be, under what it names. */
const boxes = computed(() =>
  names.value.map(({ x, y, cluster }, place) => {
    const [left, top] = toScreen(look.value, size.value, x, y);
    const width = (widths.value[place] ?? 0) + AROUND;
    return {
      x: left - width / 2,
      y: top + (cluster === null ? UNDER : -HEIGHT / 2),
      width,
      height: HEIGHT,
    };
  }),
);

/** The stations of the path, which no name may cover. */
const stations = computed(() =>
  (places.value?.path ?? []).map(({ x, y }) => {
    const [left, top] = toScreen(look.value, size.value, x, y);
    return { x: left - STATION / 2, y: top - STATION / 2, width: STATION, height: STATION };
  }),
);

/** Places of `names`, of those that are shown. */
const shown = computed(() => {
  const before = stations.value.length;
  return apart([...stations.value, ...boxes.value], size.value)
    .map((place) => place - before)
    .filter((place) => place >= 0);
});

/** The names of clusters, which lead there, and of what was asked; none covers another. */
export function Names() {
  return (
    <ul class="names" aria-label="Clusters">
      {shown.value.map((place) => {
        const [name, box] = [names.value[place], boxes.value[place]];
        if (name === undefined || box === undefined) return null;
        const style = { transform: `translate(${box.x}px, ${box.y}px)`, width: `${box.width}px` };
        return name.cluster === null ? (
          <li key={`asked ${name.text}`} class="name asked" style={style}>
            {name.text}
          </li>
        ) : (
          <li key={name.cluster} class="name" style={style}>
            <button
              type="button"
              title={`${name.text}: ${counted(name.pictures)} pictures`}
              aria-label={`${name.text}, ${counted(name.pictures)} pictures: go there`}
              style={{ "--c": colourOf(name.cluster, dark.value) }}
              onClick={() => goTo(name.cluster ?? 0)}
            >
              {name.text}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function goTo(cluster: number): void {
  const points = chart.value?.points;
  if (points !== undefined) fly(seeing(boundsOfCluster(points, cluster), size.value));
}

const pen = document.createElement("canvas").getContext("2d");
const measured = new Map<string, number>();

function widthOf(text: string): number {
  let width = measured.get(text);
  if (width === undefined) {
    if (pen !== null) pen.font = `13px ${getComputedStyle(document.body).fontFamily}`;
    width = pen?.measureText(text).width ?? LONGEST;
    measured.set(text, width);
  }
  return width;
}
