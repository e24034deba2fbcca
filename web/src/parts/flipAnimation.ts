import type { Box } from "../logic/layout";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function isMoved(from: Box, to: Box): boolean {
  return from.x !== to.x || from.y !== to.y;
}

export function placed({ x, y }: Box): string {
  return `translate(${x}px, ${y}px)`;
}

// Asking the browser which animations run would make it compute all styles, once a card.
const running = new WeakMap<HTMLElement, Animation>();

/** From where it was to where it is (FLIP): the eye can follow a picture that climbs. */
export function moved(card: HTMLElement, from: Box, to: Box): void {
  if (calm.matches) return;
  running.get(card)?.cancel();
  const way = [{ transform: placed(from) }, { transform: placed(to) }];
  running.set(card, card.animate(way, { duration: 220, easing: "cubic-bezier(0.2, 0.7, 0.2, 1)" }));
}
