/**
 * One task at a time, for the newest wish.
 *
 * `replace` stops the one under way. `follow` lets it finish, so that what is dragged keeps being
 * painted, and then starts once for the last wish alone; one that takes longer than `patience` is
 * stopped.
 */
export class LatestRequest<Wish, Found> {
  private running: { stop: AbortController; since: number } | null = null;
  private waiting: { wish: Wish } | null = null;

  constructor(
    private readonly task: (wish: Wish, signal: AbortSignal) => Promise<Found>,
    private readonly done: (found: Found, wish: Wish) => void,
    private readonly failed: (fault: unknown, wish: Wish) => void,
    private readonly patience = 250,
  ) {}

  replace(wish: Wish): void {
    this.stop();
    void this.run(wish);
  }

  follow(wish: Wish): void {
    if (this.running === null || performance.now() - this.running.since > this.patience)
      this.replace(wish);
    else this.waiting = { wish };
  }

  stop(): void {
    this.running?.stop.abort();
    this.running = null;
    this.waiting = null;
  }

  private async run(wish: Wish): Promise<void> {
    const own = { stop: new AbortController(), since: performance.now() };
    this.running = own;
    try {
      const found = await this.task(wish, own.stop.signal);
      if (!own.stop.signal.aborted) this.done(found, wish);
    } catch (fault) {
      if (!own.stop.signal.aborted) this.failed(fault, wish);
    }
    if (this.running !== own) return;
    this.running = null;
    const next = this.waiting;
    this.waiting = null;
    if (next !== null) void this.run(next.wish);
  }
}
