import type { ComponentChildren } from "preact";
import type { Contribution, Reason } from "../logic/apiTypes";
import { printedWeight, signed } from "../logic/numbers";
import { termOfLeaf } from "../state/results";

interface Props {
  readonly terms: readonly Contribution[];
  /** The same terms with what the captions say of them; empty until it is known. */
  readonly reasons: readonly Reason[];
}

/** What each term brought, on one scale, and which words of which caption. */
export function Explanation({ terms, reasons }: Props) {
  const negative = Math.max(0, ...terms.map(({ contribution }) => -contribution));
  const positive = Math.max(0, ...terms.map(({ contribution }) => contribution));
  const whole = negative + positive || 1;
  return (
    <table class="why">
      <thead class="unseen">
        <tr>
          <th>term</th>
          <th>bar</th>
          <th>brought</th>
        </tr>
      </thead>
      <tbody>
        {terms.map(({ term, weight, contribution }, place) => {
          const reason = reasons[place];
          const from = contribution < 0 ? negative + contribution : negative;
          return (
            <tr key={place} class={`t${termOfLeaf(place) % 7}`}>
              <th scope="row">
                {weight < 0 ? "− " : "+ "}
                {Math.abs(weight) !== 1 && `${shortened(Math.abs(weight))} × `}
                {term}
                {reason?.caption && (
                  <p>
                    <Marked caption={reason.caption} words={reason.words.map(({ word }) => word)} />
                  </p>
                )}
              </th>
              <td class="bar-cell">
                <div class="bar">
                  <span
                    style={{
                      left: `${(100 * from) / whole}%`,
                      width: `${(100 * Math.abs(contribution)) / whole}%`,
                    }}
                  />
                  {negative > 0 && <i style={{ left: `${(100 * negative) / whole}%` }} />}
                </div>
              </td>
              <td class="brought">{signed(contribution)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function shortened(weight: number): string {
  return printedWeight(Number(weight.toPrecision(3)));
}

/** A caption in which the words that say the term are marked. */
function Marked({
  caption,
  words,
}: {
  readonly caption: string;
  readonly words: readonly string[];
}) {
  const said = new Set(words.map((word) => word.toLowerCase()));
  const parts: ComponentChildren[] = caption
    .split(/([\p{L}\p{N}]+)/u)
    .map((part, place) => (said.has(part.toLowerCase()) ? <mark key={place}>{part}</mark> : part));
  return <>{parts}</>;
}
