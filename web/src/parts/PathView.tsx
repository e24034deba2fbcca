import { LAST_STEP } from "../logic/address";
import { walked } from "../state/comparing";
import { against, points, step, text } from "../state/queryState";
import { walk } from "../state/search";
import { Thumbnail } from "./Thumbnail";

/** From one expression to the other in even steps, a picture for each; the wall follows. */
export function PathView() {
  const at = step.value ?? 0;
  const hits = walked.value?.hits ?? [];
  const share = Math.round((100 * at) / LAST_STEP);
  return (
    <div class="walk">
      <ol aria-label="On the way">
        {Array.from({ length: LAST_STEP + 1 }, (_, place) => {
          const hit = hits.find(({ point }) => point === place);
          const caption = hit?.captions[0] ?? "";
          return (
            <li key={place}>
              <button
                type="button"
                aria-current={place === at ? "step" : undefined}
                aria-label={`Step ${place} of ${LAST_STEP}${caption && `: ${caption}`}`}
                onClick={() => walk(place)}
              >
                {hit !== undefined && (
                  <Thumbnail key={hit.image_id} imageId={hit.image_id} caption={caption} />
                )}
              </button>
            </li>
          );
        })}
      </ol>
      <input
        type="range"
        min="0"
        max={LAST_STEP}
        step="1"
        value={at}
        aria-label="How far from the one to the other"
        aria-valuetext={`${share} % of the way`}
        onInput={(event) => walk(Number(event.currentTarget.value), true)}
        onChange={(event) => walk(Number(event.currentTarget.value))}
      />
      <p class="ends">
        <code>{against.value}</code>
        <span role="status">{share} % of the way</span>
        <code>{text.value.trim()}</code>
      </p>
      <p class="quiet">
        Below is what the wall says to <code>{points.value[at] ?? text.value.trim()}</code>, by
        vectors alone. The pictures above are all different ones.
      </p>
    </div>
  );
}
