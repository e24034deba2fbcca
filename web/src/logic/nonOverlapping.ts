import type { Box } from "./layout";

/**
 * Which of the boxes can be shown without one covering another: each where no earlier one is, so
 * that what matters most comes first. Those that lie outside the window are not shown either.
 */
export function apart(
  boxes: readonly Box[],
  window: { readonly width: number; readonly height: number },
): number[] {
  const shown: number[] = [];
  boxes.forEach((box, place) => {
    const isSeen =
      box.x + box.width > 0 &&
      box.x < window.width &&
      box.y + box.height > 0 &&
      box.y < window.height;
    if (isSeen && !shown.some((other) => covers(boxes[other], box))) shown.push(place);
  });
  return shown;
}

function covers(a: Box | undefined, b: Box): boolean {
  return (
    a !== undefined &&
    a.x < b.x + b.width &&
    b.x < a.x + a.width &&
    a.y < b.y + b.height &&
    b.y < a.y + a.height
  );
}
