import type {
  Explained,
  Facets,
  Field,
  Hits,
  Picture,
  Sent,
  Understood,
  Wall,
} from "../logic/apiTypes";

/** An answer that is no answer (RFC 9457), or none at all: then the status is 0. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly column: number | null = null,
    readonly parameter: string | null = null,
  ) {
    super(detail);
  }
}

type Values = Readonly<Record<string, string | number | boolean | null | undefined>>;

// Past this an expression goes in the body: addresses have limits of their own on the way.
const LONGEST_ADDRESS = 3000;

export interface Asked {
  readonly q: string;
  readonly k: number;
  readonly rule?: string | null;
  readonly where?: string;
  readonly offset?: number;
  readonly version?: number | null;
  readonly literal?: boolean;
  readonly diverse?: number;
  /** Only what lies in here, on that map. */
  readonly area?: string;
  readonly layout?: string;
  /** 0: none, which takes half as long. */
  readonly advice?: 0;
}

export function search(asked: Asked, signal?: AbortSignal): Promise<Hits> {
  const address = withValues("/api/search", { ...asked });
  if (address.length <= LONGEST_ADDRESS) return answered(address, { signal: signal ?? null });
  const present = Object.entries(asked).filter(([, value]) => isPresent(value));
  return posted("/api/search", Object.fromEntries(present), signal);
}

export function understand(q: string, literal: boolean, signal?: AbortSignal): Promise<Understood> {
  return answered(withValues("/api/expression", { q, literal }), { signal: signal ?? null });
}

export function explain(asked: Asked, imageId: string, signal?: AbortSignal): Promise<Explained> {
  return answered(withValues("/api/explain", { ...asked, image_id: imageId }), {
    signal: signal ?? null,
  });
}

export async function fields(): Promise<readonly Field[]> {
  return (await answered<{ fields: readonly Field[] }>("/api/fields")).fields;
}

export function facets(field: string, where: string, signal?: AbortSignal): Promise<Facets> {
  return answered(withValues("/api/facets", { field, where, limit: 20 }), {
    signal: signal ?? null,
  });
}

export function wall(): Promise<Wall> {
  return answered("/api/wall");
}

export function picture(imageId: string, signal?: AbortSignal): Promise<Picture> {
  return answered(pictureAddress(imageId), { signal: signal ?? null });
}

/** A picture of one's own, for the term that stands for it. */
export function sendPicture(file: Blob): Promise<Sent> {
  return answered("/api/images", {
    method: "POST",
    headers: { "Content-Type": file.type },
    body: file,
  });
}

export async function logIn(token: string): Promise<void> {
  const response = await fetch("/api/session", json({ token }));
  if (!response.ok) throw await problemOf(response);
}

export function pictureAddress(imageId: string, part?: "image" | "thumbnail"): string {
  const address = `/api/pictures/${encodeURIComponent(imageId)}`;
  return part === undefined ? address : `${address}/${part}`;
}

function posted<T>(address: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return answered(address, { ...json(body), signal: signal ?? null });
}

function json(body: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** What an address answers, as JSON; raises a Problem where it does not. */
export async function answered<T>(address: string, options: RequestInit = {}): Promise<T> {
  return (await (await responded(address, options)).json()) as T;
}

/** The answer itself, whose body may be bytes. */
export async function responded(address: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, options);
  } catch (fault) {
    if (options.signal?.aborted) throw fault;
    throw new Problem(0, "The wall does not answer. Is `cavewall serve` still running?");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = `${response.status} ${response.statusText}`;
  try {
    const { detail, title, column, parameter } = await response.json();
    return new Problem(response.status, detail ?? title ?? fallback, column, parameter);
  } catch {
    return new Problem(response.status, fallback);
  }
}

/** An address with those values that there are. */
export function withValues(address: string, values: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (isPresent(value)) query.set(name, value === true ? "1" : String(value));
  return `${address}?${query}`;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && value !== false;
}
