/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role -- the phone's
   layout takes the table's display away, and with it the meaning: written-out roles keep it */
import { clsx } from 'clsx'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { BeyondTheEnd } from './beyond-the-end'
import { phonePlace, type Column } from './columns'
import { Pager, type Paging } from './pager'
import { RowKeys } from './row-keys'

type DataTableProps<Row> = {
  /** Names the table for a screen reader: "Runtimes of acme". */
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** Makes the whole row a link; its first cell's text is the link's name. */
  rowHref?: ((row: Row) => string) | undefined
  /** A RowActions menu at the end of each row. */
  rowActions?: ((row: Row) => ReactNode) | undefined
  /** FilterBox and other filters, above the rows. */
  toolbar?: ReactNode
  /** An EmptyState, or a sentence that no row matches the filter; not where only this page is beyond the rows. */
  empty: ReactNode
  paging?: Paging | undefined
}

/**
 * Rows of things, edge to edge in their panel. It has no state of its own, so a page renders it on the server; `j`, `k`
 * and Enter move through it. Use it on the client too, where rows are live.
 */
export function DataTable<Row>({ toolbar, empty, paging, ...table }: DataTableProps<Row>) {
  return (
    <div className="min-w-0 rounded-lg border bg-panel">
      {toolbar ? <div className="flex flex-wrap items-center gap-2 border-b p-2">{toolbar}</div> : null}
      {table.rows.length === 0 ? (
        <div>
          {paging?.previousHref ? <BeyondTheEnd href={paging.previousHref} order={paging.order} /> : empty}
        </div>
      ) : (
        <Rows {...table} />
      )}
      {paging ? <Pager {...paging} /> : null}
    </div>
  )
}

type RowsProps<Row> = Omit<DataTableProps<Row>, 'toolbar' | 'empty' | 'paging'>

function Rows<Row>({ label, columns, rows, rowKey, rowHref, rowActions }: RowsProps<Row>) {
  return (
    <RowKeys>
      <table role="table" aria-label={label} className="block w-full border-collapse text-sm md:table">
        <thead role="rowgroup" className="sr-only md:not-sr-only md:table-header-group">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.id} role="columnheader" scope="col" className={headClass(column)}>
                {column.header}
              </th>
            ))}
            {rowActions ? (
              <th role="columnheader" scope="col" className={clsx(head, 'w-12')}>
                <span className="sr-only">Actions</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody role="rowgroup" className="block md:table-row-group">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row" className={clsx(rowClass, rowHref && 'hover:bg-hover')}>
              {columns.map((column, index) => (
                <td key={column.id} role="cell" className={cellClass(column, index)}>
                  {index === 0 && rowHref ? (
                    <Link data-row href={rowHref(row)} className={rowLink}>
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
              {rowActions ? (
                <td role="cell" className="relative order-3 -mr-2 py-0 text-right md:mr-0 md:h-9 md:px-2">
                  {rowActions(row)}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </RowKeys>
  )
}

const head = clsx(
  'sticky top-12 z-10 h-8 border-b bg-panel px-3 text-left text-xs font-medium whitespace-nowrap text-fg-muted',
  'first:rounded-tl-lg first:pl-4 last:rounded-tr-lg last:pr-4',
)

/** On a phone: a line of title and aside, a forced break (`after`), and a line of details. */
const rowClass = clsx(
  'relative flex flex-wrap items-center gap-x-3 border-b px-4 py-2 last:border-b-0',
  'after:order-4 after:basis-full after:content-[""] md:table-row md:p-0 md:after:hidden',
  'focus-within:bg-hover',
)

const rowLink = clsx(
  'font-medium text-fg outline-none after:absolute after:inset-0 after:rounded-sm',
  'focus-visible:after:outline-2 focus-visible:after:outline-offset-[-2px] focus-visible:after:outline-accent-border',
)

const places = {
  // A name may be one long word.
  title: 'order-1 min-w-0 flex-1 basis-0 wrap-anywhere',
  aside: 'order-2',
  detail: 'order-5 min-w-0 text-fg-muted wrap-anywhere md:wrap-normal md:text-fg',
  hidden: 'hidden',
}

function headClass<Row>(column: Column<Row>): string {
  return clsx(head, column.width, column.align === 'right' && 'text-right!')
}

function cellClass<Row>(column: Column<Row>, index: number): string {
  return clsx(
    'md:table-cell md:h-9 md:px-3 md:py-1.5 md:align-middle md:first:pl-4 md:last:pr-4',
    places[phonePlace(column, index)],
    // Without a width of its own, it would give all of its room away.
    phonePlace(column, index) === 'title' && !column.width && 'md:wrap-normal',
    column.align === 'right' && 'text-right whitespace-nowrap tabular-nums',
    column.truncate && 'truncate md:max-w-0',
    column.mono && 'font-mono text-xs',
    column.width,
  )
}
