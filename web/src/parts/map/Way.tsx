import { toScreen } from "../../logic/camera";
import { places } from "../../state/mapColouring";
import { look, size } from "../../state/viewing";
import { open } from "../Detail";
import { Thumbnail } from "../Thumbnail";

/** The pictures nearest to the stations of the path from the query to another. */
export function Way() {
  const path = places.value?.path ?? [];
  if (path.length === 0) return null;
  return (
    <ol class="way" aria-label="On the path">
      {path.map(({ x, y, image_id }, station) => {
        if (image_id === null) return null;
        const [left, top] = toScreen(look.value, size.value, x, y);
        return (
          <li key={station} style={{ transform: `translate(${left - 22}px, ${top - 22}px)` }}>
            <button type="button" onClick={() => open(image_id)}>
              <Thumbnail imageId={image_id} caption={`Station ${station + 1}: ${image_id}`} />
            </button>
          </li>
        );
      })}
    </ol>
  );
}
