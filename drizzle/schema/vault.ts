import { index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { MembershipEntry } from '../../lib/protocol/vault'
import { createdAt, instant } from './columns'
import { linkedServices } from './authoring'
import { nodes, runtimes } from './runtimes'

/** Append-only; the nodes hold the heads and refuse a shorter or forked log. */
export const membershipLog = pgTable(
  'membership_log',
  {
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'cascade' }),
    seq: integer().notNull(),
    entry: jsonb().$type<MembershipEntry>().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runtimeId, t.seq] })],
)

export const vaultWraps = pgTable(
  'vault_wraps',
  {
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'cascade' }),
    generation: integer().notNull(),
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    enc: text().notNull(),
    ciphertext: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.runtimeId, t.generation, t.nodeId] })],
)

/** Which version of which credential a node has really opened, or why it could not. */
export const nodeCredentials = pgTable(
  'node_credentials',
  {
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    linkedServiceId: uuid()
      .notNull()
      .references(() => linkedServices.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    openedAt: instant(),
    error: text(),
  },
  (t) => [
    primaryKey({ columns: [t.nodeId, t.linkedServiceId] }),
    index('node_credentials_service').on(t.linkedServiceId),
  ],
)
