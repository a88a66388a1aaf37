import type { ReactNode } from 'react'

/**
 * One column of a DataTable; columns are constants at module scope: `const columns = [ … ] satisfies Column<Row>[]`.
 * On a phone a row is two lines: `title` and `aside` make the first, `detail` cells the second, `hidden` is left out.
 */
export type Column<Row> = {
  id: string
  header: string
  cell: (row: Row) => ReactNode
  /** Numbers stand to the right. */
  align?: 'right'
  /** Where the cell goes on a phone; the first column is the title, others are details. */
  phone?: 'title' | 'aside' | 'detail' | 'hidden'
  /** Fixed width as a class (`w-32`); one column without takes the rest. */
  width?: string
  /** Long text is cut with an ellipsis instead of widening the table. */
  truncate?: boolean
  mono?: boolean
}

/** Where a column's cell goes on a phone. */
export function phonePlace<Row>(column: Column<Row>, index: number): 'title' | 'aside' | 'detail' | 'hidden' {
  return column.phone ?? (index === 0 ? 'title' : 'detail')
}
