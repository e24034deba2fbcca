import { useEffect } from "preact/hooks";
import { score } from "../../logic/numbers";
import { learn, pictured } from "../../state/imageTerms";
import { scored } from "../../state/mapColouring";
import { size } from "../../state/viewing";
import { Thumbnail } from "../Thumbnail";
import { pointed } from "./hands";

const WIDTH = 180;

/** The picture that is pointed at. */
export function Tip() {
  const here = pointed.value;
  const at = here?.at ?? -1;
  useEffect(() => {
    if (at >= 0) void learn([at]);
  }, [at]);
  const known = pictured.value.get(at);
  if (here === null || known === undefined) return null;
  const value = scored.value?.scores[at];
  const caption = known.captions[0] ?? known.image_id;
  // To the side where there is room.
  const left = here.x + WIDTH + 20 > size.value.width ? here.x - WIDTH - 12 : here.x + 12;
  const top = Math.min(here.y + 12, Math.max(size.value.height - 190, 0));
  return (
    <div class="tip" aria-hidden="true" style={{ transform: `translate(${left}px, ${top}px)` }}>
      <Thumbnail imageId={known.image_id} caption={caption} />
      <p>
        {value !== undefined && !Number.isNaN(value) && <b>{score(value)}</b>} {caption}
      </p>
    </div>
  );
}
