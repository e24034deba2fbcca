import { computed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { numbered } from "../logic/places";
import { Brand } from "../parts/Brand";
import { Notices } from "../parts/Notices";
import { Theme } from "../parts/Theme";
import { Token } from "../parts/Token";
import { wall } from "../state/wall";
import { place } from "./place";
import { isSample } from "./sample";
import { STEPS, type Step } from "./steps";

/** The steps that this wall can show. */
const steps = computed(() => STEPS.filter(({ anywhere }) => anywhere || isSample.value));

/** Twenty minutes, step by step. */
export function Tour() {
  const all = steps.value;
  const at = Math.min(place.value, all.length - 1);
  const step = all[at];
  return (
    <>
      <header class="head">
        <div class="line">
          <Brand label="Cavewall, to the wall" />
          <nav class="progress" aria-label="Steps">
            <ol>
              {all.map(({ title }, each) => (
                <li key={title}>
                  <a
                    href={numbered(each)}
                    aria-current={each === at ? "step" : undefined}
                    class={each < at ? "done" : ""}
                    title={title}
                  >
                    <span class="unseen">{title}</span>
                  </a>
                </li>
              ))}
            </ol>
          </nav>
          <Theme />
        </div>
      </header>
      <main class="tour">
        <Notices />
        {isSample.value !== null && step !== undefined && (
          <Shown key={step.title} step={step} at={at} all={all} />
        )}
      </main>
      <Token />
    </>
  );
}

interface Props {
  readonly step: Step;
  readonly at: number;
  readonly all: readonly Step[];
}

function Shown({ step, at, all }: Props) {
  const heading = useHeading(step.title);
  const [back, next] = [all[at - 1], all[at + 1]];
  return (
    <>
      <article class="step">
        <p class="count">
          {at + 1} of {all.length}
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {step.title}
        </h1>
        {at === 0 && isSample.value === false && <Elsewhere />}
        <step.Body />
      </article>
      <nav class="turn" aria-label="Turn">
        {back && (
          <a class="back button" href={numbered(at - 1)}>
            ← <span class="unseen">Back: {back.title}</span>
          </a>
        )}
        {next && (
          <a class="next button" href={numbered(at + 1)}>
            Next: {next.title} →
          </a>
        )}
      </nav>
    </>
  );
}

let isFirst = true;

/** Whoever goes on begins to read at the top, by eye and by ear. */
function useHeading(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Cavewall`;
    if (!isFirst) {
      scrollTo({ top: 0 });
      heading.current?.focus({ preventScroll: true });
    }
    isFirst = false;
  }, []);
  return heading;
}

/** On a wall that the tour knows nothing of. */
function Elsewhere() {
  return (
    <p class="elsewhere">
      This wall, <b>{wall.value?.name}</b>, is one of your own, and the tour does not know its
      pictures. What works on any wall is here; <code>cavewall tour</code> in a terminal shows all
      of it, on a wall of drawn pictures.
    </p>
  );
}
