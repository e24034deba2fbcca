import { batch } from "@preact/signals";
import { fromQuery, toQuery, type View } from "../logic/address";
import { picture } from "./focus";
import { area, camera, layout, mapped, spot, to } from "./map";
import { against, literal, pinned, rule, searched, step, text, wanted, where } from "./queryState";
import { found, hits } from "./results";

/**
 * How the address follows the view: `step` is a place to come back to, `draft` one that the next
 * change takes the place of, `amend` the same place told more exactly.
 */
export type Move = "step" | "draft" | "amend";

interface Place {
  readonly draft: boolean;
}

function view(): View {
  const answer = found.value;
  const answered = answer !== null && answer.q === searched.value;
  return {
    q: text.value.trim(),
    rule: rule.value,
    where: where.value.trim(),
    literal: literal.value,
    k: answered ? Math.max(hits.value.length, wanted.value) : wanted.value,
    version: answered ? answer.version : pinned.value,
    encoder: answered ? answer.encoder : null,
    picture: picture.value,
    map: mapped.value,
    layout: layout.value,
    camera: camera.value,
    area: area.value?.corners ?? null,
    to: to.value,
    spot: spot.value,
    against: against.value,
    step: step.value,
  };
}

export function move(how: Move): void {
  const query = toQuery(view());
  const address = query === "" ? location.pathname : `?${query}`;
  const place = history.state as Place | null;
  const there = location.search === (query === "" ? "" : `?${query}`);
  const draft = how === "amend" ? (place?.draft ?? false) : how === "draft";
  if (how === "amend" || there || place?.draft) history.replaceState({ draft }, "", address);
  else history.pushState({ draft }, "", address);
  document.title = text.value.trim() === "" ? "Cavewall" : `${text.value.trim()} · Cavewall`;
}

/** What the address says; the encoder is for the caller to compare. */
export function arrive(): View {
  const asked = fromQuery(location.search);
  batch(() => follow(asked));
  return asked;
}

function follow(asked: View): void {
  text.value = asked.q;
  rule.value = asked.rule;
  where.value = asked.where;
  literal.value = asked.literal;
  pinned.value = asked.version;
  wanted.value = asked.k;
  picture.value = asked.picture;
  against.value = asked.against;
  step.value = asked.step;
  mapped.value = asked.map;
  layout.value = asked.layout;
  camera.value = asked.camera;
  area.value = asked.area && { layout: asked.layout, corners: asked.area };
  to.value = asked.to;
  spot.value = asked.spot;
}
