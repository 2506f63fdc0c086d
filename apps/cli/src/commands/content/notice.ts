import type { ReleaseNoticeShape } from "@fairway/api";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway notice show`. */
export async function showNotice([release = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("releaseNotice", { release }), options);
}

/** `fairway notice send`. */
export async function sendNotice([release = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("sendReleaseNotice", { by: whoAsks(), release }), options);
}

/** `fairway notice receive`. */
export async function receiveNotice(
  [release = ""]: readonly string[],
  options: GlobalOptions & { readonly role?: string; readonly digest?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const { role = null, digest = null } = options;
  tell(await client.call("receiveReleaseNotice", { by: whoAsks(), release, role, digest }), options);
}

function tell(notice: ReleaseNoticeShape, { json }: GlobalOptions): void {
  if (json) return printJson(notice);
  print(bold(`${notice.release}: ${harmless(notice.why)}`));
  print(`  pack ${notice.digest}`);
  for (const { path, bytes } of notice.files) print(`  ${harmless(path)} (${bytes} bytes)`);
  for (const role of notice.to) {
    const receipt = notice.receipts.find((one) => one.role === role);
    print(
      `  ${harmless(role)}: ${receipt === undefined ? "nobody yet" : `${harmless(receipt.by)}, ${receipt.at.slice(0, 16)}Z`}`,
    );
  }
}
