import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Capabilities, NodeMachine, NodePolicy } from '../../lib/protocol/enrolment'
import type { Resources } from '../../lib/protocol/task'
import { nodeWishes } from '../../lib/nodes/schemas'
import { admissionPolicies, authKeyNames, runtimeKinds } from '../../lib/runtimes/schemas'
import { createdAt, id, instant } from './columns'
import { factories } from './factories'
import { tenants, users } from './tenants'

export const runtimes = pgTable(
  'runtimes',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    factoryId: uuid()
      .notNull()
      .references(() => factories.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    kind: text({ enum: runtimeKinds }).notNull().default('SelfHosted'),
    description: text().notNull().default(''),
    /** How long a node may be silent before its tasks move on (blueprint, section 6). */
    leaseSeconds: integer().notNull().default(60),
    admission: text({ enum: admissionPolicies }).notNull().default('standard'),
    /** Grows with every change that nodes must pull: log, wraps, credentials, newcomers. */
    vaultVersion: bigint({ mode: 'number' }).notNull().default(0),
    /** 0: no vault yet. */
    vaultGeneration: integer().notNull().default(0),
    vaultPublicKey: text(),
    /** The node that was handed the vault's work (found, admit, rotate), and until when nobody else is. */
    vaultWorkNodeId: uuid(),
    vaultWorkUntil: instant(),
    createdAt: createdAt(),
    createdBy: uuid().references(() => users.id, { onDelete: 'set null' }),
  },
  (t) => [uniqueIndex('runtimes_name').on(t.factoryId, sql`lower(${t.name})`)],
)

export const authKeys = pgTable(
  'auth_keys',
  {
    id: id(),
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'cascade' }),
    name: text({ enum: authKeyNames }).notNull(),
    keyHash: text().notNull().unique(),
    /** AES-256-GCM under the portal's own key file, so that an owner can read it again. */
    sealedKey: text().notNull(),
    createdAt: createdAt(),
    lastUsedAt: instant(),
    lastUsedByNodeId: uuid(),
  },
  (t) => [unique('auth_keys_name').on(t.runtimeId, t.name)],
)

export const enrolmentLinks = pgTable(
  'enrolment_links',
  {
    id: id(),
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'cascade' }),
    /** SHA-256 of half A. Half B never reaches the portal in clear. */
    secretHash: text().notNull(),
    sealedSecret: jsonb().$type<{ generation: number; enc: string; ciphertext: string }>(),
    createdAt: createdAt(),
    createdBy: uuid().references(() => users.id, { onDelete: 'set null' }),
    expiresAt: instant().notNull(),
    usedAt: instant(),
    usedByNodeId: uuid(),
    revokedAt: instant(),
  },
  (t) => [index('enrolment_links_runtime').on(t.runtimeId)],
)

export const nodes = pgTable(
  'nodes',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'cascade' }),
    /** Given at registration, unique per runtime, never changes. */
    name: text().notNull(),
    displayName: text().notNull(),
    signingKey: text().notNull(),
    vaultKey: text().notNull(),
    vaultKeySignature: text().notNull(),
    /** Since when these keys count; null: since it was registered. */
    keysSince: instant(),
    /** Offered by the node, and accepted beside the others until they are first used. */
    nextSigningKey: text(),
    nextVaultKey: text(),
    nextVaultKeySignature: text(),
    nextKeysAt: instant(),
    wish: text({ enum: nodeWishes }).notNull().default('active'),
    registeredVia: jsonb()
      .$type<{ by: 'authKey'; name: string } | { by: 'link'; linkId: string; proof: string }>()
      .notNull(),
    registeredAt: createdAt(),
    removedAt: instant(),
    removedReason: text(),
    /** Two machines showed this identity at the same time: refused until somebody decides. */
    quarantinedAt: instant(),
    incarnation: uuid(),
    /** The process before; its return beside the present one means that two machines live under this identity. */
    previousIncarnation: uuid(),
    incarnationSince: instant(),
    machine: jsonb().$type<NodeMachine>().notNull(),
    capabilities: jsonb().$type<Capabilities>().notNull(),
    /** What the machine's owner allows; null: its agent never said. */
    policy: jsonb().$type<NodePolicy>(),
    address: text().notNull().default(''),
    lastPollAt: instant(),
    lastSeenAt: instant(),
    slotsTotal: integer().notNull(),
    slotsFree: integer().notNull().default(0),
    interactiveFree: integer().notNull().default(0),
    resources: jsonb().$type<Resources>(),
    /** The newest generation whose private key this node has opened; 0: not yet admitted. */
    vaultGeneration: integer().notNull().default(0),
    vaultError: text(),
    /** Since when only a person's approval, on the machine of a member, can admit it to the vault. */
    approvalSince: instant(),
  },
  (t) => [
    uniqueIndex('nodes_name')
      .on(t.runtimeId, sql`lower(${t.name})`)
      .where(sql`removed_at is null`),
    index('nodes_runtime').on(t.runtimeId),
  ],
)

/** Seen nonces, kept 3 minutes. UNLOGGED (set in the migration): a crash reopens a 60 s window in which effects are idempotent by epoch. */
export const nodeNonces = pgTable(
  'node_nonces',
  {
    nodeId: uuid().notNull(),
    nonce: text().notNull(),
    seenAt: instant()
      .notNull()
      .default(sql`now()`),
  },
  (t) => [unique('node_nonces_once').on(t.nodeId, t.nonce), index('node_nonces_seen').on(t.seenAt)],
)
