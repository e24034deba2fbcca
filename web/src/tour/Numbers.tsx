import { similarities } from "../api/comparing";
import { useAsked } from "./asking";

const WIDTH = 6;
const HALF = 22;

/** The first numbers of each text's vector, as bars up and down. */
export function Numbers({ texts }: { readonly texts: readonly string[] }) {
  const { found, fault } = useAsked(texts.length > 1 ? texts : [...texts, "."], similarities);
  if (fault !== null) return <p class="wrong">{fault}</p>;
  if (found === null) return null;
  const shown = found.first.slice(0, texts.length);
  const largest = Math.max(...shown.flat().map(Math.abs));
  return (
    <ul class="numbers">
      {shown.map((numbers, place) => (
        <li key={place} class={`t${place % 7}`}>
          <b>{found.texts[place]}</b>
          <svg
            viewBox={`0 0 ${numbers.length * WIDTH} ${2 * HALF}`}
            role="img"
            aria-label={`${numbers.length} numbers of ${found.texts[place]}, some up, some down`}
          >
            {numbers.map((number, at) => {
              const height = (Math.abs(number) / largest) * HALF;
              return (
                <rect
                  key={at}
                  x={at * WIDTH + 1}
                  y={number < 0 ? HALF : HALF - height}
                  width={WIDTH - 2}
                  height={height}
                />
              );
            })}
            <line x1="0" x2={numbers.length * WIDTH} y1={HALF} y2={HALF} />
          </svg>
          <code>
            {numbers
              .slice(0, 4)
              .map((number) => number.toFixed(3).replace("-", "−"))
              .join("  ")}{" "}
            …
          </code>
        </li>
      ))}
      <li class="quiet">
        {shown[0]?.length} of {found.dimension} numbers each
      </li>
    </ul>
  );
}
