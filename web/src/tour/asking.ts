import { useEffect, useMemo, useState } from "preact/hooks";
import { Problem } from "../api/client";
import { LatestRequest } from "../state/latestRequest";
import { isRefused } from "../state/session";

interface Answer<T> {
  readonly found: T | null;
  readonly fault: string | null;
}

/** What the wall says to a wish, which may change: the answer before stays until the next. */
export function useAsked<W, T>(
  wish: W | null,
  task: (wish: W, signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ found: null, fault: null });
  const asking = useMemo(() => {
    const latest: LatestRequest<W, T> = new LatestRequest(
      task,
      (found) => setAnswer({ found, fault: null }),
      (problem, again) => {
        if (isRefused(problem, () => latest.follow(again))) return;
        if (!(problem instanceof Problem)) throw problem;
        setAnswer((before) => ({ ...before, fault: problem.detail }));
      },
    );
    return latest;
  }, []);
  const key = JSON.stringify(wish);
  useEffect(() => {
    if (wish !== null) asking.follow(wish);
  }, [key]);
  useEffect(() => () => asking.stop(), []);
  return answer;
}
