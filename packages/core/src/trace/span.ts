import type { Timestamp } from "../units.ts";

/** A stretch of work, as OpenTelemetry has it. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  readonly began: Timestamp;
  readonly ended: Timestamp;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Why it did not succeed; null when it did. */
  readonly trouble: string | null;
}

/** Takes spans to where people look at traces. */
export interface SpanExporter {
  /** May be called again with the same spans, which have the same ids then. Throws `target_unreachable`, retryable. */
  send(spans: readonly Span[]): Promise<void>;
}
