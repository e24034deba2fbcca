import { toCsv, toJson } from "../logic/exports";
import { counted } from "../logic/numbers";
import { tell } from "../state/notices";
import { found } from "../state/results";
import { pickAll, picked, pickNothing } from "../state/selection";
import { copy, download } from "./clipboard";

export function Selection() {
  const chosen = [...picked.value.values()];
  const answer = found.value;
  if (chosen.length === 0) return null;

  async function copied(what: string, lines: readonly string[]): Promise<void> {
    const done = await copy(lines.join("\n"));
    tell(
      "copy",
      done ? `${counted(lines.length)} ${what} copied.` : "This browser lets nothing be copied.",
    );
  }

  return (
    <section class="selection" aria-label="Selection">
      <strong role="status">{counted(chosen.length)} selected</strong>
      {answer !== null && (
        <button
          type="button"
          onClick={() => {
            const { expression, rule, encoder, version, where } = answer;
            const origin = { expression, rule, encoder, version, where };
            download("cavewall.json", "application/json", toJson(chosen, origin));
          }}
        >
          JSON
        </button>
      )}
      <button type="button" onClick={() => download("cavewall.csv", "text/csv", toCsv(chosen))}>
        CSV
      </button>
      <button
        type="button"
        onClick={() =>
          void copied(
            "ids",
            chosen.map((hit) => hit.image_id),
          )
        }
      >
        Copy ids
      </button>
      <button
        type="button"
        onClick={() =>
          void copied(
            "paths",
            chosen.map((hit) => hit.path ?? hit.image_id),
          )
        }
      >
        Copy paths
      </button>
      <button type="button" onClick={pickAll}>
        Select all shown
      </button>
      <button type="button" onClick={pickNothing} aria-label="Select none">
        ×
      </button>
    </section>
  );
}
