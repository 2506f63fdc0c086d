/** What lists of plans say of each, so that none reads what is in them: a plan of thousands of resources is megabytes. */
export const planSummariesMigration = `
alter table fairway.infrastructure_plans add column commit_sha text, add column tool text, add column change_count json;
update fairway.infrastructure_plans set
  commit_sha = body->'plan'->'basis'->>'commit',
  tool = body->'plan'->'basis'->>'tool',
  change_count = (
    select json_build_object(
      'create', count(*) filter (where c->>'action' = 'create'),
      'update', count(*) filter (where c->>'action' = 'update'),
      'replace', count(*) filter (where c->>'action' = 'replace'),
      'destroy', count(*) filter (where c->>'action' = 'destroy'))
    from json_array_elements(body->'plan'->'changes') as c);
alter table fairway.infrastructure_plans
  alter column commit_sha set not null, alter column tool set not null, alter column change_count set not null;
`;
