/** Called once, when nothing asked for it for a while. */
export class Debounced {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly wait: number) {}

  do(action: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, this.wait);
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
