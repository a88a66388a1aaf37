import type { CopySink, CopySource } from '../../lib/protocol/copy-plan.ts'
import type { TestDatabase } from './copy-harness.ts'

type TableSource = Extract<CopySource, { kind: 'table' }>
export type TableSink = Extract<CopySink, { kind: 'table' }>

/** A table of `public`, as all that tests make. */
export function tableSource({ store }: TestDatabase, table: string): TableSource {
  return { kind: 'table', store, schema: 'public', table }
}

export function tableSink({ store }: TestDatabase, table: string, rest: Partial<TableSink> = {}): TableSink {
  return {
    kind: 'table',
    store,
    schema: 'public',
    table,
    writeBehavior: 'append',
    createTable: true,
    keys: [],
    ...rest,
  }
}
