import { useEffect, useRef } from "preact/hooks";
import { counted } from "../../logic/numbers";
import { chart, chartFault } from "../../state/chart";
import { picturedAt } from "../../state/imageTerms";
import { isEmpty } from "../../state/queryState";
import { seen, size } from "../../state/viewing";
import { open } from "../Detail";
import { Wall } from "../Wall";
import { Awaited, Controls, Zooms } from "./Controls";
import { Here } from "./Here";
import { attach, drawn, lassoing, pressed } from "./hands";
import { Marks } from "./Marks";
import { Names } from "./Names";
import { Points } from "./Points";
import { Thumbs } from "./Thumbs";
import { Tip } from "./Tip";
import { Way } from "./Way";

/** The map, and beside it what is found on it. */
export function MapView() {
  return (
    <div class="mapped">
      <div class="map-side">
        <Controls />
        <Awaited />
        {chartFault.value !== null && (
          <p class="wrong" role="alert">
            {chartFault.value}
          </p>
        )}
        <Surface />
      </div>
      <div class="answer">{isEmpty.value ? <Here /> : <Wall />}</div>
    </div>
  );
}

function Surface() {
  const surface = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = surface;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      size.value = { width: current.clientWidth, height: current.clientHeight };
    });
    observer.observe(current);
    const detach = attach(current, openAt);
    return () => {
      observer.disconnect();
      detach();
    };
  }, []);
  return (
    <div class="map-frame">
      <div
        ref={surface}
        class={`map ${lassoing.value ? "lassoing" : ""}`}
        role="application"
        aria-roledescription="map"
        aria-label={label()}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move what is shown in it
        tabIndex={0}
        onKeyDown={(event) => {
          const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey && pressed(event.key);
          if (!isOurs) return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <Points />
        <Thumbs />
        <Marks drawn={drawn.value} />
        <Names />
        <Way />
        <Tip />
        {chart.value?.pictures === 0 && (
          <p class="nothing">There is no picture on this wall yet.</p>
        )}
      </div>
      <Zooms />
    </div>
  );
}

function label(): string {
  return (
    `Map of the wall, ${counted(seen.value.length)} pictures in view. ` +
    "Arrow keys move it, + and − zoom, 0 shows all; Tab goes to clusters and pictures."
  );
}

async function openAt(at: number): Promise<void> {
  const found = await picturedAt(at);
  if (found !== undefined) open(found.image_id);
}
