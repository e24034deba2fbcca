/** What is known of a picture before it is loaded. */
export interface Sized {
  readonly width?: number | null;
  readonly height?: number | null;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Row {
  readonly start: number;
  readonly end: number;
  readonly y: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly rows: readonly Row[];
  readonly height: number;
}

export interface Measures {
  readonly width: number;
  readonly rowHeight: number;
  readonly gap: number;
  /** What stands under each picture. */
  readonly below: number;
}

const UNKNOWN = 4 / 3;
// Beyond these a picture is cropped: a panorama would fill a row, a ribbon be too thin to see.
const NARROWEST = 0.5;
const WIDEST = 2.8;

export function aspect({ width, height }: Sized): number {
  if (!width || !height) return UNKNOWN;
  return Math.min(Math.max(width / height, NARROWEST), WIDEST);
}

/**
 * Rows of one height that fill the width.
 *
 * A row is closed where one more picture would take it further from the wished height, so what is
 * laid out never moves when more pictures follow. The last row, which may still grow, is left out
 * unless `complete`.
 */
export function justified(
  pictures: readonly Sized[],
  measures: Measures,
  complete: boolean,
): Layout {
  const { width, rowHeight, gap, below } = measures;
  const boxes: Box[] = [];
  const rows: Row[] = [];
  const ratios = pictures.map(aspect);
  let y = 0;

  function close(start: number, end: number, height: number): void {
    let x = 0;
    for (const ratio of ratios.slice(start, end)) {
      boxes.push({ x, y, width: ratio * height, height });
      x += ratio * height + gap;
    }
    rows.push({ start, end, y, height: height + below });
    y += height + below + gap;
  }

  let start = 0;
  let sum = 0;
  ratios.forEach((ratio, place) => {
    const count = place - start;
    const heightNow = (width - gap * (count - 1)) / sum;
    const heightThen = (width - gap * count) / (sum + ratio);
    if (count > 0 && heightNow - rowHeight <= rowHeight - heightThen) {
      close(start, place, heightNow);
      start = place;
      sum = 0;
    }
    sum += ratio;
  });
  const left = ratios.length - start;
  if (complete && left > 0)
    close(start, ratios.length, Math.min((width - gap * (left - 1)) / sum, rowHeight));
  return { boxes, rows, height: Math.max(y - gap, 0) };
}

/** The pictures [start, end) of the rows that lie between `top` and `bottom`. */
export function between(layout: Layout, top: number, bottom: number): [number, number] {
  const inside = layout.rows.filter((row) => row.y + row.height > top && row.y < bottom);
  return [inside[0]?.start ?? 0, inside.at(-1)?.end ?? 0];
}

export type Direction = "left" | "right" | "up" | "down" | "first" | "last";

/** Where an arrow leads: up and down to the picture whose middle is nearest. */
export function neighbour(layout: Layout, from: number, direction: Direction): number {
  const last = layout.boxes.length - 1;
  switch (direction) {
    case "left":
      return Math.max(from - 1, 0);
    case "right":
      return Math.min(from + 1, last);
    case "first":
      return 0;
    case "last":
      return last;
    default:
      return across(layout, from, direction === "down" ? 1 : -1);
  }
}

function across(layout: Layout, from: number, step: 1 | -1): number {
  const row = layout.rows[layout.rows.findIndex((each) => from < each.end) + step];
  const box = layout.boxes[from];
  if (row === undefined || box === undefined) return from;
  const middle = box.x + box.width / 2;
  let nearest = row.start;
  for (let place = row.start; place < row.end; place++)
    if (distance(layout, place, middle) < distance(layout, nearest, middle)) nearest = place;
  return nearest;
}

function distance(layout: Layout, place: number, middle: number): number {
  const box = layout.boxes[place];
  return box === undefined ? Number.POSITIVE_INFINITY : Math.abs(box.x + box.width / 2 - middle);
}
