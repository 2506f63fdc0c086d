import { createDocument } from "zod-openapi";
import type { ZodOpenApiObject, ZodOpenApiPathsObject } from "zod-openapi";
import { z } from "zod";
import { requestHeader } from "./client.ts";
import type { Route } from "./route.ts";
import { contract } from "./contract.ts";
import { problem } from "./shapes/problem.ts";

/** The OpenAPI 3.1 document of the whole contract. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const [operationId, route] of Object.entries(contract) as [string, Route][]) {
    const path = route.path.replace(/:([a-z]+)/gi, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(operationId, route) };
  }
  const document: ZodOpenApiObject = {
    openapi: "3.1.0",
    info: {
      title: "Fairway",
      version,
      description: "The HTTP interface of a Fairway daemon. The CLI uses nothing else.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, or the session of a program" },
        session: { type: "apiKey", in: "cookie", name: "__Host-fairway", description: "The session of a browser" },
      },
    },
  };
  return createDocument(document);
}

/** Every change carries it, so that no web page can make a browser send one. */
const ownRequest = z.object({ [requestHeader]: z.literal("1").describe("Tells that no web page asks") });

function operation(operationId: string, route: Route): NonNullable<ZodOpenApiPathsObject[string]["get"]> {
  const media = { json: "application/json", stream: "text/event-stream", file: "text/plain" }[route.kind];
  return {
    operationId,
    summary: route.summary,
    requestParams: {
      path: route.params,
      query: route.query,
      ...(route.method === "POST" ? { header: ownRequest } : {}),
    },
    // The empty one: a daemon without people, on its own machine's address, asks nobody.
    security: route.access === "open" ? [] : [{ token: [] }, { session: [] }, {}],
    "x-fairway-access": route.access,
    ...(route.stepUp ? { "x-fairway-step-up": true } : {}),
    ...(route.machines ? { "x-fairway-machines": true } : {}),
    ...(route.body ? { requestBody: { required: true, content: { "application/json": { schema: route.body } } } } : {}),
    responses: {
      "200": { description: "Done", content: { [media]: { schema: route.answer } } },
      default: { description: "Refused", content: { "application/json": { schema: problem } } },
    },
  };
}
