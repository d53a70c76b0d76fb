/** An answer's place in the order of the input. */
export interface Place {
  text: string | undefined;
}

/**
 * Puts answers that come in any order into the order of their questions. What is ready in one turn of the event
 * loop leaves as one piece; the number of questions without an answer that has left is the window.
 */
export class OrderedAnswers {
  private waiting: Place[] = [];
  private first = 0;
  private scheduled = false;
  private roomWanted: (() => void) | undefined;

  /** @param write takes a piece; resolves when more may be written */
  constructor(
    private readonly window: number,
    private readonly write: (piece: string) => Promise<void> | undefined,
  ) {}

  /** Resolves at once as long as there is room for one more question. */
  room(): Promise<void> | undefined {
    if (this.size < this.window) return undefined;
    return new Promise((resolve) => {
      this.roomWanted = resolve;
    });
  }

  /** Takes the next place in the order. */
  ask(): Place {
    const place: Place = { text: undefined };
    this.waiting.push(place);
    return place;
  }

  /** Fills a place. */
  answer(place: Place, text: string): void {
    place.text = text;
    if (this.scheduled || this.waiting[this.first] !== place) return;
    this.scheduled = true;
    setImmediate(() => {
      void this.flush();
    });
  }

  /** Resolves when every answer has left. */
  async ended(): Promise<void> {
    while (this.size > 0) {
      await new Promise<void>((resolve) => {
        this.roomWanted = resolve;
      });
    }
  }

  private get size(): number {
    return this.waiting.length - this.first;
  }

  private async flush(): Promise<void> {
    for (let piece = this.ready(); piece !== ''; piece = this.ready()) await this.write(piece);
    this.scheduled = false;
    const wake = this.roomWanted;
    this.roomWanted = undefined;
    wake?.();
  }

  /** Takes the answers from the front that are there. */
  private ready(): string {
    let piece = '';
    for (let place = this.waiting[this.first]; place?.text !== undefined; place = this.waiting[this.first]) {
      piece += place.text;
      this.first += 1;
    }
    if (this.first > 1_000 || this.first === this.waiting.length) {
      this.waiting = this.waiting.slice(this.first);
      this.first = 0;
    }
    return piece;
  }
}
