import type { VerificationLevel } from '../../../../lib/protocol/copy-plan.ts'
import {
  quoteName,
  quoteNames,
  quoteTable,
  quoteText,
  showTable,
} from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { digestHex, type RowDigest } from '../../../digest/row-digest.ts'
import { TaskFailure } from '../../failure.ts'
import { inParts, sayRows } from '../../say-rows.ts'
import type { TaskContext } from '../../task-context.ts'
import { commitGuarded, Ledger, type PartProgress } from './ledger.ts'
import { castSql } from '../columns/cast-sql.ts'
import { insertSql, refusedCast } from './insert-sql.ts'
import { digestTable, type RowReader } from './read-back.ts'
import { requireLease } from './sink-part.ts'
import type { TableSinkEngine } from './sink-plan.ts'
import { analyzeStaging, areAlike, swapTarget } from './swap-target.ts'

export type TableOutcome = { rowsWritten: string; sinkDigest: string; checks: string[] }

export type PublishTable = {
  engine: TableSinkEngine
  runId: string
  epoch: number
  verification: VerificationLevel
  /** What the parts say they committed, by part. */
  parts: ReadonlyMap<number, Pick<PartProgress, 'rows' | 'digest'>>
  /** All of them together. */
  expected: RowDigest
  /** How the sink is read again in the copy's canonical form. */
  read: RowReader
}

/** Makes the rows visible, all at once and only once: run again after a lost answer it finds its own mark and reports the same. */
export async function publishTable(
  publish: PublishTable,
  sessions: readonly [PgSession, PgSession],
  ctx: TaskContext,
): Promise<TableOutcome> {
  const { engine, epoch, expected } = publish
  if (!engine.ledger) return withoutLedger(publish)
  const [session] = sessions
  const ledger = new Ledger(session, engine.ledger, publish.runId)
  const run = await ledger.claimRun(epoch)
  if (run.state === 'published') return (run.note as { outcome: TableOutcome }).outcome
  if (run.state === 'cleaned') throw new TaskFailure('not_found', 'What the copy had staged was removed.')
  requireSameParts(publish.parts, await ledger.closeParts(epoch))
  await ledger.endOlderSessions(epoch)
  const checks = streamChecks(publish)
  if (publish.verification === 'content' && engine.mode !== 'direct')
    checks.push(await verifyContent(publish, sessions, ctx))
  if (engine.mode === 'refill' && (await areAlike(session, engine))) await analyzeStaging(session, engine)
  await ctx.committing()
  return retryLocked(ctx, async () => {
    await session.query("BEGIN; SET LOCAL lock_timeout = '5s'")
    try {
      const made = await makeVisible(session, publish)
      await advanceSequences(session, engine)
      requireLease(ctx)
      const rowsWritten = String(made.rows)
      const outcome = {
        rowsWritten,
        sinkDigest: digestHex(expected),
        checks: [...checks, ...castCheck(engine), made.check],
      }
      await commitGuarded(session, ledger.commitRunSql(epoch, { outcome }))
      return outcome
    } catch (error) {
      await session.query('ROLLBACK').catch(() => {})
      await ledger.endOlderSessions(epoch).catch(() => {})
      throw error
    }
  })
}

function withoutLedger(publish: PublishTable): TableOutcome {
  const { expected, verification } = publish
  const content =
    verification === 'content' ? [`${sayRows(expected.rows)} read again before the commit: same digest`] : []
  return {
    rowsWritten: String(expected.rows),
    sinkDigest: digestHex(expected),
    checks: [...streamChecks(publish), ...content, 'committed as one transaction'],
  }
}

function requireSameParts(
  reported: PublishTable['parts'],
  committed: ReadonlyMap<number, PartProgress>,
): void {
  for (const [part, { rows, digest }] of reported) {
    const found = committed.get(part)
    if (found?.isDone && found.rows === rows && found.digest === digest) continue
    throw new TaskFailure(
      'verification_failed',
      `The ledger of the sink knows part ${part} with ${found?.rows ?? 'no'} rows, but ${rows} were reported.`,
      { side: 'sink' },
    )
  }
}

function streamChecks({ verification, expected, parts }: PublishTable): string[] {
  const checks = [
    `${sayRows(expected.rows)} read and ${sayRows(expected.rows)} taken by the sink, per chunk and in total`,
  ]
  if (verification !== 'counts')
    checks.push(`digest of the rows as read equals digest of the rows as sent, ${inParts(parts.size)}`)
  return checks
}

async function verifyContent(
  { engine, expected, read }: PublishTable,
  sessions: readonly [PgSession, PgSession],
  ctx: TaskContext,
): Promise<string> {
  ctx.progress({ phase: 'verifying', rows: String(expected.rows), bytes: String(expected.bytes) })
  const found = await digestTable(sessions, engine, read)
  if (found.rows === expected.rows && digestHex(found) === digestHex(expected))
    return `${sayRows(found.rows)} read again from staging: same digest`
  throw new TaskFailure(
    'verification_failed',
    found.rows === expected.rows
      ? `The staged rows were read again and their digest differs from the source's (${sayRows(found.rows)}).`
      : `${sayRows(expected.rows)} were copied, but ${found.rows} were found when they were read again.`,
    { side: 'sink' },
  )
}

function castCheck({ casts }: TableSinkEngine): string[] {
  const names = Object.entries(casts).map(([column, type]) => `${column} to ${type}`)
  return names.length > 0
    ? [`cast from the staged values by the server of the sink: ${names.join(', ')}`]
    : []
}

type Visible = { rows: bigint; check: string }

async function makeVisible(session: PgSession, publish: PublishTable): Promise<Visible> {
  const { engine, expected } = publish
  const [target, staging] = [quoteTable(engine.target), quoteTable(engine.writeTo)]
  const name = showTable(engine.target)
  if (engine.mode === 'direct') {
    const check =
      engine.chunks === 'plain'
        ? `rows were committed to ${name} chunk by chunk`
        : `rows were read again with the same digest, and then committed to ${name}, chunk by chunk`
    return { rows: expected.rows, check }
  }
  if (engine.mode === 'rename') {
    const casts = Object.entries(engine.casts).map(([column, type]) => {
      const name = quoteName(column)
      return `ALTER ${name} TYPE ${type} USING ${castSql(name, { to: type })}`
    })
    if (casts.length > 0)
      await session.query(`ALTER TABLE ${staging} ${casts.join(', ')}`).catch(refusedCast(engine))
    await session
      .query(`ALTER TABLE ${staging} RENAME TO ${quoteName(engine.target.table)}`)
      .catch(tableAppeared)
    if (engine.primaryKey.length > 0)
      await session.query(`ALTER TABLE ${target} ADD PRIMARY KEY (${quoteNames(engine.primaryKey)})`)
    return { rows: expected.rows, check: `new table ${name} appeared at once` }
  }
  if (engine.mode === 'refill' && (await swapTarget(session, engine)))
    return { rows: expected.rows, check: `contents replaced at once: the staged table became ${name}` }
  const emptied = engine.mode === 'refill' ? await emptyTarget(session, engine) : null
  const { rowCount } = await session.query(insertSql(engine, staging)).catch(refusedCast(engine))
  const mayKeepRows = engine.writeBehavior === 'upsert' && engine.keys.length === engine.columns.length
  if (BigInt(rowCount ?? 0) !== expected.rows && !mayKeepRows)
    throw new TaskFailure(
      'verification_failed',
      `${expected.rows} rows were staged, but ${name} took ${rowCount ?? 0} (a trigger or rule?).`,
      { side: 'sink' },
    )
  await session.query(`DROP TABLE ${staging}`)
  return {
    rows: expected.rows,
    check: `${checkTexts[engine.mode]}${emptied ?? ''} ${name} in one transaction`,
  }
}

const checkTexts: Record<'refill' | 'insert' | 'upsert' | 'transaction', string> = {
  refill: 'contents replaced, keeping the table with its views, privileges, indexes and constraints: ',
  insert: 'rows appended to',
  upsert: 'rows inserted or updated by key in',
  transaction: 'rows written to',
}

/** TRUNCATE where it is allowed and no other table refers to this one; DELETE otherwise. Returns which. */
export async function emptyTarget(session: PgSession, engine: TableSinkEngine): Promise<string> {
  const target = quoteTable(engine.target)
  const { rows } = await session.query<{ fits: boolean }>(
    `SELECT has_table_privilege(oid, 'TRUNCATE') AND relkind IN ('r', 'p') AND NOT EXISTS (
       SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = c.oid AND conrelid <> c.oid) AS fits
     FROM pg_class c WHERE oid = to_regclass($1)`,
    [target],
  )
  const [found] = rows
  if (!found)
    throw new TaskFailure('not_found', `Table ${showTable(engine.target)} is gone.`, { side: 'sink' })
  await session.query(found.fits ? `TRUNCATE ${target}` : `DELETE FROM ${target}`)
  return found.fits ? 'TRUNCATE and INSERT into' : 'DELETE and INSERT into'
}

/**
 * Identity and serial columns go on above the copied values, where the login may say so. Values beyond a sequence's own end do
 * not count, nor does what is no number: a sequence may also belong to the column whose text default is made with it.
 */
export async function advanceSequences(session: PgSession, engine: TableSinkEngine): Promise<void> {
  const target = quoteTable(engine.target)
  const { rows } = await session.query<{ name: string; sequence: string; end: string }>(
    `SELECT name, sequence, seqmax::text AS end FROM (SELECT name, pg_get_serial_sequence($1, name) AS sequence FROM unnest($2::text[]) AS name) AS owned
     JOIN pg_sequence ON seqrelid = sequence::regclass
     JOIN pg_attribute ON attrelid = to_regclass($1) AND attname = name
     JOIN pg_type t ON t.oid = atttypid AND typcategory = 'N'
     WHERE has_sequence_privilege(sequence, 'UPDATE') AND has_sequence_privilege(sequence, 'SELECT')
       AND has_column_privilege($1, name, 'SELECT')`,
    [target, engine.columns],
  )
  for (const { name, sequence, end } of rows)
    await session.query(
      `SELECT setval(${quoteText(sequence)}, largest) FROM (
         SELECT max(${quoteName(name)})::int8 AS largest FROM ${target} WHERE ${quoteName(name)} <= ${end}) AS used
       WHERE largest > (SELECT last_value FROM ${sequence})`,
    )
}

function tableAppeared(error: unknown): never {
  if (error instanceof TaskFailure && error.code === 'already_exists')
    throw new TaskFailure(
      'store_conflict',
      'A table with the name of the target was created while the copy ran.',
      {
        side: 'sink',
      },
    )
  throw error
}

/** Twelve attempts of five seconds: other sessions may hold the table for a while, but not for good. */
const lockAttempts = 12

async function retryLocked<T>(ctx: TaskContext, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const isLocked =
        error instanceof TaskFailure && error.code === 'store_conflict' && isLockTimeout(error.cause)
      if (!isLocked || attempt === lockAttempts) throw error
      ctx.log('warn', 'Another session holds the target table; trying again.')
    }
  }
}

function isLockTimeout(cause: unknown): boolean {
  return cause instanceof Object && 'code' in cause && cause.code === '55P03'
}
