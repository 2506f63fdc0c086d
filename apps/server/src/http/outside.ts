import { createSecureContext } from "node:tls";
import { readFile } from "node:fs/promises";
import { FairwayError, messageOf } from "@fairway/core";
import type { OutsideOptions } from "../outside-options.ts";
import { placeOf } from "../outside-options.ts";
import type { Outside } from "./http-server.ts";

/** Where others reach the API, with what TLS is spoken; undefined for nowhere. Throws `bad_request`. */
export async function outsideOf({ listen, tlsCert, tlsKey }: OutsideOptions): Promise<Outside | undefined> {
  if (listen === undefined) return undefined;
  const place = placeOf(listen);
  return tlsCert === undefined || tlsKey === undefined ? place : { ...place, tls: await readTlsFiles(tlsCert, tlsKey) };
}

/** Reads them, and refuses what would keep everybody from coming in. Throws `bad_request`. */
async function readTlsFiles(certPath: string, keyPath: string): Promise<NonNullable<Outside["tls"]>> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath, "utf8"), readFile(keyPath, "utf8")]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    throw new FairwayError("bad_request", `cannot speak TLS with ${certPath} and ${keyPath}: ${messageOf(cause)}`, {
      hint: "both are PEM files, and the key is that of the certificate",
      cause,
    });
  }
}
