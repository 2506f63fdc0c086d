// The market in containers: each part in an image of its Dockerfile, built of what the same commands leave. `fairway.base.ts`
// is the configuration of the first commit; nothing else of it changes.
import { defineProject } from "@fairway/config";
import market from "./fairway.base.ts";

/** What the images begin with; null for what their Dockerfiles say, which is taken from Docker Hub. */
const base: string | null = null;

const container = base === null ? {} : { args: { BASE: base } };
const { contracts, ...parts } = market.services;

// Without `run` it is the image that knows how to start.
const contained = Object.fromEntries(
  Object.entries(parts).map(([name, part]) => [name, { ...part, run: undefined, container }]),
);

export default defineProject({ ...market, services: { ...contained, ...(contracts ? { contracts } : {}) } });
