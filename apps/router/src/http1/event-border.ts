const CR = 13;
const LF = 10;

/** Knows whether a stream of server-sent events stands between two events, where ending it loses nothing. */
export class EventBorder {
  atBorder = true;
  private lineIsEmpty = true;
  private afterCr = false;

  feed(bytes: Buffer, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (byte === LF && this.afterCr) {
        this.afterCr = false;
      } else if (byte === LF || byte === CR) {
        this.afterCr = byte === CR;
        if (this.lineIsEmpty) this.atBorder = true;
        this.lineIsEmpty = true;
      } else {
        this.afterCr = false;
        this.lineIsEmpty = false;
        this.atBorder = false;
      }
    }
  }
}
