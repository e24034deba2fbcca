import { batch } from "@preact/signals";
import type { Layout } from "../logic/address";
import { expressionOf, likeTerm, withPicture } from "../logic/terms";
import { picture } from "./focus";
import { move } from "./location";
import { camera, layout, mapped, spot, to } from "./map";
import { against, isEmpty, terms } from "./queryState";
import { ask, setTerms } from "./search";

/** A picture as one more term. */
export function add(imageId: string, sign: 1 | -1): void {
  picture.value = null;
  setTerms(withPicture(isEmpty.value ? [] : terms.value, imageId, sign));
}

export function onlyLike(imageId: string): void {
  ask(expressionOf([likeTerm(imageId, 1)]));
  scrollTo({ top: 0 });
}

/** Compares with another expression; with none, one is chosen on the page. */
export function compareWith(expression: string): void {
  mapped.value = false;
  against.value = expression.trim();
  if (against.value !== "") move("step");
}

export function showMap(on: boolean): void {
  mapped.value = on;
  move("step");
}

/** Where a picture lies: the map goes there as soon as it knows. */
export function showPlace(imageId: string): void {
  batch(() => {
    picture.value = null;
    mapped.value = true;
    spot.value = imageId;
    camera.value = null;
  });
  move("step");
}

export function setLayout(next: Layout): void {
  batch(() => {
    layout.value = next;
    camera.value = null;
  });
  move("step");
}

/** The map shows the path from the query to another. */
export function setGoal(expression: string): void {
  to.value = expression.trim();
  move("step");
}
