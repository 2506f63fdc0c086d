/**
 * Everything that the audit tells of: `area.verb`, in the past tense of what was done. The list is closed and each area adds
 * its own lines; a word that was ever written is never taken away, because the record stays.
 */
export const auditActions = {
  "access.denied": "Somebody was refused what they asked for.",
  "approval.given": "An approval was given.",
  "approval.refused": "Somebody refused a deployment.",
  "audit.began": "The record began.",
  "audit.exported": "The record was exported.",
  "backup.made": "The database was backed up.",
  "backup.restored": "A backup was put in the place of the database.",
  "daemon.started": "A daemon began to work on the database.",
  "daemon.stopped": "Somebody shut the daemon down.",
  "deployment.requested": "A deployment was asked for.",
  "deployment.ended": "A deployment ended.",
  "flags.changed": "Feature flags were edited; what exactly is in their own record.",
  "flags.keys_replaced": "The keys to an environment's feature flags were replaced.",
  "hold.answered": "Somebody answered what a deployment had asked.",
  "keys.rotated": "The key that seals secrets was exchanged.",
  "promotion.requested": "A promotion was asked for.",
  "quarantine.lifted": "A release was taken out of quarantine.",
  "quarantine.set": "A release was put into quarantine.",
  "release.made": "A release was made.",
  "release.requested": "A release was asked for.",
  "rollback.requested": "A way back was asked for.",
  "router.maintenance": "An environment was closed for maintenance, or opened again.",
  "router.upgraded": "The router was exchanged.",
  "run.retried": "A run was tried again.",
  "run.stopped": "A run was told to stop.",
  "secret.imported": "Secrets were taken over from a file.",
  "secret.removed": "A secret was removed.",
  "secret.rolled_back": "A secret's earlier version was made its newest.",
  "secret.set": "A secret was given a value.",
  "trigger.fired": "Somebody fired a trigger by hand.",
  "workflow.started": "A workflow was started.",
} as const;

/** A word of the closed list. */
export type AuditAction = keyof typeof auditActions;
