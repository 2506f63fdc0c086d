/**
 * What is remembered of services that platforms serve: of the newest rollout of each, written before each effect. Whoever
 * writes brings a token; what is older than the newest seen is refused.
 */
export const hostedMigration = `
create table fairway.hosted_services (
  scope text primary key,
  epoch bigint not null,
  marks json
);
`;
