import { type SQL, sql } from 'drizzle-orm'

/**
 * What lets a node take a task, each rule once: the claim filters by them, and "why not here" selects them. All speak of a
 * task `t` and a node `n` of the same runtime.
 */
export const eligibility = {
  /** An interactive request may name the one node that must answer. */
  chosen: sql`(t.only_node_id is null or t.only_node_id = n.id)`,
  knowsKind: sql`n.capabilities -> 'taskKinds' @> to_jsonb(t.kind)`,
  knowsStores: sql`n.capabilities -> 'storeTypes' @> t.store_types`,
  /** Failover never asks for a password again: a node takes only what it has really opened, that version or a newer one. */
  hasCredentials: sql`not exists (
    select from jsonb_to_recordset(t.required_credentials) as needed("linkedServiceId" uuid, version int)
    where needed.version > 0 and not exists (
      select from node_credentials opened
      where opened.node_id = n.id and opened.linked_service_id = needed."linkedServiceId"
        and opened.version >= needed.version and opened.opened_at is not null))`,
  /** A cordoned node still answers questions that name it, such as a connection test. */
  isWanted: sql`(n.wish = 'active' or (t.only_node_id = n.id and t.interactive))`,
} as const satisfies Record<string, SQL>

export const mayTake: SQL = sql`${eligibility.chosen} and ${eligibility.knowsKind} and ${eligibility.knowsStores}
  and ${eligibility.hasCredentials} and ${eligibility.isWanted}
  and n.removed_at is null and n.quarantined_at is null`
