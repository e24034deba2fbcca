import { expressionOf, likeTerm, withPicture } from "../logic/terms";
import { against, isEmpty, terms } from "./asked";
import { move } from "./location";
import { picture } from "./looking";
import { ask, setTerms } from "./searching";

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
  against.value = expression.trim();
  if (against.value !== "") move("step");
}
