import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "@fairway/api";
import { extract } from "tar";

/** So many commits are kept unpacked: environments run a release each, and a few more come and go. */
const mostKept = 6;

/** The commits of releases, got from the daemon once each. */
export interface JourneySources {
  /** The folder of a release's commit, which stays for as long as `use` takes. */
  within<Result>(release: string, use: (folder: string) => Promise<Result>): Promise<Result>;
}

export function journeySources(client: Pick<Client, "file">, folder: string): JourneySources {
  /** The last used comes last. */
  const known = new Map<string, { readonly ready: Promise<string>; users: number }>();

  async function got(release: string): Promise<string> {
    const place = join(folder, release);
    if (existsSync(place)) return place;
    const fresh = join(folder, `.${release}`);
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true, mode: 0o700 });
    const bytes = await client.file("journeySources", { release });
    await pipeline(Readable.fromWeb(bytes), extract({ cwd: fresh, strict: true }));
    await rename(fresh, place);
    return place;
  }

  async function forgetSome(): Promise<void> {
    for (const [release, { users }] of known) {
      if (known.size <= mostKept) return;
      if (users > 0) continue;
      known.delete(release);
      await rm(join(folder, release), { recursive: true, force: true });
    }
  }

  return {
    async within(release, use) {
      const source = known.get(release) ?? { ready: got(release), users: 0 };
      known.delete(release);
      known.set(release, source);
      source.users += 1;
      try {
        return await use(await source.ready);
      } catch (thrown) {
        // What could not be got is asked for again.
        if (!existsSync(join(folder, release))) known.delete(release);
        throw thrown;
      } finally {
        source.users -= 1;
        await forgetSome();
      }
    },
  };
}
