import { similarities } from "../api/comparing";
import { useAsked } from "./asking";

interface Props {
  readonly base: string;
  readonly texts: readonly string[];
}

/** How near texts are to the first one, as bars. */
export function Bars({ base, texts }: Props) {
  const { found, fault } = useAsked([base, ...texts], similarities);
  if (fault !== null) return <p class="wrong">{fault}</p>;
  if (found === null) return null;
  const cosines = (found.matrix[0] ?? []).slice(1);
  const named = found.texts.slice(1).map((text, place) => ({ text, near: cosines[place] ?? 0 }));
  const nearest = named.reduce((best, each) => (each.near > best.near ? each : best));
  return (
    <div class="bars">
      <table>
        <caption>
          How near to <b>{found.texts[0]}</b>
        </caption>
        <tbody>
          {named.map(({ text, near }, place) => (
            <tr key={place} class={`t${place % 7}`}>
              <th scope="row">{text}</th>
              <td class="track">
                <span style={{ width: `${100 * Math.max(near, 0)}%` }} />
              </td>
              <td class="figure">{near.toFixed(2).replace("-", "−")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {named.length > 1 && (
        <p class="so" role="status">
          Nearest: <b>{nearest.text}</b>
        </p>
      )}
    </div>
  );
}
