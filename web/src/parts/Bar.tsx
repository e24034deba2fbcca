import { type Share, stretches } from "../logic/contributions";
import { lit } from "../state/focus";
import { scale } from "../state/results";

/** What each term brought: plus parts to the right of zero, minus parts to the left. */
export function Bar({ shares }: { readonly shares: readonly Share[] }) {
  const { negative, positive } = scale.value;
  const zero = negative / (negative + positive || 1);
  return (
    <div class="bar" aria-hidden="true">
      {stretches(shares, scale.value).map(({ term, from, size }) => (
        <span
          key={term}
          class={`t${term % 7} ${lit.value === null || lit.value === term ? "" : "faint"}`}
          style={{ left: `${100 * from}%`, width: `${100 * size}%` }}
        />
      ))}
      {negative > 0 && <i style={{ left: `${100 * zero}%` }} />}
    </div>
  );
}
