import { badge, type Change, type Standing, ties, told } from "../logic/compared";
import { causeFor, compared } from "../state/comparing";
import { text } from "../state/queryState";
import { open } from "./Detail";
import { Thumbnail } from "./Thumbnail";

/** A row is as high as the style says: the lines between both sides count on it. */
const ROW = 76;

/** Both answers, one beside the other, with lines from place to place. */
export function ComparisonColumns() {
  const found = compared.value;
  if (found === null) return null;
  const { comparison, before, after } = found;
  const { entered, left, moved } = comparison;
  const stayed = after.filter(({ change }) => change === null).length;
  return (
    <>
      <p class="summary" role="status">
        {entered.length === 0 && moved.length === 0
          ? "Nothing changes among the first."
          : `Of the first ${Math.max(before.length, after.length)}: ${entered.length} new, ` +
            `${left.length} gone, ${moved.length} moved, ${stayed} as before.`}
      </p>
      <div class="sides">
        <Side name={comparison.before} standings={before} isAfter={false} />
        <Lines before={before} after={after} />
        <Side name={text.value.trim()} standings={after} isAfter />
      </div>
    </>
  );
}

interface SideProps {
  readonly name: string;
  readonly standings: readonly Standing[];
  readonly isAfter: boolean;
}

function Side({ name, standings, isAfter }: SideProps) {
  return (
    <div class={`side ${isAfter ? "after" : "before"}`}>
      <h2>
        <code>{name}</code>
      </h2>
      <ol aria-label={`First of ${name}`}>
        {standings.map(({ hit, change }, place) => {
          const caption = hit.captions[0] ?? hit.image_id;
          return (
            <li key={hit.image_id} data-id={hit.image_id}>
              <span class="place">{place + 1}</span>
              <button type="button" class="open" onClick={() => open(hit.image_id)}>
                <Thumbnail imageId={hit.image_id} caption={caption} />
              </button>
              <div class="said">
                <p>{caption}</p>
                {/* What moved is told where it went. */}
                {change !== null && (isAfter || change.to === null) && <Became change={change} />}
              </div>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Became({ change }: { readonly change: Change }) {
  const { place, label } = causeFor(change);
  return (
    <p class={`became t${place % 7}`} title={told(change, label)}>
      <b>{badge(change)}</b> <span class="cause">{label}</span>
    </p>
  );
}

interface LinesProps {
  readonly before: readonly Standing[];
  readonly after: readonly Standing[];
}

function Lines({ before, after }: LinesProps) {
  const height = Math.max(before.length, after.length) * ROW;
  const middle = (place: number) => (place + 0.5) * ROW;
  return (
    <svg
      class="ties"
      viewBox={`0 0 100 ${height}`}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {ties(before, after).map(({ imageId, from, to, change }) => (
        <path
          key={imageId}
          class={change === null ? "same" : `t${causeFor(change).place % 7}`}
          d={`M0 ${middle(from)}C50 ${middle(from)} 50 ${middle(to)} 100 ${middle(to)}`}
        />
      ))}
      {after.map(({ hit, change }, place) =>
        change?.from === null ? (
          <path
            key={hit.image_id}
            class={`new t${causeFor(change).place % 7}`}
            d={`M70 ${middle(place)}H100`}
          />
        ) : null,
      )}
      {before.map(({ hit, change }, place) =>
        change?.to === null ? (
          <path
            key={hit.image_id}
            class={`gone t${causeFor(change).place % 7}`}
            d={`M0 ${middle(place)}H30`}
          />
        ) : null,
      )}
    </svg>
  );
}
