import { showMap } from "../state/actions";
import { panel, sheet } from "../state/focus";
import { mapped } from "../state/map";
import { where } from "../state/queryState";
import { Theme } from "./Theme";

export function Tools() {
  return (
    <div class="tools">
      <button
        type="button"
        class="tool wide"
        aria-pressed={mapped.value}
        title="All pictures as points (m)"
        onClick={() => showMap(!mapped.value)}
      >
        Map
      </button>
      <button
        type="button"
        class="tool wide"
        aria-expanded={panel.value === "filters"}
        onClick={() => {
          panel.value = panel.value === "filters" ? null : "filters";
        }}
      >
        Filter{where.value !== "" && <span class="dot" title="A filter is on" />}
      </button>
      <button
        type="button"
        class="tool wide"
        onClick={() => {
          sheet.value = "past";
        }}
      >
        History
      </button>
      <Theme />
      <button
        type="button"
        class="tool keys"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => {
          sheet.value = "keys";
        }}
      >
        ?
      </button>
    </div>
  );
}
