import { useEffect, useState } from "preact/hooks";
import { search } from "../api/client";
import { quoted } from "../logic/terms";
import { Thumbnail } from "../parts/Thumbnail";
import { wall } from "../state/wall";
import { useAsked } from "./asking";
import claims from "./claims.json";
import { Opened } from "./Opened";
import { Pictures } from "./Pictures";
import { Try } from "./Try";

/** What there is. */
export function Begin() {
  const [q, setQ] = useState(claims.asked[0]?.q ?? "");
  return (
    <>
      <p>
        Here are {wall.value?.pictures} small pictures. A program drew them, and wrote five captions
        for each.
      </p>
      <p>
        Ask for something. The answer is not looked up word by word. It is found by <b>meaning</b>.
      </p>
      <Pictures q={q} />
      <Try
        label="What to look for"
        values={[q]}
        take={([next = q]) => setQ(next)}
        suggestions={claims.asked.map((each) => [each.q])}
      />
      <p>
        In twenty minutes you will know how: what the numbers behind it are, how they are kept, what
        one can do with them, and where they fail. Everything is live, and nothing can break.{" "}
        <kbd>→</kbd> goes on, <kbd>←</kbd> goes back.
      </p>
    </>
  );
}

/** How it is kept. */
export function Stored() {
  const { found } = useAsked({ q: "an animal", k: 5, diverse: 1, rule: "add" }, search);
  const [chosen, setChosen] = useState<string | null>(null);
  const hits = found?.hits ?? [];
  useEffect(() => {
    if (chosen === null && hits[0] !== undefined) setChosen(hits[0].image_id);
  }, [hits]);
  return (
    <>
      <p>
        Numbers have to be kept somewhere. Here every picture is <b>one row of a table</b>, with all
        that belongs to it: the file, the captions, and the vector.
      </p>
      {chosen !== null && <Opened imageId={chosen} />}
      <p>
        The table is a plain folder in an open format, LanceDB. Any program that reads it has your
        vectors, too.
      </p>
      <section class="try" aria-label="Try it yourself">
        <h2>Try it yourself</h2>
        <ul class="choices">
          {hits.map((hit) => (
            <li key={hit.image_id}>
              <button
                type="button"
                aria-pressed={hit.image_id === chosen}
                onClick={() => setChosen(hit.image_id)}
              >
                <Thumbnail imageId={hit.image_id} caption={hit.captions[0] ?? hit.image_id} />
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** How it is found. */
export function Nearest() {
  const { nearest } = claims;
  const [q, setQ] = useState(nearest.q);
  return (
    <>
      <p>
        What you ask for becomes a vector, too. Then the wall looks which pictures have the{" "}
        <b>nearest</b> vectors. That is all.
      </p>
      <h2>The nearest</h2>
      <Pictures q={q} k={5} under="score" />
      <h2>The farthest</h2>
      <Pictures q={`- ${quoted(q)}`} k={5} rule="add" />
      <p>
        The figure is the cosine again. Nothing is “found” or “not found”: every picture has a
        place, and the farthest are merely the last.
      </p>
      <Try
        label="What to look for"
        values={[q]}
        take={([next = q]) => setQ(next)}
        suggestions={[[nearest.q], ...claims.asked.map((each) => [each.q])]}
      />
    </>
  );
}

/** Why it matters. */
export function Wordless() {
  const [q, setQ] = useState(claims.wordless[0]?.q ?? "");
  const known = claims.wordless.find((each) => each.q === q);
  const words = known?.words ?? q;
  return (
    <>
      <p>
        A search for words finds captions that hold these words. Nobody wrote <i>feline</i> here, or{" "}
        <i>automobile</i>: there is nothing to be found, or only what the other words bring.
      </p>
      <p>To the encoder a feline is hardly anything but a cat.</p>
      <div class="twice">
        <section aria-label="By words">
          <h2>By words</h2>
          <Pictures q={`keyword(${quoted(words)})`} k={4} />
        </section>
        <section aria-label="By meaning">
          <h2>By meaning</h2>
          <Pictures q={q} k={4} />
        </section>
      </div>
      <Try
        label="What to look for"
        values={[q]}
        take={([next = q]) => setQ(next)}
        suggestions={claims.wordless.map((each) => [each.q])}
      />
    </>
  );
}

/** Where to go from here. */
export function Onward() {
  return (
    <>
      <p>
        That is all there is to it: numbers for meaning, a table for the numbers, and the nearest
        ones first.
      </p>
      <ul class="onward">
        <li>
          <a href="/">The wall</a> takes all of this together, with your own weights, filters and
          comparisons.
        </li>
        <li>
          Your own pictures: <code>cavewall add photos</code>, then{" "}
          <code>cavewall serve --open</code>. Captions in a file beside them, or inside them, are
          found.
        </li>
        <li>
          In Python, this tour is <code>docs/learn.md</code>.
        </li>
        <li>
          The sample pictures as files: <code>cavewall sample pictures</code>.
        </li>
      </ul>
    </>
  );
}
