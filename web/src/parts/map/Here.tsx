import { computed, useSignalEffect } from "@preact/signals";
import { counted } from "../../logic/numbers";
import { learn, pictured } from "../../state/imageTerms";
import { area } from "../../state/map";
import { seen } from "../../state/viewing";
import { open } from "../Detail";
import { Thumbnail } from "../Thumbnail";

const MOST = 60;

/** Some of the pictures in view, evenly from all over the wall. */
const some = computed(() => {
  const all = seen.value;
  const step = Math.max(all.length / MOST, 1);
  return Array.from(
    { length: Math.min(all.length, MOST) },
    (_, at) => all[Math.floor(at * step)] ?? 0,
  );
});

/** While nothing is asked: what lies in view, or in the area, as a list. */
export function Here() {
  useSignalEffect(() => void learn(some.value));
  return (
    <section class="here">
      <h2>
        {counted(some.value.length)} of {counted(seen.value.length)} pictures in{" "}
        {area.value === null ? "view" : "the area"}
      </h2>
      <ul class="some" aria-label="Pictures here">
        {some.value.map((at) => {
          const known = pictured.value.get(at);
          const caption = known?.captions[0] ?? known?.image_id ?? "";
          return (
            <li key={at}>
              {known !== undefined && (
                <button type="button" title={caption} onClick={() => open(known.image_id)}>
                  <Thumbnail imageId={known.image_id} caption={caption} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
