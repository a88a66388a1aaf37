import type { CopyIn } from '../../../connectors/postgresql/copy-streams.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { subtractDigest } from '../../../digest/row-digest.ts'
import { TaskFailure } from '../../failure.ts'
import type { TaskContext } from '../../task-context.ts'
import { type ChunkOptions, type ChunkWriter, openChunkWriter } from './chunk-writer.ts'
import { commitGuarded, Ledger, type PartKey, type PartProgress } from './ledger.ts'
import { digestOf } from '../pass-through.ts'
import { requireSameColumns } from '../columns/same-columns.ts'

/** The writing end of one part: chunks, each committed together with the part's new position. */
export interface SinkPart {
  /** What is committed so far, by earlier attempts too. */
  readonly progress: PartProgress
  /** Starts the next chunk, in a transaction. */
  begin(): Promise<CopyIn>
  /** Ends it. Nothing becomes visible, and the position stays, when this throws. */
  commit(next: PartProgress): Promise<void>
  close(): Promise<void>
}

export type SinkPartOptions = ChunkOptions & { runId: string; key: PartKey }

/** Takes the part over from whoever had it, and writes it with the ledger in the same transactions. */
export class LedgerSinkPart implements SinkPart {
  progress: PartProgress
  readonly #session: PgSession
  readonly #ledger: Ledger
  readonly #options: SinkPartOptions
  readonly #ctx: Pick<TaskContext, 'canCommit'>
  readonly #chunks: ChunkWriter

  private constructor(
    { session, ledger, chunks, progress }: Opened,
    options: SinkPartOptions,
    ctx: Pick<TaskContext, 'canCommit'>,
  ) {
    this.progress = progress
    this.#session = session
    this.#ledger = ledger
    this.#chunks = chunks
    this.#options = options
    this.#ctx = ctx
  }

  static async open(
    session: PgSession,
    options: SinkPartOptions,
    ctx: Pick<TaskContext, 'canCommit'>,
  ): Promise<LedgerSinkPart> {
    const { engine, runId, key } = options
    if (!engine.ledger) throw new TaskFailure('internal', 'this plan has no ledger')
    const ledger = new Ledger(session, engine.ledger, runId)
    const progress = await ledger.takePart(key)
    await ledger.endOlderSessions(key.epoch, key.part)
    if (isStraight(options)) await requireSameColumns(session, engine)
    const chunks = await openChunkWriter(session, options)
    return new LedgerSinkPart({ session, ledger, chunks, progress }, options, ctx)
  }

  async begin(): Promise<CopyIn> {
    await this.#session.query('BEGIN')
    return this.#chunks.begin()
  }

  async commit(next: PartProgress): Promise<void> {
    await this.#chunks.settle(subtractDigest(digestOf(next), digestOf(this.progress)))
    requireLease(this.#ctx)
    const sql = this.#ledger.commitPartSql(this.#options.key, this.progress.position, next)
    await commitGuarded(this.#session, sql)
    this.progress = next
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}

/** Binary rows go into the target itself. */
function isStraight({ engine, format }: ChunkOptions): boolean {
  return format === 'FORMAT binary' && engine.mode === 'direct' && engine.chunks !== 'temporary'
}

type Opened = { session: PgSession; ledger: Ledger; chunks: ChunkWriter; progress: PartProgress }

/** Past the lease somebody else may own the task: the sink would refuse us, but we need not even try. */
export function requireLease(ctx: Pick<TaskContext, 'canCommit'>): void {
  if (!ctx.canCommit())
    throw new TaskFailure('fenced', 'The lease lapsed before the commit; nothing more was written.')
}
