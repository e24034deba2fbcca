import { useState } from "preact/hooks";
import { understand } from "../api/client";
import { useAsked } from "./asking";
import { Bars } from "./Bars";
import claims from "./claims.json";
import { Pictures } from "./Pictures";
import { Try } from "./Try";

/** Numbers. */
export function Counts() {
  const [q, setQ] = useState(claims.counts[0]?.q ?? "");
  const known = claims.counts.find((each) => each.q === q);
  return (
    <>
      <p>
        Now ask for a number. The wall shows what you ask for, and does not count: to the encoder{" "}
        <i>three horses</i> is above all <i>horse</i>.
      </p>
      <Pictures q={q} {...(known !== undefined && { right: known.right })} />
      <Bars base="three horses" texts={["two horses", "a horse", "three boats"]} />
      <Try
        label="What to look for"
        values={[q]}
        take={([next = q]) => setQ(next)}
        suggestions={claims.counts.map((each) => [each.q])}
      />
      <p>
        What helps: a filter on what is known, or the word itself as it is written,{" "}
        <code>horse + has("two")</code>.
      </p>
    </>
  );
}

/** Bound attributes. */
export function Bound() {
  const [pair, setPair] = useState([claims.bound[0]?.one ?? "", claims.bound[0]?.other ?? ""]);
  const [one = "", other = ""] = pair;
  return (
    <>
      <p>
        One vector for a whole sentence keeps <i>what</i> is in it better than <i>who has what</i>.
        Swap the colours, and nearly the same arrow comes out.
      </p>
      <Bars base={one} texts={[other]} />
      <div class="twice">
        <section aria-label="The one">
          <h2>{one}</h2>
          <Pictures q={one} k={4} />
        </section>
        <section aria-label="The other">
          <h2>{other}</h2>
          <Pictures q={other} k={4} />
        </section>
      </div>
      <Try
        label="Two sentences"
        values={pair}
        take={(next) => setPair([...next])}
        suggestions={claims.bound.map((each) => [each.one, each.other])}
      />
    </>
  );
}

/** Negation. */
export function Not() {
  const [q, setQ] = useState(claims.negation[0]?.q ?? "");
  const known = claims.negation.find((each) => each.q === q);
  const right = known === undefined ? {} : { right: `^(?!.*${known.wrong})` };
  const { found } = useAsked(q, (text, signal) => understand(text, false, signal));
  const meant = found?.suggestion?.expression ?? null;
  return (
    <>
      <p>
        <i>Not</i> is a small word, and the encoder hardly hears it. Who writes{" "}
        <i>but not in the snow</i> has written <i>snow</i>.
      </p>
      <div class="twice">
        <section aria-label="As it is said">
          <h2>{q}</h2>
          <Pictures q={q} {...right} />
        </section>
        <section aria-label="As it is meant">
          <h2>{meant === null ? "…" : <code>{meant}</code>}</h2>
          {meant === null ? (
            <p class="nothing">Nothing is said here that a minus would say better.</p>
          ) : (
            <Pictures q={meant} {...right} />
          )}
        </section>
      </div>
      <p>The minus says it. The wall offers it whenever it reads such a word.</p>
      <Try
        label="Something without something"
        values={[q]}
        take={([next = q]) => setQ(next)}
        suggestions={claims.negation.map((each) => [each.q])}
      />
    </>
  );
}
