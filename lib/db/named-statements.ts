import { createHash } from 'node:crypto'
import type { ClientBase, QueryResult } from 'pg'
import { isNameRefused } from '@/lib/db/database-error'

/** A statement that has come so often will come again. */
const usesBeforeName = 10
/** Every connection keeps every named statement with its plan, about 100 kB each. */
const mostNames = 64
/** Statements that are counted at a time: lists of different lengths make many that never come again. */
const mostCounted = 1000

type Statement = { text: string; name?: string }
type Callback = (error: Error | undefined, result: QueryResult) => void
type Submit = (statement: unknown, values?: unknown, callback?: Callback) => unknown

/**
 * Gives statements that come again and again a name, so that PostgreSQL parses and plans them once per connection: for
 * the queue's own statements that is most of their work. A pooler that hands each transaction to another session without
 * moving named statements along (PgBouncer before 1.21, or with `max_prepared_statements = 0`) shows by the first error;
 * from then on nothing has a name.
 */
export class NamedStatements {
  readonly #uses = new Map<string, number>()
  readonly #names = new Map<string, string>()
  readonly #onRefused: () => void
  #off = false

  constructor(onRefused: () => void) {
    this.#onRefused = onRefused
  }

  /** Call it for every new connection, before its first statement. */
  use(client: ClientBase): void {
    const submit = client.query.bind(client) as Submit
    const named: Submit = (statement, values, callback) => {
      const name = this.#nameOf(statement, values)
      if (name === undefined) return submit(statement, values, callback)
      const withName = { ...(statement as Statement), name }
      if (callback === undefined) return this.#inTransaction(submit(withName, values))
      return submit(withName, values, (error, result) => {
        if (this.#refuses(error)) submit(statement, values, callback)
        else callback(error, result)
      })
    }
    client.query = named as ClientBase['query']
  }

  #nameOf(statement: unknown, values: unknown): string | undefined {
    // Statements without values go by the simple protocol, which has no names.
    if (this.#off || !isStatement(statement) || !Array.isArray(values) || values.length === 0)
      return undefined
    const { text } = statement
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= mostNames) return known
    const uses = (this.#uses.get(text) ?? 0) + 1
    if (this.#uses.size >= mostCounted) this.#uses.clear()
    this.#uses.set(text, uses)
    if (uses < usesBeforeName) return undefined
    const name = `s_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
    this.#names.set(text, name)
    return name
  }

  /** The transaction is lost; whoever began it tries it once more (`translateDatabaseError` says so), without names. */
  async #inTransaction(submitted: unknown): Promise<unknown> {
    try {
      return await submitted
    } catch (error) {
      this.#refuses(error)
      throw error
    }
  }

  #refuses(error: unknown): boolean {
    if (!isNameRefused(error)) return false
    if (!this.#off) this.#onRefused()
    this.#off = true
    return true
  }
}

function isStatement(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && 'text' in value && !('submit' in value)
}
