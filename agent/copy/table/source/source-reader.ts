import { z } from 'zod'
import type { PartResult } from '../../../../lib/protocol/copy-plan.ts'
import type { CopyOut } from '../../../connectors/postgresql/copy-streams.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import type { CopyFrameScanner } from '../../../digest/copy-frame-scanner.ts'
import { TaskFailure } from '../../failure.ts'
import type { TaskContext } from '../../task-context.ts'
import { chunksOf, type TablePartEngine } from './source-parts.ts'
import { requireSameHeaps } from './steady-heaps.ts'

/** OIDs of types; none in plans of older agents. */
export const SourceTypes = z.array(z.number()).default([])
export type SourceTypes = z.infer<typeof SourceTypes>

export type SourceRead = {
  /** Expressions in the order of the sink's columns. */
  select: string
  /** What the expressions were of when the copy was planned. */
  types: SourceTypes
  part: TablePartEngine
  /** COPY's options: `FORMAT binary`. */
  options: string
  snapshotId: string | undefined
}

/** Reads one part of a table in chunks, all of them in one snapshot. */
export class SourceReader {
  readonly snapshot: PartResult['snapshot']
  readonly #session: PgSession
  readonly #statements: string[]

  private constructor(session: PgSession, read: SourceRead, snapshot: PartResult['snapshot']) {
    this.#session = session
    this.snapshot = snapshot
    this.#statements = chunksOf(read.part).map(
      ({ from, where }) => `COPY (SELECT ${read.select} FROM ${from}${where}) TO STDOUT (${read.options})`,
    )
  }

  static async open(
    session: PgSession,
    read: SourceRead,
    ctx: Pick<TaskContext, 'log'>,
  ): Promise<SourceReader> {
    await session.query(begin)
    const snapshot = await takeSnapshot(session, read, ctx)
    await requireSameHeaps(session, read.part)
    await requireSameTypes(session, read)
    return new SourceReader(session, read, snapshot)
  }

  get chunkCount(): number {
    return this.#statements.length
  }

  startChunk(index: number, scanner: CopyFrameScanner): CopyOut {
    const statement = this.#statements[index]
    if (!statement) throw new TaskFailure('internal', `the part has no chunk ${index}`)
    return this.#session.copyOut(statement, scanner)
  }
}

/** Rows go as the server has them: of another type, as a view that was replaced may have, they would be taken for something else. */
async function requireSameTypes(session: PgSession, { select, types, part }: SourceRead): Promise<void> {
  const [first] = part.ranges
  if (!first || types.length === 0) return
  const { fields } = await session.queryOne(`SELECT ${select} FROM ${first.from} LIMIT 0`)
  if (fields.every(({ dataTypeID }, index) => dataTypeID === types[index])) return
  throw new TaskFailure(
    'source_changed',
    'The columns of the source have other types than when the copy was planned.',
    { side: 'source' },
  )
}

const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/** Takes on the snapshot of all parts, where there still is one. */
async function takeSnapshot(
  session: PgSession,
  { snapshotId }: SourceRead,
  ctx: Pick<TaskContext, 'log'>,
): Promise<PartResult['snapshot']> {
  if (snapshotId === undefined) return 'own'
  try {
    await session.query(`SET TRANSACTION SNAPSHOT '${snapshotId.replaceAll(/[^0-9A-Fa-f-]/g, '')}'`)
    return 'shared'
  } catch (error) {
    if (!(error instanceof TaskFailure) || error.code === 'cancelled') throw error
    ctx.log('warn', 'The snapshot that the parts shared is gone: this part reads the source as it is now.')
    await session.query('ROLLBACK')
    await session.query(begin)
    return 'own'
  }
}
