import type { Corners } from "../../logic/area";
import { toScreen } from "../../logic/camera";
import { chart } from "../../state/chart";
import { spotted } from "../../state/hover";
import { area } from "../../state/map";
import { placedTerms, places } from "../../state/mapColouring";
import { look, size } from "../../state/viewing";

/** What is drawn over the points: the area, the query with its terms, the path, the marked place. */
export function Marks({ drawn }: { readonly drawn: Corners | null }) {
  const corners =
    drawn ?? (area.value?.layout === chart.value?.layout ? area.value?.corners : null);
  const on = (x: number, y: number) => toScreen(look.value, size.value, x, y);
  const found = places.value;
  const query = found?.query ? on(found.query.x, found.query.y) : null;
  const spot = spotted.value;
  return (
    <svg class="marks" aria-hidden="true">
      {corners && <polygon class={drawn ? "drawn" : "area"} points={onScreen(corners)} />}
      {found?.path && (
        <polyline class="path" points={onScreen(found.path.flatMap(({ x, y }) => [x, y]))} />
      )}
      {query !== null &&
        placedTerms.value.map((term) => {
          const [x, y] = on(term.x, term.y);
          return (
            <g key={term.place} class={`t${term.place % 7} ${term.weight < 0 ? "minus" : ""}`}>
              <line x1={x} y1={y} x2={query[0]} y2={query[1]} />
              <circle cx={x} cy={y} r="5" />
            </g>
          );
        })}
      {query !== null && <path class="query" d={diamond(query)} />}
      {spot !== null && <Ring at={on(spot.x, spot.y)} />}
    </svg>
  );
}

function onScreen(corners: Corners): string {
  const points: string[] = [];
  for (let at = 0; at + 1 < corners.length; at += 2)
    points.push(toScreen(look.value, size.value, corners[at] ?? 0, corners[at + 1] ?? 0).join());
  return points.join(" ");
}

function diamond([x, y]: readonly [number, number]): string {
  return `M${x} ${y - 9}l9 9l-9 9l-9-9z`;
}

function Ring({ at: [x, y] }: { readonly at: readonly [number, number] }) {
  return (
    <g class="spot">
      <circle cx={x} cy={y} r="12" />
      <circle cx={x} cy={y} r="3" />
    </g>
  );
}
