import { understand } from "../api/client";
import { canJoin, dissolved, insideOf, joined, replaced, type Term, without } from "../logic/terms";
import { compareWith } from "../state/actions";
import { lit } from "../state/focus";
import { against, dropped, isEmpty, suggestion, terms, text } from "../state/queryState";
import { ask, setTerms } from "../state/search";
import { Chip } from "./Chip";

/** The expression as things to take hold of. */
export function Chips() {
  if (isEmpty.value) return null;
  const all = terms.value;
  const offered = suggestion.value;
  const gone = dropped.value;
  return (
    <ul class="chips" aria-label="Terms">
      {all.map((term, place) => (
        <li key={place} class="slot">
          <Chip
            term={term}
            place={place}
            change={(next, dragged) => setTerms(replaced(terms.value, place, next), dragged)}
            remove={() => {
              lit.value = null;
              const was = text.value.trim();
              setTerms(without(terms.value, place));
              dropped.value = { label: term.label, was, now: text.value };
            }}
            open={term.kind === "bracket" ? () => void dissolve(place, term) : null}
          />
          {all.length > 2 && canJoin(all, place) && (
            <button
              type="button"
              class="join"
              title="Put these two in brackets"
              aria-label={`Put ${term.label} and ${all[place + 1]?.label} in brackets`}
              onClick={() => setTerms(joined(terms.value, place))}
            >
              ( )
            </button>
          )}
        </li>
      ))}
      {gone !== null && gone.now === text.value && against.value === null && (
        <li class="slot">
          <button type="button" class="offered" onClick={() => compareWith(gone.was)}>
            ⇄ what changed without <code>{gone.label}</code>?
          </button>
        </li>
      )}
      {offered !== null && (
        <li class="slot">
          <button
            type="button"
            class="offered"
            title={offered.says}
            onClick={() => ask(offered.expression)}
          >
            <span class="sign">−</span> read as <code>{offered.expression}</code>
          </button>
        </li>
      )}
    </ul>
  );
}

async function dissolve(place: number, bracket: Term): Promise<void> {
  const { terms: inner } = await understand(insideOf(bracket.atom), false);
  if (terms.value[place]?.atom === bracket.atom) setTerms(dissolved(terms.value, place, inner));
}
