import { useState } from "preact/hooks";
import { Bars } from "./Bars";
import claims from "./claims.json";
import { Numbers } from "./Numbers";
import { Try } from "./Try";

/** What an embedding is. */
export function Vectors() {
  const [text, setText] = useState("a crown");
  return (
    <>
      <p>A computer cannot compare meanings. It can compare numbers.</p>
      <p>
        So a small program, the <b>encoder</b>, reads a text and writes down a long list of numbers:
        always as many, whatever the text. The list is called an <b>embedding</b>, or a{" "}
        <b>vector</b>.
      </p>
      <Numbers texts={claims.numbers} />
      <p>
        No number means anything by itself, and nobody chose what they stand for. The encoder has
        learned them, from a billion pairs of sentences that belong together.
      </p>
      <Try
        label="Any text"
        values={[text]}
        take={([next = text]) => setText(next)}
        suggestions={[["a crown"], ["dog running through sand"], ["42"]]}
      />
      <Numbers texts={[text]} />
    </>
  );
}

/** What near means. */
export function Near() {
  return (
    <>
      <p>
        Think of a vector as an arrow. Two texts that mean something similar get arrows that point
        in a similar direction.
      </p>
      <p>
        How similar is one number, the <b>cosine</b>: 1 is the same direction, 0 is nothing in
        common.
      </p>
      <Compared sets={claims.words} label="Three words" />
      <p class="quiet">
        A king is a ruler, as a queen is. An apple is neither. Nobody told the encoder.
      </p>
    </>
  );
}

/** The same of sentences. */
export function Sentences() {
  return (
    <>
      <p>Whole sentences become vectors just the same, one each.</p>
      <p>
        Look at the first two. They say the same thing, and have hardly a word in common. Whoever
        looks for words finds no likeness here.
      </p>
      <Compared sets={claims.sentences} label="Three sentences" />
    </>
  );
}

interface Props {
  readonly sets: readonly (readonly string[])[];
  readonly label: string;
}

function Compared({ sets, label }: Props) {
  const [texts, setTexts] = useState(sets[0] ?? []);
  const [base = "", ...others] = texts;
  return (
    <>
      <Bars base={base} texts={others} />
      <Try label={label} values={texts} take={setTexts} suggestions={sets} />
    </>
  );
}
