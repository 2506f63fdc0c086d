import type { StoredExchange } from "@fairway/core";

/** A secret of somebody else's store, whose versions have stages as in AWS Secrets Manager. */
export class StagedSecret {
  readonly values: Map<string, string> = new Map();
  current: string | null = "first";
  pending: string | null = null;
  previous: string | null = null;

  constructor(value: string) {
    this.values.set("first", value);
  }

  /** One exchange: the same key is the same one. */
  exchange(key: string): StoredExchange {
    const valueOf = (version: string | null): string | null =>
      version === null ? null : (this.values.get(version) ?? null);
    const before = (): string | null => (this.current === key ? this.previous : this.current);
    return {
      look: async () => ({
        ...{ version: key, before: before() },
        stands: this.current === key ? "current" : this.pending === key ? "put aside" : "not begun",
      }),
      putAside: async (value) => {
        if (this.values.has(key)) throw new Error("a second value was put aside");
        this.values.set(key, value);
        this.pending = key;
      },
      newValue: async () => valueOf(key) ?? Promise.reject(new Error("there is no new value")),
      oldValue: async () => valueOf(before()),
      makeCurrent: async () => {
        if (this.current === key) return;
        this.previous = this.current;
        this.current = key;
      },
      takeBack: async () => {
        if (this.current !== key) return;
        this.current = this.previous;
        this.previous = key;
      },
      close: async () => {
        if (this.pending === key) this.pending = null;
      },
    };
  }
}
