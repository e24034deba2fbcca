import { computed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { cornersOf } from "../../logic/area";
import { WHOLE } from "../../logic/camera";
import { counted } from "../../logic/numbers";
import { setGoal, setLayout } from "../../state/actions";
import { chart, underWay } from "../../state/chart";
import { area, layout, to } from "../../state/map";
import { colouring } from "../../state/mapColouring";
import { isEmpty } from "../../state/queryState";
import { letGo, setArea } from "../../state/search";
import { fly, seen, view, zoom } from "../../state/viewing";
import { lassoing } from "./hands";

const pictures = computed(() => counted(chart.value?.pictures ?? 0));

/** Two directions of hundreds show little of the vectors: that is said. */
const variance = computed(
  () => chart.value?.layouts.find(({ name }) => name === chart.value?.layout)?.variance ?? null,
);

/** What the map shows and what of it; everything a hand can do on it, keys can do here. */
export function Controls() {
  return (
    <div class="map-tools">
      <label>
        Layout{" "}
        <select
          value={layout.value}
          onChange={({ currentTarget: { value } }) => setLayout(value === "umap" ? "umap" : "pca")}
        >
          <option value="pca">PCA</option>
          <option value="umap">UMAP</option>
        </select>
        {variance.value !== null && (
          <small title="How much of what makes pictures differ two directions can show">
            {" "}
            {Math.round(100 * variance.value)} % of the differences
          </small>
        )}
      </label>
      {!isEmpty.value && <Asked />}
      <span class="group">
        <button
          type="button"
          class="button"
          aria-pressed={lassoing.value}
          title="Draw around pictures (or Shift and drag): only those answer"
          onClick={() => {
            lassoing.value = !lassoing.value;
          }}
        >
          Lasso
        </button>
        <button
          type="button"
          class="button"
          title="Only pictures in view answer"
          onClick={onlyView}
        >
          Only this view
        </button>
        {area.value !== null && (
          <button type="button" class="button" onClick={letGo}>
            Let the area go
          </button>
        )}
      </span>
      <p class="quiet" role="status">
        {counted(seen.value.length)} of {pictures.value} in{" "}
        {area.value === null ? "view" : "the area"}
      </p>
    </div>
  );
}

/** Only pictures that are in view now, as if one had drawn around them. */
export function onlyView(): void {
  const on = chart.value;
  if (on !== null) setArea({ layout: on.layout, corners: cornersOf(view.value) });
}

/** What there is to choose while something is asked. */
function Asked() {
  const [goal, setDraft] = useState(to.value);
  useEffect(() => setDraft(to.value), [to.value]);
  return (
    <>
      <label>
        Colour{" "}
        <select
          value={colouring.value}
          onChange={({ currentTarget: { value } }) => {
            colouring.value = value === "cluster" ? "cluster" : "score";
          }}
        >
          <option value="score">score</option>
          <option value="cluster">cluster</option>
        </select>
      </label>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setGoal(goal);
        }}
      >
        <label>
          Path to{" "}
          <input
            class="goal"
            value={goal}
            onInput={(event) => setDraft(event.currentTarget.value)}
            onChange={() => setGoal(goal)}
            placeholder="another query"
            autocomplete="off"
            spellcheck={false}
            maxLength={4096}
          />
        </label>
      </form>
    </>
  );
}

/** Nearer, further away, all of it. */
export function Zooms() {
  return (
    <div class="zooms">
      <button type="button" aria-label="Nearer" title="Nearer (+)" onClick={() => zoom(1)}>
        +
      </button>
      <button
        type="button"
        aria-label="Further away"
        title="Further away (−)"
        onClick={() => zoom(-1)}
      >
        −
      </button>
      <button
        type="button"
        aria-label="The whole map"
        title="The whole map (0)"
        onClick={() => fly(WHOLE)}
      >
        ⤢
      </button>
    </div>
  );
}

/** How far a layout has come that is not there yet, or how it can be had. */
export function Awaited() {
  const wished = underWay.value;
  if (wished === null) return null;
  const name = wished.name.toUpperCase();
  if (wished.state === "missing")
    return (
      <p class="notice" role="status">
        {name} needs an extra: <code>{wished.install}</code> in the server's environment. This is
        PCA.
      </p>
    );
  const share = wished.share === null ? "" : ` ${Math.floor(100 * wished.share)} %.`;
  return (
    <p class="notice" role="status">
      <span>
        {name} is being computed:{share} Until then this is PCA.
      </span>
      <progress value={wished.share ?? undefined} aria-label={`${name} is being computed`} />
    </p>
  );
}
