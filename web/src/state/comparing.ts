import { batch, computed, effect, signal } from "@preact/signals";
import { Problem, search, understand } from "../api/client";
import { compare, type Pair, way } from "../api/comparing";
import { LAST_STEP } from "../logic/address";
import {
  type Change,
  type Comparison,
  causeLabel,
  causeOf,
  onlyBefore,
  type Standing,
  standings,
  type Way,
} from "../logic/compared";
import { quoted, type Term } from "../logic/terms";
import { LatestRequest } from "./latestRequest";
import { against, beside, literal, points, readText, rule, step, terms, where } from "./queryState";
import { found } from "./results";
import { meetPoints, wasGone } from "./search";
import { isRefused } from "./session";

/** How many pictures of each answer are held against each other. */
export const FIRST = 12;

/** Both answers and what changed between them. */
export interface Compared {
  readonly comparison: Comparison;
  readonly before: readonly Standing[];
  readonly after: readonly Standing[];
}

export const compared = signal<Compared | null>(null);
export const walked = signal<Way | null>(null);
/** Why there is nothing to compare. */
export const comparingFault = signal<string | null>(null);
const earlier = signal<readonly Term[]>([]);

/** The terms of both, in the order of their colours. */
export const allTerms = computed(() => [...terms.value, ...beside.value]);

export function causeFor(change: Change): { place: number; label: string } {
  const place = causeOf(change.term, allTerms.value);
  return { place, label: causeLabel(change, place, allTerms.value, terms.value.length) };
}

/** What is compared, once the wall has answered: so that all of it is of one version. */
const pair = computed<Pair | null>(() => {
  const version = found.value?.version;
  if (!against.value || readText.value === "" || version === undefined) return null;
  return {
    a: against.value,
    b: literal.value ? quoted(readText.value) : readText.value,
    k: FIRST,
    rule: rule.value,
    where: where.value.trim(),
    version,
  };
});
const pairKey = computed(() => JSON.stringify(pair.value));

const comparing = new LatestRequest<Pair, Compared>(
  async (asked, signal) => {
    const comparison = await compare(asked, signal);
    const { k, rule, where, version } = asked;
    const [before, after] = await Promise.all(
      [asked.a, asked.b].map((q) =>
        search({ q, k, rule, where, version, offset: 0, advice: 0 }, signal),
      ),
    );
    return {
      comparison,
      before: standings(before?.hits ?? [], comparison),
      after: standings(after?.hits ?? [], comparison),
    };
  },
  (answer) =>
    batch(() => {
      compared.value = answer;
      comparingFault.value = null;
    }),
  (problem, asked) => failed(problem, () => comparing.replace(asked)),
);

const walking = new LatestRequest<Pair, Way>(
  (asked, signal) => way(asked, LAST_STEP + 1, signal),
  (answer) => {
    walked.value = answer;
    meetPoints(answer.points);
  },
  (problem, asked) => failed(problem, () => walking.replace(asked)),
);

const meeting = new LatestRequest<string, readonly Term[]>(
  async (q, signal) => (await understand(q, false, signal)).terms,
  (answer) => {
    earlier.value = answer;
  },
  // What cannot be read cannot be compared either: that says why.
  () => undefined,
);

function failed(problem: unknown, again: () => void): void {
  if (isRefused(problem, again) || wasGone(problem)) return;
  if (!(problem instanceof Problem)) throw problem;
  batch(() => {
    compared.value = null;
    walked.value = null;
    comparingFault.value = problem.detail;
  });
}

/** Follows what is asked for as long as the comparison is open. */
export function follow(): () => void {
  const stops = [
    effect(() => {
      if (against.value) meeting.replace(against.value);
      else earlier.value = [];
    }),
    effect(() => {
      beside.value = onlyBefore(earlier.value, terms.value);
    }),
    asking(comparing, () => step.value === null),
    asking(walking, () => step.value !== null),
  ];
  return () => {
    for (const stop of stops) stop();
    batch(() => {
      compared.value = null;
      walked.value = null;
      beside.value = [];
      points.value = [];
    });
  };
}

/** Asks once for each pair, while that is what is looked at. */
function asking<T>(task: LatestRequest<Pair, T>, isWanted: () => boolean): () => void {
  let asked = "";
  return effect(() => {
    const key = pairKey.value;
    const wish = pair.peek();
    if (wish === null || !isWanted() || asked === key) return;
    asked = key;
    task.follow(wish);
  });
}
