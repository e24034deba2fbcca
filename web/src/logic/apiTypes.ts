import type { Layout } from "./address";
import type { Term } from "./terms";

export interface Contribution {
  readonly term: string;
  readonly weight: number;
  readonly contribution: number;
}

export interface Hit {
  readonly image_id: string;
  readonly score: number;
  readonly captions: readonly string[];
  readonly path: string | null;
  readonly terms: readonly Contribution[];
  readonly percentile: number | null;
  readonly width?: number | null;
  readonly height?: number | null;
}

export interface Hits {
  readonly expression: string;
  readonly rule: string;
  readonly encoder: string;
  readonly version: number;
  readonly where: string | null;
  readonly offset: number;
  readonly total: number | null;
  readonly took_ms: number;
  readonly hits: readonly Hit[];
  readonly advice: readonly string[];
}

export interface Understood {
  readonly expression: string;
  readonly terms: readonly Term[];
  readonly suggestion: { readonly expression: string; readonly says: string } | null;
}

/** A picture that was sent: the picture of the wall that it is, or none. */
export interface Sent {
  readonly term: string;
  readonly image_id: string | null;
}

export interface Reason extends Contribution {
  readonly caption: string | null;
  readonly match: number | null;
  readonly words: readonly {
    readonly word: string;
    readonly says: string;
    readonly chance: number;
  }[];
}

export interface Explained {
  readonly explanation: {
    readonly hits: readonly { readonly image_id: string; readonly terms: readonly Reason[] }[];
  };
}

export interface Field {
  readonly name: string;
  readonly kind: string;
  readonly pictures: number;
}

export interface Facets {
  readonly field: string;
  readonly kind: string;
  readonly counts: readonly {
    readonly value: string | number | boolean;
    readonly pictures: number;
    readonly where: string;
  }[];
  readonly pictures: number;
  readonly missing: number;
  readonly others: number;
}

export interface Wall {
  readonly name: string;
  readonly pictures: number;
  readonly version: number;
  readonly encoder: string;
  readonly rules: readonly {
    readonly name: string;
    readonly description: string;
    readonly default: boolean;
  }[];
  readonly spaces: readonly string[];
  readonly limits: { readonly upload: number };
  readonly terms: readonly { readonly name: string; readonly expression?: string | null }[];
}

export interface Picture {
  readonly image_id: string;
  readonly captions: readonly string[];
  readonly path: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly added_at: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The map of a version, without its points. */
export interface MapAnswer {
  readonly version: number;
  /** What is shown, where what was asked for is not there yet. */
  readonly layout: Layout;
  readonly pictures: number;
  readonly layouts: readonly {
    readonly name: Layout;
    readonly state: "ready" | "computing" | "absent" | "missing";
    /** How much of the computing is done. */
    readonly share: number | null;
    /** How much of the vectors' differences it shows, where that can be said. */
    readonly variance: number | null;
    readonly install: string | null;
  }[];
  readonly clusters: readonly Cluster[];
}

export interface Cluster {
  readonly at: number;
  readonly name: string;
  readonly terms: readonly string[];
  readonly pictures: number;
  readonly x: number;
  readonly y: number;
}

/** A picture by its place in a version. */
export interface Placed {
  readonly at: number;
  readonly image_id: string;
  readonly captions: readonly string[];
  readonly width: number | null;
  readonly height: number | null;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a query and its terms lie, and the way to another; what has no vector lies nowhere. */
export interface Places {
  readonly version: number;
  readonly layout: Layout;
  readonly query: Place | null;
  readonly terms: readonly {
    readonly term: string;
    readonly weight: number;
    readonly x: number | null;
    readonly y: number | null;
  }[];
  /** Only where it leads somewhere. */
  readonly path?: readonly (Place & { readonly image_id: string | null })[];
}
