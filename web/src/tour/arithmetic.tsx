import { useState } from "preact/hooks";
import { asText } from "../logic/terms";
import claims from "./claims.json";
import { Pictures } from "./Pictures";
import { Try } from "./Try";

const SWAPS = claims.swaps.map(({ from, minus, plus }) => [from, minus, plus]);

/** Subtraction. */
export function Arithmetic() {
  const [texts, setTexts] = useState<readonly string[]>(SWAPS[0] ?? []);
  const [parts, setParts] = useState({ minus: true, plus: true });
  const [from = "", minus = "", plus = ""] = texts;
  const known = claims.swaps.find(
    (each) => each.from === from && each.minus === minus && each.plus === plus,
  );
  const less = parts.minus ? ` - ${asText(minus)}` : "";
  const more = parts.plus ? ` + ${asText(plus)}` : "";
  const q = asText(from) + less + more;
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
      <Pictures q={q} {...(isWhole && known && { right: known.right })} />
      <p class="quiet">
        Switch the terms off and on, and see what each one does.{" "}
        <a href={`/?${new URLSearchParams({ q })}`}>On the wall</a> every picture says what each
        term brought to it.
      </p>
      <Try
        label="A question, what to take away, what to put in its place"
        values={texts}
        take={(next) => {
          setTexts(next);
          setParts({ minus: true, plus: true });
        }}
        suggestions={SWAPS}
        joined={([begin, less, more]) => `${begin} − ${less} + ${more}`}
      />
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
