import type { Client } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { askForProof } from "./proof.ts";

/** Where the daemon answers, as the page's `<base>` says: with the prefix under which it was asked for, no slash at the end. */
export const daemonUrl: string = document.baseURI.replace(/\/$/, "");

/** The API for every page. Who asks is known by a cookie, which no script can read. */
export const client: Client = createClient(daemonUrl, { proveAgain: askForProof });
