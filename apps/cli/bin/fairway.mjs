#!/usr/bin/env node
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundledProgram } from "@fairway/server/bundled-program";

await import(pathToFileURL(await bundledProgram(join(import.meta.dirname, "../dist"))).href);
