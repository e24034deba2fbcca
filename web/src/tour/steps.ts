import type { ComponentType } from "preact";
import { Arithmetic, Weights } from "./arithmetic";
import { Bound, Counts, Not } from "./limits";
import { Begin, Nearest, Onward, Stored, Wordless } from "./searching";
import { Near, Sentences, Vectors } from "./texts";

export interface Step {
  readonly title: string;
  readonly Body: ComponentType;
  /** Whether it says nothing that only the sample wall can show. */
  readonly anywhere: boolean;
}

/** The tour: one idea a step. */
export const STEPS: readonly Step[] = [
  { title: "Pictures, found by meaning", Body: Begin, anywhere: false },
  { title: "A text becomes numbers", Body: Vectors, anywhere: true },
  { title: "Near means alike", Body: Near, anywhere: true },
  { title: "Sentences, too", Body: Sentences, anywhere: true },
  { title: "A picture is a row of a table", Body: Stored, anywhere: true },
  { title: "Searching is looking for the nearest", Body: Nearest, anywhere: false },
  { title: "Meaning finds what words miss", Body: Wordless, anywhere: false },
  { title: "Take away, and put in its place", Body: Arithmetic, anywhere: false },
  { title: "How much of it", Body: Weights, anywhere: false },
  { title: "Where it fails: numbers", Body: Counts, anywhere: false },
  { title: "Where it fails: who has what", Body: Bound, anywhere: false },
  { title: "Where it fails: not", Body: Not, anywhere: false },
  { title: "Now your own pictures", Body: Onward, anywhere: true },
];
