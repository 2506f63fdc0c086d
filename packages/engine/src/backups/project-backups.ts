import type { CronClock, PlannedBackup, SecretSource } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import type { Store } from "../store/store.ts";
import type { BackupControl } from "./backup-control.ts";
import { backupControl } from "./backup-control.ts";
import { dumpBackups } from "./dump-backups.ts";
import { dumpDrill } from "./dump-drill.ts";

/** Backups of a project's own databases, as `ops/backups.yaml` of the commit in force asks for them. */
export interface ProjectBackups {
  /** One for each that is asked for now, by its name. */
  controls(): Promise<ReadonlyMap<string, BackupControl>>;
  /** Puts on record what the repositories have, and begins what is due. What goes wrong with one keeps no other from it. May be repeated. */
  lookAfter(): Promise<void>;
  /** Waits for what goes on. */
  settled(): Promise<void>;
}

/** What they are looked after with. */
export interface ProjectBackupsParts {
  readonly store: Store;
  readonly duties: DutyControl;
  readonly secrets: SecretSource;
  readonly clock: CronClock;
  readonly now: () => number;
  /** Where drills have their directories. */
  readonly places: string;
  readonly closing: AbortSignal;
  readonly tell: (message: string) => void;
}

export function projectBackups(parts: ProjectBackupsParts): ProjectBackups {
  const { duties, secrets, places, closing, tell } = parts;
  const open = new Map<string, { readonly planned: string; readonly control: BackupControl }>();

  async function secretOf({ environment, name: backup }: PlannedBackup, name: string): Promise<string> {
    const { [name]: value } = await secrets.lookUp(environment, [name]);
    if (value !== undefined) return value;
    throw new FairwayError(
      "secret_missing",
      `the backup ${backup} needs the secret ${name}, which ${environment} has not`,
      {
        hint: `set it: fairway secrets set ${name} --env ${environment}`,
      },
    );
  }

  function opened(planned: PlannedBackup): BackupControl {
    const { name, directory, recipient, keep, roles, heartbeat, rpo } = planned;
    const database = (): Promise<string> => secretOf(planned, planned.database);
    const identity = (): Promise<string> => secretOf(planned, planned.identity);
    const repository = dumpBackups({ directory, recipient, keep, database, identity, closing });
    return backupControl({
      ...parts,
      tell: (message) => tell(`${name}: ${message}`),
      shows: { backup: `backup/${name}`, drill: `drill/${name}` },
      claims: (label) => label === repository.label,
      own: {
        repository,
        drill: { ...dumpDrill({ database, roles, heartbeat, places, closing }), rpoWithin: rpo },
        places,
      },
    });
  }

  async function controls(): Promise<ReadonlyMap<string, BackupControl>> {
    const { plan } = await duties.inForce();
    const wanted = plan.backups ?? [];
    for (const one of wanted) {
      const planned = JSON.stringify(one);
      const known = open.get(one.name);
      if (known?.planned === planned) continue;
      // What it has begun would otherwise pass for something that nobody carries on.
      await known?.control.settled();
      open.set(one.name, { planned, control: opened(one) });
    }
    return new Map(
      wanted.flatMap(({ name }) => {
        const known = open.get(name);
        return known === undefined ? [] : [[name, known.control]];
      }),
    );
  }

  return {
    controls,
    async lookAfter() {
      for (const [name, control] of await controls()) {
        if (closing.aborted) return;
        await control.lookAfter().catch((thrown: unknown) => tell(`could not back ${name} up: ${messageOf(thrown)}`));
      }
    },
    async settled() {
      for (const { control } of open.values()) await control.settled();
    },
  };
}
