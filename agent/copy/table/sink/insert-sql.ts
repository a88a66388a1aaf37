import { quoteName, quoteNames, quoteTable } from '../../../connectors/postgresql/quote.ts'
import { TaskFailure } from '../../failure.ts'
import { castSql } from '../columns/cast-sql.ts'
import type { TableSinkEngine } from './sink-plan.ts'

/** Says which values were cast: the server does not, where it refuses one of them. */
export function refusedCast({ casts }: Pick<TableSinkEngine, 'casts'>): (error: unknown) => never {
  const names = Object.entries(casts).map(([column, type]) => `“${column}” to ${type}`)
  return (error) => {
    if (!(error instanceof TaskFailure && error.code === 'invalid_data') || names.length === 0) throw error
    const remedy = `It was making ${names.join(', ')}: choose another type for the column whose values differ.`
    throw new TaskFailure(error.code, `${error.message} ${remedy}`, { side: error.side, cause: error.cause })
  }
}

/** Moves staged rows to the target, with the plan's casts; an upsert by its keys. `from`: a quoted table. */
export function insertSql(engine: TableSinkEngine, from: string): string {
  const columns = quoteNames(engine.columns)
  const values = engine.columns.map((column) => {
    const type = engine.casts[column]
    return type === undefined ? quoteName(column) : castSql(quoteName(column), { to: type })
  })
  const insert = `INSERT INTO ${quoteTable(engine.target)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${values.join(', ')} FROM ${from}`
  if (engine.writeBehavior !== 'upsert') return insert
  const others = engine.columns.filter((column) => !engine.keys.includes(column))
  const updates = others.map((column) => `${quoteName(column)} = excluded.${quoteName(column)}`)
  const action = updates.length > 0 ? `DO UPDATE SET ${updates.join(', ')}` : 'DO NOTHING'
  return `${insert} ON CONFLICT (${quoteNames(engine.keys)}) ${action}`
}
