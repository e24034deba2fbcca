import { useEffect, useRef } from "preact/hooks";
import { LAST_STEP } from "../logic/address";
import { withoutEach } from "../logic/compared";
import { expressionOf } from "../logic/terms";
import { compareWith } from "../state/actions";
import { comparingFault, follow } from "../state/comparing";
import { past } from "../state/history";
import { against, step, terms, text } from "../state/queryState";
import { ask, walk } from "../state/search";
import { ComparisonColumns } from "./ComparisonColumns";
import { PathView } from "./PathView";

const FEW = 5;

/** What changes from one expression to the one in the box: side by side, or on the way. */
export function Compare() {
  useEffect(follow, []);
  const other = against.value ?? "";
  const fault = comparingFault.value;
  return (
    <section class="compare" aria-label="What changed">
      <div class="pair">
        <Other />
        {other !== "" && (
          <button type="button" class="button" onClick={swap} title="The other way round">
            ⇄ swap
          </button>
        )}
        <button type="button" class="plain" onClick={close} aria-label="Stop comparing">
          ×
        </button>
      </div>
      {other !== "" && fault !== null && (
        <p class="wrong" role="alert">
          {fault}
        </p>
      )}
      {other === "" ? (
        <Suggestions />
      ) : (
        <>
          <fieldset class="switch">
            <legend class="unseen">How to compare</legend>
            <button type="button" aria-pressed={step.value === null} onClick={() => walk(null)}>
              Side by side
            </button>
            <button
              type="button"
              aria-pressed={step.value !== null}
              onClick={() => walk(step.value ?? LAST_STEP / 2)}
            >
              On the way
            </button>
          </fieldset>
          {step.value === null ? <ComparisonColumns /> : <PathView />}
        </>
      )}
    </section>
  );
}

function swap(): void {
  const before = against.value ?? "";
  compareWith(text.value);
  ask(before);
}

function close(): void {
  against.value = null;
  walk(null);
}

/** The expression that is compared with. */
function Other() {
  const input = useRef<HTMLInputElement>(null);
  const isNew = against.value === "";
  useEffect(() => {
    if (isNew) input.current?.focus();
  }, [isNew]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        compareWith(input.current?.value ?? "");
      }}
    >
      <label for="against">What changes from</label>
      <input
        ref={input}
        id="against"
        type="text"
        key={against.value ?? ""}
        defaultValue={against.value ?? ""}
        onChange={(event) => {
          if (event.currentTarget.value.trim() !== against.value)
            compareWith(event.currentTarget.value);
        }}
        placeholder="another expression"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="go"
        maxLength={4096}
      />
      <span class="to">
        to <code>{text.value.trim()}</code>?
      </span>
    </form>
  );
}

/** What one may want to know: the same without one of its terms, or an earlier search. */
function Suggestions() {
  const rests = withoutEach(terms.value);
  const searches = past.value
    .map(({ q }) => q)
    .filter((q, place, all) => q !== text.value.trim() && all.indexOf(q) === place)
    .slice(0, FEW);
  if (rests.length === 0 && searches.length === 0)
    return <p class="quiet">Write any expression, and see what comes in, what goes, and why.</p>;
  return (
    <ul class="examples">
      {rests.map(({ label, rest }) => (
        <li key={label}>
          <button type="button" onClick={() => compareWith(expressionOf(rest))}>
            the same without <code>{label}</code>
          </button>
        </li>
      ))}
      {searches.map((q) => (
        <li key={q}>
          <button type="button" onClick={() => compareWith(q)}>
            <code>{q}</code>
          </button>
        </li>
      ))}
    </ul>
  );
}
