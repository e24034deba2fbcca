import { useState } from "preact/hooks";
import { asText } from "../logic/terms";
import claims from "./claims.json";
import { Pictures } from "./Pictures";
import { Try } from "./Try";

/** Subtraction. */
export function Arithmetic() {
  const [at, setAt] = useState(0);
  const [parts, setParts] = useState({ minus: true, plus: true });
  const swap = claims.swaps[at];
  if (swap === undefined) return null;
  const { from, minus, plus, right } = swap;
  const q = `${from}${parts.minus ? ` - ${minus}` : ""}${parts.plus ? ` + ${plus}` : ""}`;
  const isWhole = parts.minus && parts.plus;
  return (
    <>
      <p>
        Numbers can be added and subtracted. So meanings can: take <b>{minus}</b> away from a
        question, put <b>{plus}</b> in its place, and keep the rest.
      </p>
      <fieldset class="terms">
        <legend class="unseen">Terms</legend>
        <span class="term t0">{from}</span>
        <Toggle
          name={`− ${minus}`}
          place={1}
          on={parts.minus}
          turn={() => setParts({ ...parts, minus: !parts.minus })}
        />
        <Toggle
          name={`+ ${plus}`}
          place={2}
          on={parts.plus}
          turn={() => setParts({ ...parts, plus: !parts.plus })}
        />
      </fieldset>
      <p class="asked">
        <code>{q}</code>
      </p>
      <Pictures q={q} {...(isWhole && { right })} />
      <p class="quiet">Switch the terms off and on, and see what each one does.</p>
      <section class="try" aria-label="Try it yourself">
        <h2>Try it yourself</h2>
        <ul class="examples">
          {claims.swaps.map((each, place) => (
            <li key={each.from}>
              <button
                type="button"
                aria-pressed={place === at}
                onClick={() => {
                  setAt(place);
                  setParts({ minus: true, plus: true });
                }}
              >
                {each.from} − {each.minus} + {each.plus}
              </button>
            </li>
          ))}
        </ul>
        <p>
          <a href={`/?${new URLSearchParams({ q })}`}>Go on with it on the wall</a>, where every
          picture says what each term brought.
        </p>
      </section>
    </>
  );
}

interface ToggleProps {
  readonly name: string;
  readonly place: number;
  readonly on: boolean;
  readonly turn: () => void;
}

function Toggle({ name, place, on, turn }: ToggleProps) {
  return (
    <button type="button" class={`term t${place}`} aria-pressed={on} onClick={turn}>
      {name}
    </button>
  );
}

/** What a weight does. */
export function Weights() {
  const { one, other, right } = claims.weights;
  const [texts, setTexts] = useState([one, other]);
  const [weight, setWeight] = useState(1);
  const [first = one, second = other] = texts;
  const q = `${asText(first)} + ${weight} * ${asText(second)}`;
  const isOwn = first === one && second === other;
  return (
    <>
      <p>
        A number in front of a term says how much of it is meant. Slide: at 0 nobody hears{" "}
        <b>{second}</b>, at 2 it drowns <b>{first}</b>.
      </p>
      <label class="weigh t1">
        <code>{q}</code>
        <input
          type="range"
          min="0"
          max="2"
          step="0.1"
          value={weight}
          aria-label={`Weight of ${second}`}
          onInput={(event) => setWeight(Number(event.currentTarget.value))}
        />
      </label>
      <Pictures q={q} k={8} rule="add" {...(isOwn && { right })} />
      <p class="quiet">
        {isOwn && "Ticked is what is in the snow, whoever it is. "}
        Here the wall adds vectors and does nothing else (rule <code>add</code>). Its own rule also
        reads the captions, and hears a word sooner.
      </p>
      <Try
        label="Two words"
        values={texts}
        take={(next) => setTexts([...next])}
        suggestions={[
          [one, other],
          ["dog", "snow"],
          ["sand", "cat"],
        ]}
      />
    </>
  );
}
