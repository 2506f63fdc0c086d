import type { Server } from "node:http";
import type { Drained, Endpoint, RouterTraffic, RoutingTable } from "@fairway/core";
import type { DataPlane } from "../proxy/data-plane.ts";
import { sumOfTraffic } from "../proxy/traffic-counters.ts";
import type { RetireeAnswer, RetireeRequest, TrafficByRoute } from "../process/messages.ts";
import type { LoadedCertificates } from "../tls/certificate-files.ts";
import type { CertificateStore } from "../tls/certificate-store.ts";
import { decideWrite } from "../routing/decide-write.ts";
import { checkTable, drainProblems } from "../routing/table-problems.ts";
import { controlServer, refusal, type ControlAnswer, type ControlRoutes } from "./control-server.ts";
import { changedSettings, type ChangedSettings } from "../process/changed-settings.ts";
import { sumOfStatus, type WorkerStatus } from "./router-status.ts";
import { storeTable } from "./table-file.ts";

/** What the leading worker needs of the process it runs in. */
export interface LeadershipParts {
  readonly plane: DataPlane;
  readonly tableFile: string;
  readonly certificates: CertificateStore;
  readonly since: string;
  /** Facts about the router and its listeners, for the status. */
  readonly routerStatus: () => object;
  readonly workerStatus: () => WorkerStatus;
  /** Asks the workers that retire; theirs are the answers of those that still live. */
  readonly askRetirees: (request: RetireeRequest) => Promise<readonly RetireeAnswer[]>;
  /** Resolves with the new leader's pid, or the reason why there is none. */
  readonly upgrade: (settings: ChangedSettings) => Promise<number | string>;
  readonly shutdown: () => void;
  readonly failed: (error: unknown) => void;
}

/** The control socket's side of the worker that leads: the only one that changes the table. */
export class Leadership {
  readonly server: Server;
  private readonly parts: LeadershipParts;
  /** Writes happen one after another: each is compared with the table that the one before left. */
  private lastWrite: Promise<unknown> = Promise.resolve();
  private upgrade: Promise<number | string> | null = null;

  constructor(parts: LeadershipParts) {
    this.parts = parts;
    const routes: ControlRoutes = {
      "GET /table": async () => ({ status: 200, body: this.parts.plane.table }),
      "PUT /table": (body) => this.unlessReplaced(() => this.putTable(body)),
      "PUT /certificates": (body) => this.changeCertificates((store) => store.replace(body)),
      "POST /reload": () => this.changeCertificates((store) => store.reload()),
      "POST /drain": (body) => this.unlessReplaced(() => this.drain(body)),
      "GET /status": async () => ({ status: 200, body: await this.status() }),
      "GET /metrics": async () => ({ status: 200, body: await this.metrics() }),
      "POST /upgrade": (body) => this.upgraded(body),
      "POST /shutdown": async () => {
        setImmediate(this.parts.shutdown);
        return { status: 202, body: { stopping: true } };
      },
    };
    this.server = controlServer(routes, parts.failed);
  }

  private async putTable(body: unknown): Promise<ControlAnswer> {
    const checked = checkTable(body);
    if (!checked.ok) {
      const { problems } = checked;
      return refusal(400, "bad_request", `the routing table has ${problems.length} problem(s)`, { problems });
    }
    const write = this.lastWrite.then(() => this.write(checked.table));
    this.lastWrite = write.catch(() => undefined);
    return write;
  }

  private async write(written: RoutingTable): Promise<ControlAnswer> {
    const { plane, tableFile } = this.parts;
    const outcome = decideWrite(plane.table, written);
    if (outcome.outcome === "written") {
      const table = { ...written, version: outcome.version };
      try {
        await storeTable(tableFile, table);
      } catch (error) {
        const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
        const code = full ? "disk_full" : "data_directory_unusable";
        return refusal(500, code, `could not store the routing table in ${tableFile}: ${String(error)}`);
      }
      plane.apply(table);
      await this.parts.askRetirees({ do: "apply", table });
    }
    return { status: 200, body: outcome };
  }

  private changeCertificates(change: (store: CertificateStore) => Promise<LoadedCertificates>): Promise<ControlAnswer> {
    return this.unlessReplaced(() => {
      const changed = this.lastWrite.then(async () => {
        const { certificates } = this.parts;
        const loaded = await change(certificates);
        if (!loaded.ok) {
          const { problems } = loaded;
          return refusal(400, "bad_request", `the certificates have ${problems.length} problem(s)`, { problems });
        }
        await this.parts.askRetirees({ do: "certificates" });
        return { status: 200, body: { certificates: certificates.status } };
      });
      this.lastWrite = changed.catch(() => undefined);
      return changed;
    });
  }

  private async drain(body: unknown): Promise<ControlAnswer> {
    const problems = drainProblems(body);
    if (problems.length > 0) return refusal(400, "bad_request", "the request to drain has problems", { problems });
    const { endpoints, within } = body as { endpoints: readonly Endpoint[]; within: number };
    const onTable = endpoints.filter((endpoint) => this.parts.plane.knows(endpoint));
    if (onTable.length > 0) {
      const names = onTable.map((endpoint) => endpoint.replica).join(", ");
      return refusal(409, "not_allowed_now", `${names} cannot be drained while on the routing table`);
    }
    const [own, others] = await Promise.all([
      this.parts.plane.drain(endpoints, within),
      this.parts.askRetirees({ do: "drain", endpoints, within }),
    ]);
    const cut = others.reduce((sum, answer) => sum + ((answer as Drained).cut ?? 0), own.cut);
    return { status: 200, body: { cut } satisfies Drained };
  }

  private async metrics(): Promise<RouterTraffic> {
    const others = (await this.parts.askRetirees({ do: "traffic" })) as readonly TrafficByRoute[];
    return { since: this.parts.since, routes: sumOfTraffic([this.parts.plane.traffic(), ...others]) };
  }

  private async status(): Promise<object> {
    const { routerStatus, workerStatus, askRetirees } = this.parts;
    const others = (await askRetirees({ do: "status" })) as readonly WorkerStatus[];
    return { ...routerStatus(), ...sumOfStatus(workerStatus(), others) };
  }

  private async upgraded(body: unknown): Promise<ControlAnswer> {
    const settings = changedSettings(body);
    if (typeof settings === "string") return refusal(400, "bad_request", settings);
    // One that is on its way is what was asked for, unless it was to change something more.
    if (this.upgrade !== null && Object.keys(settings).length > 0) {
      return this.unlessReplaced(() => this.upgraded(body));
    }
    this.upgrade ??= this.parts.upgrade(settings);
    const result = await this.upgrade;
    this.upgrade = null;
    if (typeof result === "number") return { status: 200, body: { worker: result, retiring: process.pid } };
    return refusal(500, "internal", `the router was not upgraded: ${result}`);
  }

  /** While another worker may be taking over, only it may say what the table is. */
  private async unlessReplaced(handle: () => Promise<ControlAnswer>): Promise<ControlAnswer> {
    if (this.upgrade !== null && typeof (await this.upgrade) === "number") {
      return refusal(503, "router_unavailable", "another worker has just taken over: ask again", { retryable: true });
    }
    return handle();
  }
}
