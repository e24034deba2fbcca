import { expressionOf, likeTerm, withPicture } from "../logic/terms";
import { isEmpty, terms } from "./asked";
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
