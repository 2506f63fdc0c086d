import { randomUUID } from "node:crypto";

import { readJsonBody } from "../../shared/json-body.mjs";

/** Asking what a thing is worth: a long job of the inference service, started here and looked at until it is done. */
export const appraisalRoutes = ({ inference }) => [
  {
    method: "POST",
    path: "/api/appraisals",
    async handle({ request }) {
      const body = await readJsonBody(request);
      const key = request.headers["idempotency-key"] ?? randomUUID();
      const answer = await inference.call("POST", "/jobs", { body, headers: { "idempotency-key": key } });
      return answer.status === 202 ? { ...answer, headers: { location: `/api/appraisals/${answer.body.id}` } } : answer;
    },
  },
  {
    method: "GET",
    path: "/api/appraisals/:id",
    handle: ({ params }) => inference.call("GET", `/jobs/${encodeURIComponent(params.id)}`),
  },
];
