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
