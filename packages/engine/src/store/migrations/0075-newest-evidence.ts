/**
 * What was so last is found by when it was so, and not by when it was put on record: among hundreds of rows of each of hundreds of
 * duties without reading them all.
 */
export const newestEvidenceMigration = `
create index audit_of_evidence on fairway.audit (subject, action, (entry::json->'detail'->>'observedAt') desc, number desc)
  where action in ('evidence.passed', 'evidence.failed', 'evidence.partial');
`;
