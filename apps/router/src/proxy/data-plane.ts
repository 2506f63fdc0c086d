import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { Drained, Endpoint, ReleaseTraffic, Route, RoutingTable } from "@fairway/core";
import type { CertificateStore } from "../tls/certificate-store.ts";
import { TlsServer } from "../tls/tls-server.ts";
import type { AccessLog } from "../access-log/access-log.ts";
import { RoutingPlan } from "../routing/routing-plan.ts";
import { ClientConnection } from "./client-connection.ts";
import { EndpointState } from "./endpoint-state.ts";
import type { ClientRoom } from "../process/open-files.ts";
import type { ListenerName } from "./asker.ts";
import { HealthChecks } from "./health-checks.ts";
import type { Limits } from "./limits.ts";
import { ownAnswer } from "./own-answers.ts";
import { noTotals, type HeldRequest, type LiveEndpoint, type PlaneContext, type PlaneTotals } from "./plane-context.ts";
import { RequestRates } from "./request-rates.ts";
import { TrafficCounters } from "./traffic-counters.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

const sweepEvery = 50;
const turnAwayWithin = 500;
const noTable: RoutingTable = { version: 0, routes: {} };

const keyOf = ({ replica, host, port }: Endpoint): string => `${replica}@${host}:${port}`;

/** All traffic of one worker: its listeners and clients, the endpoints they are served by, and the table that says so. */
export class DataPlane implements PlaneContext {
  readonly limits: Limits;
  readonly connectionLimit: number;
  /** Called when clients are turned away, or services not reached, for want of descriptors. */
  shortage: () => void = () => undefined;
  private readonly mostTold: number;
  readonly held: Set<HeldRequest> = new Set();
  readonly totals: PlaneTotals = noTotals();
  accessLog: AccessLog | null = null;
  readonly rates: RequestRates = new RequestRates();
  retiring = false;
  tlsPort: number | null = null;
  table: RoutingTable = noTable;
  plan: RoutingPlan<LiveEndpoint>;
  private readonly endpoints = new Map<string, LiveEndpoint>();
  private readonly checks = new Map<string, HealthChecks>();
  private readonly counters = new Map<string, Map<string, TrafficCounters>>();
  private readonly clients = new Set<ClientConnection>();
  private readonly servers: Server[] = [];
  private tls: TlsServer | null = null;
  private readonly sweeper: NodeJS.Timeout;
  private readonly idBase = randomBytes(6).toString("hex");
  private ids = 0;
  private streamsEndBy = Infinity;
  private sweeps = 0;
  private told = 0;
  private whenEmpty: (() => void) | null = null;

  /** The room is for clients of all listeners together; each may need a second descriptor upstream. */
  constructor(limits: Limits, room: ClientRoom) {
    this.limits = limits;
    this.connectionLimit = room.clients;
    this.mostTold = room.told;
    this.plan = this.planOf(noTable);
    this.sweeper = setInterval(() => this.sweep(performance.now()), sweepEvery);
  }

  /** Takes connections from a socket that somebody else has bound. */
  listen(fd: number, listener: ListenerName): Promise<void> {
    return this.takeFrom(fd, { serve: (socket) => this.serve(socket, listener), plain: true });
  }

  /** Like `listen`, for clients that speak TLS. */
  listenTls(fd: number, port: number, certificates: CertificateStore): Promise<void> {
    const tls = new TlsServer(certificates, (socket, below) => this.serve(socket, "tls", below));
    tls.settled = () => this.tellIfEmpty();
    this.tls = tls;
    this.tlsPort = port;
    return this.takeFrom(fd, { serve: (socket) => tls.take(socket), plain: false });
  }

  private serve(socket: Socket, listener: ListenerName, below: Socket = socket): void {
    this.clients.add(new ClientConnection({ socket, below, listener }, this, (self) => this.closed(self)));
  }

  /** Says no to a client for whom there is no descriptor left, if it can be said and few are being told. */
  private turnAway(socket: Socket, plain: boolean): void {
    this.totals.turnedAway++;
    this.shortage();
    if (!plain || this.told >= this.mostTold) return void socket.destroy();
    this.told++;
    socket.on("error", () => undefined);
    socket.on("close", () => this.told--);
    socket.setTimeout(turnAwayWithin, () => socket.destroy());
    const message = "too many connections";
    const requestId = this.nextRequestId();
    socket.end(ownAnswer({ status: 503, message, requestId, close: true, headOnly: false }));
    // What it sends is read and dropped, so that it gets the answer and not a reset.
    socket.on("end", () => socket.destroy()).resume();
  }

  private takeFrom(fd: number, { serve, plain }: { serve: (socket: Socket) => void; plain: boolean }): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    server.on("connection", (socket) => {
      if (this.connections < this.connectionLimit) return serve(socket);
      this.turnAway(socket, plain);
    });
    this.servers.push(server);
    return new Promise((listening, failed) => {
      // Once it listens, an error is a connection that could not be taken: the next may be.
      server.on("error", (error) => (server.listening ? this.shortage() : failed(error)));
      server.listen({ fd, backlog: 4096 }, listening);
    });
  }

  /** Puts a table in force, whole and at once, and gives the requests that waited another try. */
  apply(table: RoutingTable): void {
    const live = new Map<string, Route["health"]>();
    for (const route of Object.values(table.routes)) {
      for (const group of route.groups) for (const endpoint of group.endpoints) live.set(keyOf(endpoint), route.health);
    }
    this.plan = this.planOf(table);
    this.table = table;
    this.rates.keepOnly(table);
    for (const [key, endpoint] of this.endpoints) {
      const health = live.get(key);
      if (health === undefined) this.leave(key, endpoint);
      else this.check(key, endpoint, health);
    }
    this.wakeHeld();
  }

  knows(endpoint: Endpoint): boolean {
    return this.checks.has(keyOf(endpoint));
  }

  /** Waits until nothing is open at these endpoints, ending streams after a grace and the rest at the deadline. */
  async drain(endpoints: readonly Endpoint[], within: number): Promise<Drained> {
    const cuts = await Promise.all(endpoints.map((endpoint) => this.drainOne(keyOf(endpoint), within)));
    return { cut: cuts.reduce((sum, cut) => sum + cut, 0) };
  }

  /** Takes no new connections from now on; those that are open go on. */
  async stopListening(): Promise<void> {
    for (const server of this.servers.splice(0)) server.close();
  }

  /**
   * Lets every connection end: idle ones when they have had a chance to ask once more, streams at a border, the rest
   * when it is answered or `within` is over. Resolves when none is left.
   */
  async retire(within: number, idleAtOnce: boolean): Promise<void> {
    this.retiring = true;
    await this.stopListening();
    this.streamsEndBy = performance.now() + this.limits.streamGrace;
    if (idleAtOnce) this.tls?.close();
    if (idleAtOnce) for (const client of [...this.clients]) client.closeIfIdle();
    const deadline = setTimeout(() => this.destroyClients(), within);
    if (this.connections > 0) await new Promise<void>((empty) => (this.whenEmpty = empty));
    clearTimeout(deadline);
    this.close();
  }

  /** Ends everything at once. */
  close(): void {
    clearInterval(this.sweeper);
    void this.stopListening();
    this.destroyClients();
    for (const checks of this.checks.values()) checks.stop();
    for (const endpoint of this.endpoints.values()) endpoint.cut();
  }

  /** Connections to services that idle are kept to save time; there may be one for each of many replicas. */
  spareFiles(): boolean {
    this.shortage();
    const idle = [...this.endpoints.values()].flatMap((endpoint) => endpoint.idle);
    for (const connection of idle) connection.destroy();
    return idle.length > 0;
  }

  nextRequestId(): string {
    return `${this.idBase}-${(++this.ids).toString(36)}`;
  }

  /** What each release did, by route and release. */
  traffic(): Record<string, Record<string, ReleaseTraffic>> {
    const read = (releases: ReadonlyMap<string, TrafficCounters>): Record<string, ReleaseTraffic> =>
      Object.fromEntries([...releases].map(([release, counters]) => [release, counters.read()]));
    return Object.fromEntries([...this.counters].map(([route, releases]) => [route, read(releases)]));
  }

  countersOf(route: string, release: string): TrafficCounters {
    const releases = this.counters.get(route) ?? new Map<string, TrafficCounters>();
    this.counters.set(route, releases);
    const counters = releases.get(release) ?? new TrafficCounters();
    releases.set(release, counters);
    return counters;
  }

  get connections(): number {
    return this.clients.size + (this.tls?.handshakes ?? 0);
  }

  /** Every endpoint on the table or still draining. */
  get endpointStates(): readonly LiveEndpoint[] {
    return [...this.endpoints.values()];
  }

  private planOf(table: RoutingTable): RoutingPlan<LiveEndpoint> {
    return new RoutingPlan<LiveEndpoint>(table, {
      endpointOf: (endpoint) => this.endpointOf(endpoint),
      countersOf: (route, release) => this.countersOf(route, release),
    });
  }

  private endpointOf(endpoint: Endpoint): LiveEndpoint {
    const key = keyOf(endpoint);
    const state = this.endpoints.get(key) ?? new EndpointState<UpstreamConnection>(endpoint);
    state.draining = false;
    this.endpoints.set(key, state);
    return state;
  }

  private check(key: string, endpoint: LiveEndpoint, health: Route["health"]): void {
    const checks = this.checks.get(key);
    if (checks !== undefined) checks.health = health;
    else this.checks.set(key, new HealthChecks(endpoint, health, () => this.wakeHeld()));
  }

  private leave(key: string, endpoint: LiveEndpoint): void {
    this.checks.get(key)?.stop();
    this.checks.delete(key);
    if (endpoint.draining) return;
    endpoint.drain();
    const grace = setTimeout(() => endpoint.draining && endpoint.endStreams(true), this.limits.streamGrace);
    void endpoint.drained().then(() => {
      clearTimeout(grace);
      if (endpoint.draining && this.endpoints.get(key) === endpoint) this.endpoints.delete(key);
    });
  }

  private async drainOne(key: string, within: number): Promise<number> {
    const endpoint = this.endpoints.get(key);
    if (endpoint === undefined) return 0;
    let deadline: NodeJS.Timeout | undefined;
    // One that is back on the table by then, because a rollout was stopped, serves again what must not be cut.
    const cutLate = (): number => (endpoint.draining ? endpoint.cut() : 0);
    const late = new Promise<number>((tell) => (deadline = setTimeout(() => tell(cutLate()), within)));
    const cut = await Promise.race([endpoint.drained().then(() => 0), late]);
    clearTimeout(deadline);
    return cut;
  }

  private wakeHeld(): void {
    for (const request of [...this.held]) request.dispatch();
  }

  private sweep(now: number): void {
    this.wakeHeld();
    for (const endpoint of this.endpoints.values()) {
      if (endpoint.idle.length > 0) endpoint.closeIdle(now, false);
      for (const connection of endpoint.connections) connection.sweep(now);
      if (this.retiring && endpoint.streams.size > 0) endpoint.endStreams(now >= this.streamsEndBy);
    }
    // Their limits are in seconds; looking at thousands of clients twenty times a second would be a waste.
    if (++this.sweeps % 5 === 0) for (const client of this.clients) client.sweep(now);
  }

  private closed(client: ClientConnection): void {
    this.clients.delete(client);
    this.tellIfEmpty();
  }

  private tellIfEmpty(): void {
    if (this.connections === 0) this.whenEmpty?.();
  }

  private destroyClients(): void {
    this.tls?.close();
    for (const client of [...this.clients]) client.cut();
  }
}
