import type { Hit } from "../logic/apiTypes";
import type { Share } from "../logic/contributions";
import type { Box } from "../logic/layout";
import { percentile, score, signed } from "../logic/numbers";
import { active, lit } from "../state/focus";
import { scoreAs } from "../state/preferences";
import { found } from "../state/results";
import { pick, picked } from "../state/selection";
import { ActButtons } from "./ActButtons";
import { Bar } from "./Bar";
import { open } from "./Detail";
import { placed } from "./flipAnimation";
import { Thumbnail } from "./Thumbnail";

interface Props {
  readonly hit: Hit;
  readonly place: number;
  readonly box: Box;
  readonly shares: readonly Share[];
  /** How much of the lit term is here, 0 to 1; null while none is lit. */
  readonly light: number | null;
}

export function Card({ hit, place, box, shares, light }: Props) {
  const here = active.value === place;
  const caption = hit.captions[0] ?? hit.image_id;
  const chosen = picked.value.has(hit.image_id);
  const reach = here ? 0 : -1;
  return (
    <li
      class={`card ${chosen ? "chosen" : ""}`}
      data-id={hit.image_id}
      data-place={place}
      aria-posinset={place + 1}
      aria-setsize={found.value?.total ?? -1}
      style={{
        transform: placed(box),
        width: `${box.width}px`,
        opacity: light === null ? "" : 0.25 + 0.75 * light,
      }}
      onFocusIn={() => {
        active.value = place;
      }}
    >
      <button
        type="button"
        class="open"
        tabIndex={reach}
        style={{ height: `${box.height}px` }}
        onClick={() => open(hit.image_id)}
      >
        <Thumbnail imageId={hit.image_id} caption={caption} />
      </button>
      <input
        type="checkbox"
        class="pick"
        checked={chosen}
        tabIndex={reach}
        aria-label={`Select ${caption}`}
        onClick={(event) => pick(place, event.shiftKey)}
      />
      <ActButtons imageId={hit.image_id} caption={caption} reach={reach} />
      <div class="under">
        <div class="measure">
          <Bar shares={shares} />
          <span class="score">{figure(hit, shares)}</span>
        </div>
        <p class="caption" title={hit.captions.join("\n")}>
          {caption}
        </p>
      </div>
    </li>
  );
}

function figure(hit: Hit, shares: readonly Share[]): string {
  if (lit.value !== null) return signed(shares.find(({ term }) => term === lit.value)?.value ?? 0);
  return scoreAs.value === "percentile" ? percentile(hit.percentile) : score(hit.score);
}
