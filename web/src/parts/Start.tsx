import { useEffect, useState } from "preact/hooks";
import * as api from "../api/client";
import type { Hit } from "../logic/apiTypes";
import { onlyLike } from "../state/actions";
import { fault, isEmpty } from "../state/queryState";
import { ask } from "../state/search";
import { wall } from "../state/wall";
import { Choose } from "./Choose";
import { Thumbnail } from "./Thumbnail";

const EXAMPLES = [
  "dog running through sand",
  "dog running through sand - dog + human",
  "snow - 0.5 * horse",
];

/** Before anything is asked: something to ask, and a varied handful of what is there. */
export function Start() {
  const [some, setSome] = useState<readonly Hit[]>([]);
  const version = wall.value?.version;
  useEffect(() => {
    if (version === undefined) return;
    const stop = new AbortController();
    api.search({ q: "a photograph", rule: "add", k: 18, diverse: 1 }, stop.signal).then(
      ({ hits }) => setSome(hits),
      () => undefined,
    );
    return () => stop.abort();
  }, [version]);
  if (!isEmpty.value || fault.value !== null) return null;
  const saved = wall.value?.terms ?? [];
  return (
    <section class="start">
      <h2 class="big">What are you looking for?</h2>
      <p>
        Write it in words. Take away with <code>-</code>, add with <code>+</code>, weigh with{" "}
        <code>0.5 *</code>.
      </p>
      <ul class="examples">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" onClick={() => ask(example)}>
              <code>{example}</code>
            </button>
          </li>
        ))}
        {saved.map(({ name }) => (
          <li key={name}>
            <button type="button" onClick={() => ask(`@${name}`)}>
              <code>@{name}</code>
            </button>
          </li>
        ))}
      </ul>
      <h2>Or begin with a picture</h2>
      <Choose />
      {some.length > 0 && (
        <ul class="some" aria-label="Some of the wall">
          {some.map((hit) => (
            <li key={hit.image_id}>
              <button
                type="button"
                onClick={() => onlyLike(hit.image_id)}
                title="Pictures like this"
              >
                <Thumbnail imageId={hit.image_id} caption={hit.captions[0] ?? hit.image_id} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
