import { batch, signal } from "@preact/signals";
import * as api from "../api/client";
import { NOTHING, PAGE, type View } from "../logic/address";
import type { Hits, Understood } from "../logic/apiTypes";
import { expressionOf, type Term } from "../logic/terms";
import { Debounced } from "./debounce";
import { active, picture } from "./focus";
import { remember } from "./history";
import { LatestRequest } from "./latestRequest";
import { arrive, move } from "./location";
import { area, within } from "./map";
import { dismiss, tell } from "./notices";
import {
  type Fault,
  fault,
  isEmpty,
  literal,
  pinned,
  points,
  readText,
  rule,
  searched,
  searchedBy,
  step,
  suggestion,
  terms,
  text,
  wanted,
  where,
} from "./queryState";
import { busy, found, isComplete } from "./results";
import { isRefused } from "./session";
import { meetWall, wall } from "./wall";

interface Wish extends api.Asked {
  readonly k: number;
}

/** What was searched for last, for whoever shows more of it than its best pictures. */
export interface Sought {
  readonly q: string;
  readonly rule: string | null;
  readonly where: string;
  readonly literal: boolean;
  readonly dragged: boolean;
}

export const sought = signal<Sought | null>(null);

const typing = new Debounced(180);

const understanding = new LatestRequest<{ q: string; next: () => void }, Understood>(
  ({ q }, signal) => api.understand(q, literal.value, signal),
  (understood, { q, next }) => {
    if (q !== text.value) return;
    readText.value = q;
    batch(() => {
      terms.value = understood.terms;
      suggestion.value = understood.suggestion;
      if (fault.value?.part === "expression") fault.value = null;
    });
    next();
  },
  (problem, { q, next }) => {
    if (isRefused(problem, () => understanding.replace({ q, next }))) return;
    fail("expression", problem);
  },
);

/** While a weight is dragged the address waits: browsers allow few changes of it a second. */
let dragging = false;

const searching = new LatestRequest<Wish, Hits>(
  api.search,
  (answer, wish) => {
    batch(() => {
      const complete = isComplete(answer, answer.hits.length, wish.k);
      const advice = dragging ? (found.value?.advice ?? []) : answer.advice;
      found.value = { ...answer, advice, q: wish.q, complete };
      fault.value = null;
      busy.value = false;
      active.value = Math.min(active.value, Math.max(answer.hits.length - 1, 0));
    });
    if (!dragging) move("amend");
    tellVersion(answer);
  },
  (problem, wish) => {
    busy.value = false;
    if (isRefused(problem, () => searching.replace(wish))) return;
    if (wasGone(problem)) return;
    fail(isOfFilter(problem) ? "filter" : "expression", problem);
  },
);

const paging = new LatestRequest<Wish, Hits>(
  api.search,
  (answer, wish) => {
    const before = found.value;
    if (before === null || before.q !== wish.q || before.hits.length !== wish.offset) return;
    const all = [...before.hits, ...answer.hits];
    found.value = { ...before, hits: all, complete: isComplete(answer, all.length, wish.k) };
    move("amend");
  },
  (problem) => {
    if (isRefused(problem, more)) return;
    if (!wasGone(problem)) fail("wall", problem);
  },
);

let pageUnderWay = -1;

/** The next page of the answer that is on the wall, of the version that answered. */
export function more(): void {
  const answer = found.value;
  if (answer === null || answer.complete || pageUnderWay === answer.hits.length) return;
  pageUnderWay = answer.hits.length;
  paging.replace({
    ...wish(),
    q: answer.q,
    k: PAGE,
    offset: answer.hits.length,
    version: answer.version,
    // What the first page said holds for all.
    advice: 0,
  });
}

function wish(): Wish {
  return {
    q: searched.value,
    rule: searchedBy.value,
    where: where.value.trim(),
    literal: literal.value && searched.value === text.value,
    k: wanted.value,
    offset: 0,
    version: pinned.value,
    ...within.value,
    // Nobody reads advice while a weight moves.
    ...(dragging && { advice: 0 as const }),
  };
}

function look(how: "replace" | "follow"): void {
  paging.stop();
  pageUnderWay = -1;
  if (isEmpty.value) {
    searching.stop();
    batch(() => {
      found.value = null;
      sought.value = null;
      terms.value = [];
      suggestion.value = null;
      busy.value = false;
      if (fault.value?.part === "expression") fault.value = null;
    });
    return;
  }
  busy.value = true;
  const { q, rule, where, literal } = wish();
  sought.value = {
    q,
    rule: rule ?? null,
    where: where ?? "",
    literal: literal ?? false,
    dragged: dragging,
  };
  searching[how](wish());
}

function changed(): void {
  dragging = false;
  pinned.value = null;
  wanted.value = NOTHING.k;
  dismiss("version");
  dismiss("encoder");
}

/** The box was typed in: it is read, and searched for if it can be. */
export function type(value: string): void {
  changed();
  text.value = value;
  busy.value = true;
  typing.do(() => {
    move("draft");
    read();
  });
}

function read(): void {
  if (isEmpty.value) {
    understanding.stop();
    look("replace");
    return;
  }
  busy.value = true;
  understanding.replace({ q: text.value, next: () => look("replace") });
}

/** The same text under other conditions. */
function again(): void {
  if (readText.value === text.value) look("replace");
  else read();
}

/** What was typed is meant: it becomes a place to come back to. */
export function settle(): void {
  if (isEmpty.value) return;
  move("step");
  keep();
}

export function submit(): void {
  typing.cancel();
  move("step");
  read();
  keep();
}

function keep(): void {
  if (!isEmpty.value)
    remember({ q: text.value.trim(), rule: rule.value, where: where.value.trim() });
}

/** Another expression altogether. */
export function ask(expression: string): void {
  batch(() => {
    changed();
    text.value = expression;
    active.value = 0;
    picture.value = null;
  });
  submit();
}

/** The terms were changed; while they are `dragged` the wall follows as fast as it can. */
export function setTerms(next: readonly Term[], dragged = false): void {
  typing.cancel();
  batch(() => {
    changed();
    terms.value = next;
    text.value = expressionOf(next);
    literal.value = false;
    if (fault.value?.part === "expression") fault.value = null;
  });
  readText.value = text.value;
  dragging = dragged;
  look(dragged ? "follow" : "replace");
  if (dragged) return;
  move("step");
  keep();
  if (!isEmpty.value) understanding.replace({ q: text.value, next: () => undefined });
}

export function setRule(name: string | null): void {
  changed();
  rule.value = name;
  move("step");
  again();
  keep();
}

export function setWhere(filter: string): void {
  changed();
  where.value = filter;
  if (fault.value?.part === "filter") fault.value = null;
  move("step");
  again();
  keep();
}

/** Only pictures in an area of the map. */
export function setArea(next: typeof area.value): void {
  changed();
  area.value = next;
  move("step");
  again();
}

/** All pictures again, wherever they lie. */
export function letGo(): void {
  if (area.value !== null) setArea(null);
}

/** To a point on the way, or back to the side by side with null; `dragged` as with weights. */
export function walk(to: number | null, dragged = false): void {
  step.value = to;
  dragging = dragged;
  look(dragged ? "follow" : "replace");
  if (!dragged) move("step");
}

/** The points between are known: the wall goes to the one that it is asked for. */
export function meetPoints(found: readonly string[]): void {
  const before = searched.value;
  points.value = found;
  if (searched.value !== before) look("replace");
}

export function setLiteral(on: boolean): void {
  changed();
  literal.value = on;
  submit();
}

/** Whether the version that was asked for is gone: then the newest is shown, and that is told. */
export function wasGone(problem: unknown): boolean {
  if (!(problem instanceof api.Problem) || problem.status !== 410) return false;
  searchNewest();
  return true;
}

function searchNewest(): void {
  const had = pinned.value ?? found.value?.version;
  pinned.value = null;
  tell("version", `Version ${had} of this wall is gone; this is its newest.`);
  look("replace");
}

/** The view that the address names, when going back. */
export function visit(): void {
  const asked = arrive();
  typing.cancel();
  begin(asked);
}

/** Looks at a view that was arrived at, or at what was typed since. */
export function begin(asked: View): void {
  read();
  if (text.value === asked.q) checkEncoder(asked.encoder);
}

function checkEncoder(named: string | null): void {
  dismiss("encoder");
  const own = wall.value?.encoder;
  if (named === null || own === undefined || named === own) return;
  tell(
    "encoder",
    `This link was made with the encoder ${named}; this wall has ${own}, so the order will differ.`,
  );
}

function tellVersion(answer: Hits): void {
  const newest = wall.value?.version ?? 0;
  if (pinned.value === null) {
    if (answer.version > newest) void meetWall();
    return;
  }
  if (answer.version >= newest) return;
  tell("version", `This is version ${answer.version} of the wall; there is a newer one.`, {
    label: "See the newest",
    do: () => {
      changed();
      look("replace");
    },
  });
}

function isOfFilter(problem: unknown): boolean {
  if (!(problem instanceof api.Problem) || where.value.trim() === "") return false;
  // The expression was understood before it was searched for: a column is one of the filter.
  return problem.parameter === "where" || (problem.parameter === null && problem.column !== null);
}

function fail(part: Fault["part"], problem: unknown): void {
  busy.value = false;
  if (!(problem instanceof api.Problem)) throw problem;
  const isQuestion = problem.status === 422;
  fault.value = {
    part: isQuestion ? part : "wall",
    detail: problem.detail,
    column: isQuestion ? problem.column : null,
  };
}
