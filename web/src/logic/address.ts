import { areaFrom, type Corners } from "./area";
import { type Camera, cameraFrom, cameraText } from "./camera";

/** How pictures are laid out on the map. */
export type Layout = "pca" | "umap";

/** What a link reproduces. */
export interface View {
  readonly q: string;
  readonly rule: string | null;
  readonly where: string;
  readonly literal: boolean;
  /** How many hits were loaded. */
  readonly k: number;
  /** The version of the wall that answered, and the encoder; null: whichever there is. */
  readonly version: number | null;
  readonly encoder: string | null;
  /** The picture that is looked at. */
  readonly picture: string | null;
  /** Whether the map is there beside the pictures, how it is laid out, and what is seen of it. */
  readonly map: boolean;
  readonly layout: Layout;
  readonly camera: Camera | null;
  /** Only pictures in here answer. */
  readonly area: Corners | null;
  /** Where the path from the query leads. */
  readonly to: string;
  /** The picture whose place is marked. */
  readonly spot: string | null;

  /** The expression that it is compared with; null: none. */
  readonly against: string | null;
  /** How far it is walked from that one to this; null: both stand side by side. */
  readonly step: number | null;
}

export const PAGE = 60;
export const MOST = 1000;
/** The last way-point of a walk, which begins at 0. */
export const LAST_STEP = 8;

export const NOTHING: View = {
  q: "",
  rule: null,
  where: "",
  literal: false,
  k: PAGE,
  version: null,
  encoder: null,
  picture: null,
  map: false,
  layout: "pca",
  camera: null,
  area: null,
  to: "",
  spot: null,
  against: null,
  step: null,
};

export function toQuery(view: View): string {
  const query = new URLSearchParams();
  if (view.q) query.set("q", view.q);
  if (view.rule !== null) query.set("rule", view.rule);
  if (view.where) query.set("where", view.where);
  if (view.literal) query.set("literal", "1");
  if (view.k !== PAGE) query.set("k", String(view.k));
  if (view.version !== null) query.set("version", String(view.version));
  if (view.encoder !== null) query.set("encoder", view.encoder);
  if (view.picture !== null) query.set("picture", view.picture);
  if (view.against) query.set("against", view.against);
  if (view.against && view.step !== null) query.set("step", String(view.step));
  if (view.map) query.set("view", "map");
  if (view.layout !== "pca") query.set("layout", view.layout);
  if (view.camera !== null) query.set("camera", cameraText(view.camera));
  if (view.area !== null) query.set("area", view.area.join());
  if (view.to) query.set("to", view.to);
  if (view.spot !== null) query.set("spot", view.spot);
  // Commas are plain in an address, and there may be a hundred of them.
  return query.toString().replaceAll("%2C", ",");
}

export function fromQuery(text: string): View {
  const query = new URLSearchParams(text);
  const against = query.get("against") || null;
  const step = whole(query.get("step"));
  return {
    q: query.get("q") ?? "",
    rule: query.get("rule"),
    where: query.get("where") ?? "",
    literal: query.get("literal") === "1",
    k: Math.min(Math.max(whole(query.get("k")) ?? PAGE, PAGE), MOST),
    version: whole(query.get("version")),
    encoder: query.get("encoder"),
    picture: query.get("picture"),
    map: query.get("view") === "map",
    layout: query.get("layout") === "umap" ? "umap" : "pca",
    camera: cameraFrom(query.get("camera")),
    area: areaFrom(query.get("area")),
    to: query.get("to") ?? "",
    spot: query.get("spot"),
    against,
    step: against === null || step === null ? null : Math.min(step, LAST_STEP),
  };
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
