import type { Endpoint } from "@fairway/core";

/** A connection to a service, as far as its endpoint is concerned. */
export interface PooledConnection {
  readonly idleSince: number;
  readonly keepFor: number;
  readonly reusable: boolean;
  destroy(): void;
}

/** Something long-lived that can be ended in its protocol's own way. */
export interface EndableStream {
  /**
   * Before the grace is over, an event stream ends at the next border between events and a WebSocket stays; with
   * `force` an event stream ends at the next border between chunks and a WebSocket at the next between frames.
   */
  endAtBorder(force: boolean): void;
}

/** What the router knows of one endpoint: its connections, open requests and health. */
export class EndpointState<Connection extends PooledConnection = PooledConnection> {
  readonly endpoint: Endpoint;
  readonly connections: Set<Connection> = new Set();
  readonly streams: Set<EndableStream> = new Set();
  readonly idle: Connection[] = [];
  /** Requests and streams open at it. */
  inFlight = 0;
  served = 0;
  failed = 0;
  /** The answer of the active checks; an endpoint that was never checked counts as well. */
  well = true;
  lastFailure: string | null = null;
  /** Off the table: it gets no new request and keeps no idle connection. */
  draining = false;
  private ejectedUntil = 0;
  private readonly drainedListeners: (() => void)[] = [];

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  availableAt(now: number): boolean {
    return this.well && !this.draining && this.ejectedUntil <= now;
  }

  eject(until: number, reason: string): void {
    this.ejectedUntil = until;
    this.lastFailure = reason;
  }

  /** The idle connection that was used last, which is the least likely to be just closed by the service. */
  takeIdle(now: number): Connection | undefined {
    for (let last = this.idle.pop(); last !== undefined; last = this.idle.pop()) {
      if (last.reusable && now - last.idleSince < last.keepFor) return last;
      last.destroy();
    }
    return undefined;
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
  }

  requestBegins(): void {
    this.inFlight++;
    this.served++;
  }

  /** The one place where an open request is counted off. */
  requestEnds(): void {
    this.inFlight--;
    if (this.draining && this.inFlight === 0) this.tellDrained();
  }

  closeIdle(now: number, all: boolean): void {
    for (const connection of [...this.idle]) {
      if (all || now - connection.idleSince >= connection.keepFor) connection.destroy();
    }
  }

  drain(): void {
    this.draining = true;
    this.closeIdle(0, true);
    this.endStreams(false);
    if (this.inFlight === 0) this.tellDrained();
  }

  endStreams(force: boolean): void {
    for (const stream of [...this.streams]) stream.endAtBorder(force);
  }

  /** Resolves when nothing is open any more; at once when nothing is. */
  drained(): Promise<void> {
    return this.inFlight === 0 ? Promise.resolve() : new Promise((tell) => this.drainedListeners.push(tell));
  }

  /** Ends what is open; returns how many requests that cut. */
  cut(): number {
    const open = this.inFlight;
    for (const connection of [...this.connections]) connection.destroy();
    return open;
  }

  private tellDrained(): void {
    this.closeIdle(0, true);
    for (const tell of this.drainedListeners.splice(0)) tell();
  }
}
