import { and, asc, count, desc, eq, gt, ilike, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import { auditLog } from '@/drizzle/schema/audit'
import { factories } from '@/drizzle/schema/factories'
import { type AuditActor, firstHash, hashAuditRow } from '@/lib/audit/append'
import type { AuditFilters, EntryCount } from '@/lib/audit/schemas'
import { type Context, requirePermission } from '@/lib/command'
import { containing } from '@/lib/like'
import { runtimeScope } from '@/lib/runtimes/scope'

export type AuditRow = {
  seq: number
  at: Date
  actor: AuditActor
  action: string
  entityId: string
  entityName: string
  before: unknown
  after: unknown
  hash: string
}
export type AuditPage<Row = AuditRow> = { rows: Row[]; count: EntryCount; nextBefore: number | null }
/** Who did what to whom, without what it was before and after: that is for those who may read the audit log. */
export type ActivityRow = Omit<AuditRow, 'before' | 'after' | 'hash'>

const pageSize = 50
const { seq, at, actor, action, entityId, entityName, before, after, hash } = auditLog

/** The whole tenant's log, the newest first. */
export async function listAuditEntries(ctx: Context, filters: AuditFilters): Promise<AuditPage> {
  requirePermission(ctx, 'audit.read', { tenantId: ctx.actor.tenantId })
  const wanted = and(
    eq(auditLog.tenantId, ctx.actor.tenantId),
    filters.factory ? eq(auditLog.factoryId, filters.factory) : undefined,
    filters.inFactory ? inArray(auditLog.factoryId, factoriesCalled(ctx, filters.inFactory)) : undefined,
    filters.q ? contains(filters.q) : undefined,
  )
  const rows = await ctx.db
    .select({ seq, at, actor, action, entityId, entityName, before, after, hash })
    .from(auditLog)
    .where(and(wanted, filters.before ? lt(seq, filters.before) : undefined))
    .orderBy(desc(seq))
    .limit(pageSize + 1)
  const whole = [filters.factory, filters.inFactory, filters.q].every((filter) => filter === undefined)
  return {
    ...cut(rows),
    count: whole ? await countAll(ctx) : await countSome(ctx, { wanted, rows, before: filters.before }),
  }
}

/** What was done to a runtime, its keys, its links and its nodes, the newest first. */
export async function listRuntimeActivity(
  ctx: Context,
  runtimeId: string,
  beforeSeq?: number,
): Promise<AuditPage<ActivityRow>> {
  requirePermission(ctx, 'runtimes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  // One list: with "or", the whole log would be read.
  const own = sql`(select ${runtimeId}::text union all select n.id::text from nodes n where n.runtime_id = ${runtimeId})`
  const wanted = and(eq(auditLog.tenantId, ctx.actor.tenantId), sql`${entityId} in ${own}`)
  const rows = await ctx.db
    .select({ seq, at, actor, action, entityId, entityName })
    .from(auditLog)
    .where(and(wanted, beforeSeq ? lt(seq, beforeSeq) : undefined))
    .orderBy(desc(seq))
    .limit(pageSize + 1)
  return { ...cut(rows), count: await countSome(ctx, { wanted, rows, before: beforeSeq }) }
}

/** Entries are numbered without a gap, and never removed. */
async function countAll(ctx: Context): Promise<EntryCount> {
  const [newest] = await ctx.db
    .select({ seq })
    .from(auditLog)
    .where(eq(auditLog.tenantId, ctx.actor.tenantId))
    .orderBy(desc(seq))
    .limit(1)
  return { total: newest?.seq ?? 0, isMore: false }
}

/** A log of years is not read to its end for a number. */
const countedAtMost = 10_000

/** What fits on the first page counts itself. */
async function countSome(
  ctx: Context,
  page: { wanted: SQL | undefined; rows: unknown[]; before: number | undefined },
): Promise<EntryCount> {
  if (!page.before && page.rows.length <= pageSize) return { total: page.rows.length, isMore: false }
  const some = ctx.db
    .select({ seq })
    .from(auditLog)
    .where(page.wanted)
    .limit(countedAtMost + 1)
    .as('some')
  const [counted] = await ctx.db.select({ found: count() }).from(some)
  const found = counted?.found ?? 0
  return { total: Math.min(found, countedAtMost), isMore: found > countedAtMost }
}

export type ChainCheck = {
  ok: boolean
  /** Entries read, up to and including the first that is wrong. */
  checked: number
  headHash: string
  problem: { seq: number; reason: string } | null
}

/** Computes every entry's hash again: a removed, added or altered entry breaks the chain at its place. */
export async function verifyAuditChain(ctx: Context): Promise<ChainCheck> {
  requirePermission(ctx, 'audit.read', { tenantId: ctx.actor.tenantId })
  let [checked, headHash] = [0, firstHash]
  for (;;) {
    const rows = await ctx.db
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.tenantId, ctx.actor.tenantId), gt(seq, checked)))
      .orderBy(asc(seq))
      .limit(1000)
    for (const { hash: kept, ...row } of rows) {
      const reason = wrong(row, kept, { expectedSeq: checked + 1, headHash })
      checked += 1
      if (reason) return { ok: false, checked, headHash, problem: { seq: row.seq, reason } }
      headHash = kept
    }
    if (rows.length === 0) return { ok: true, checked, headHash, problem: null }
  }
}

function wrong(
  row: Parameters<typeof hashAuditRow>[0],
  kept: string,
  { expectedSeq, headHash }: { expectedSeq: number; headHash: string },
): string | null {
  if (row.seq !== expectedSeq) return `Entry ${expectedSeq} is missing: the log goes on with entry ${row.seq}`
  if (row.previousHash !== headHash) return `Entry ${row.seq} does not follow the one before it`
  if (hashAuditRow(row) !== kept) return `Entry ${row.seq} was altered after it was written`
  return null
}

function factoriesCalled({ actor, db }: Context, name: string) {
  return db
    .select({ id: factories.id })
    .from(factories)
    .where(and(eq(factories.tenantId, actor.tenantId), ilike(factories.name, containing(name))))
}

function contains(words: string): SQL | undefined {
  const pattern = containing(words)
  return or(
    ilike(action, pattern),
    ilike(entityName, pattern),
    ilike(entityId, pattern),
    ilike(sql`${actor} ->> 'name'`, pattern),
  )
}

function cut<Row extends { seq: number }>(rows: Row[]): { rows: Row[]; nextBefore: number | null } {
  const page = rows.slice(0, pageSize)
  return { rows: page, nextBefore: rows.length > pageSize ? (page.at(-1)?.seq ?? null) : null }
}
