import { useEffect, useState } from "preact/hooks";
import * as api from "../api/client";
import type { Hit, Picture, Reason } from "../logic/apiTypes";
import { equals, hasClause, toggled } from "../logic/filters";
import { percentile, score } from "../logic/numbers";
import { expressionOf, likeTerm } from "../logic/terms";
import { add, onlyLike, showPlace } from "../state/actions";
import { active, picture } from "../state/focus";
import { move } from "../state/location";
import { tell } from "../state/notices";
import { isEmpty, literal, rule, text, where } from "../state/queryState";
import { hits } from "../state/results";
import { setWhere } from "../state/search";
import { pick, picked } from "../state/selection";
import { copy } from "./clipboard";
import { Explanation } from "./Explanation";
import { Sheet } from "./Sheet";
import { Thumbnail } from "./Thumbnail";

export function open(imageId: string): void {
  picture.value = imageId;
  move("step");
}

function close(): void {
  picture.value = null;
  move("step");
}

export function Detail() {
  const imageId = picture.value;
  return imageId === null ? null : <Opened imageId={imageId} />;
}

function Opened({ imageId }: { readonly imageId: string }) {
  const place = hits.value.findIndex((hit) => hit.image_id === imageId);
  const hit = hits.value[place];
  const known = useKnown(imageId, hit !== undefined);

  function step(by: 1 | -1): void {
    const next = place < 0 ? undefined : hits.value[place + by];
    if (next === undefined) return;
    active.value = place + by;
    picture.value = next.image_id;
    move("amend");
  }

  const captions = known.picture?.captions ?? hit?.captions ?? [];
  const caption = captions[0] ?? imageId;
  return (
    <Sheet
      name={caption}
      class="detail"
      close={close}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") step(-1);
        else if (event.key === "ArrowRight") step(1);
        else if (event.key === "+") add(imageId, 1);
        else if (event.key === "-" || event.key === "−") add(imageId, -1);
        else if (event.key === "=") onlyLike(imageId);
      }}
    >
      <figure class="original">
        <Original key={imageId} imageId={imageId} caption={caption} />
        {hit !== undefined && (
          <nav class="steps" aria-label="Pictures">
            <button
              type="button"
              disabled={place === 0}
              onClick={() => step(-1)}
              aria-label="Previous"
            >
              ‹
            </button>
            <span>{place + 1}</span>
            <button
              type="button"
              disabled={place === hits.value.length - 1}
              onClick={() => step(1)}
              aria-label="Next"
            >
              ›
            </button>
          </nav>
        )}
      </figure>
      <div class="about">
        <div class="row">
          <button type="button" class="button" onClick={() => add(imageId, 1)}>
            + this
          </button>
          <button type="button" class="button" onClick={() => add(imageId, -1)}>
            − this
          </button>
          <button
            type="button"
            class="button"
            title="Only like this"
            onClick={() => onlyLike(imageId)}
          >
            = only
          </button>
          <button
            type="button"
            class="button"
            title="Where it lies on the map"
            onClick={() => showPlace(imageId)}
          >
            where?
          </button>
          {place >= 0 && (
            <label class="button choose">
              <input
                type="checkbox"
                checked={picked.value.has(imageId)}
                onClick={() => pick(place, false)}
              />{" "}
              select
            </label>
          )}
          <button type="button" class="plain" aria-label="Close" onClick={close}>
            ×
          </button>
        </div>
        {known.fault !== null && <p class="wrong">{known.fault}</p>}
        <ul class="captions" aria-label="Captions">
          {captions.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        {hit !== undefined && (
          <>
            <h2>
              Why <small>{figures(hit)}</small>
            </h2>
            <Explanation terms={hit.terms} reasons={known.reasons} />
          </>
        )}
        {known.near.length > 0 && (
          <>
            <h2>Near it</h2>
            <ul class="near" aria-label="Near it">
              {known.near.map((each) => (
                <li key={each.image_id}>
                  <button
                    type="button"
                    onClick={() => {
                      picture.value = each.image_id;
                      move("amend");
                    }}
                  >
                    <Thumbnail
                      imageId={each.image_id}
                      caption={each.captions[0] ?? each.image_id}
                    />
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
        {known.picture !== null && <Facts picture={known.picture} />}
      </div>
    </Sheet>
  );
}

function figures(hit: Hit): string {
  const better = hit.percentile === null ? "" : ` · better than ${percentile(hit.percentile)}`;
  return score(hit.score) + better;
}

/** The thumbnail is there at once; the original covers it when it has come. */
function Original({ imageId, caption }: { readonly imageId: string; readonly caption: string }) {
  const [missing, setMissing] = useState(false);
  if (missing) return <Thumbnail imageId={imageId} caption={caption} />;
  return (
    <img
      class="whole"
      src={api.pictureAddress(imageId, "image")}
      alt={caption}
      onLoad={({ currentTarget: shown }) => {
        // A small picture grows to twice its size, and no further into mush.
        shown.style.maxWidth = `${2 * shown.naturalWidth}px`;
        shown.style.maxHeight = `${2 * shown.naturalHeight}px`;
      }}
      onError={() => setMissing(true)}
    />
  );
}

interface Known {
  readonly picture: Picture | null;
  readonly reasons: readonly Reason[];
  readonly near: readonly Hit[];
  readonly fault: string | null;
}

const NOTHING: Known = { picture: null, reasons: [], near: [], fault: null };

/** What the wall says of a picture: each part is shown as it comes. */
function useKnown(imageId: string, isHit: boolean): Known {
  const [known, setKnown] = useState(NOTHING);
  useEffect(() => {
    setKnown(NOTHING);
    const stop = new AbortController();
    const learn = (part: Partial<Known>) => {
      if (!stop.signal.aborted) setKnown((before) => ({ ...before, ...part }));
    };
    const fail = (problem: unknown) =>
      learn({ fault: problem instanceof Error ? problem.message : String(problem) });
    api.picture(imageId, stop.signal).then((found) => learn({ picture: found }), fail);
    const like = expressionOf([likeTerm(imageId, 1)]);
    api.search({ q: like, k: 12, advice: 0 }, stop.signal).then(
      ({ hits: near }) => learn({ near }),
      () => undefined,
    );
    if (isHit && !isEmpty.value) {
      const asked = {
        q: text.value,
        k: 1,
        rule: rule.value,
        where: where.value,
        literal: literal.value,
      };
      api.explain(asked, imageId, stop.signal).then(
        ({ explanation }) => learn({ reasons: explanation.hits[0]?.terms ?? [] }),
        () => undefined,
      );
    }
    return () => stop.abort();
  }, [imageId, isHit]);
  return known;
}

function Facts({ picture: known }: { readonly picture: Picture }) {
  const size = known.width && known.height ? `${known.width} × ${known.height}` : null;
  const facts: [string, string | null][] = [
    ["id", known.image_id],
    ["path", known.path],
    ["size", size],
    ["type", known.type],
    ["source", known.source],
    ["added", known.added_at?.replace("T", " ").slice(0, 16) ?? null],
  ];
  return (
    <>
      <h2>
        What is known
        <button
          type="button"
          class="link"
          onClick={async () => {
            const done = await copy(known.path ?? known.image_id);
            tell("copy", done ? "Copied." : "This browser lets nothing be copied.");
          }}
        >
          copy {known.path === null ? "id" : "path"}
        </button>
      </h2>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        {Object.entries(known.metadata).map(([name, value]) => (
          <div key={`metadata.${name}`}>
            <dt>{name}</dt>
            <dd>
              <Value field={name} value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** A value of the metadata; a single one can be asked for. */
function Value({ field, value }: { readonly field: string; readonly value: unknown }) {
  if (Array.isArray(value))
    return (
      <>
        {value.map((each, place) => (
          <span key={place}>
            {place > 0 && ", "}
            <Value field={field} value={each} />
          </span>
        ))}
      </>
    );
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    return <>{JSON.stringify(value)}</>;
  const clause = equals(["metadata", field], value);
  return (
    <button
      type="button"
      class="link"
      aria-pressed={hasClause(where.value, clause)}
      title={`Only pictures with ${clause}`}
      onClick={() => {
        picture.value = null;
        setWhere(toggled(where.value, clause));
      }}
    >
      {String(value)}
    </button>
  );
}
