import { search } from "../api/client";
import type { Hit } from "../logic/apiTypes";
import { score } from "../logic/numbers";
import { Thumbnail } from "../parts/Thumbnail";
import { useAsked } from "./asking";

interface Props {
  readonly q: string;
  readonly k?: number;
  readonly rule?: string;
  /** What shows that a picture is right, in its id and captions. */
  readonly right?: string;
  /** What is told beneath each picture. */
  readonly under?: "caption" | "score";
}

/** The first pictures that the wall answers; with `right`, those that are so are ticked. */
export function Pictures({ q, k = 6, rule, right, under = "caption" }: Props) {
  const wish = { q, k, advice: 0 as const, ...(rule !== undefined && { rule }) };
  const { found, fault } = useAsked(wish, search);
  if (fault !== null) return <p class="wrong">{fault}</p>;
  if (found === null) return <div class="answer waiting" />;
  const test = right === undefined ? null : new RegExp(right, "i");
  const rights = found.hits.filter((hit) => test?.test(saidOf(hit)));
  return (
    <>
      <ol class="answer" aria-label={`Pictures for ${found.expression}`}>
        {found.hits.map((hit) => {
          const caption = hit.captions[0] ?? hit.image_id;
          const isRight = test?.test(saidOf(hit)) ?? null;
          return (
            <li key={hit.image_id} data-id={hit.image_id} data-right={isRight}>
              <a href={`/?${new URLSearchParams({ q: found.expression, picture: hit.image_id })}`}>
                <Thumbnail imageId={hit.image_id} caption={caption} />
                {isRight !== null && (
                  <span class={isRight ? "tick" : "cross"}>
                    {isRight ? "✓" : "✗"}
                    <span class="unseen">{isRight ? " fits" : " does not fit"}</span>
                  </span>
                )}
              </a>
              <p>{under === "score" ? score(hit.score) : caption}</p>
            </li>
          );
        })}
      </ol>
      {found.hits.length === 0 && <p class="nothing">No picture.</p>}
      {test !== null && found.hits.length > 0 && (
        <p class="so" role="status">
          {rights.length} of {found.hits.length} fit.
        </p>
      )}
    </>
  );
}

export function saidOf(hit: Hit): string {
  return `${hit.image_id} ${hit.captions.join(" ")}`;
}
