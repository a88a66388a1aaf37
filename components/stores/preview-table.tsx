import { clsx } from 'clsx'

type PreviewTableProps = {
  /** Names the table for a screen reader: "First rows of public.orders". */
  label: string
  columns: readonly { name: string; type: string }[]
  rows: readonly (readonly (string | null)[])[]
}

/** Numbers of PostgreSQL and of Parquet; a list of them is text. */
const numbers = /^(?:(?:small|big)?int|integer|numeric|decimal|real|double|float)(?!.*\[\])/i

/** Rows as the node read them; NULL and the empty text look different. */
export function PreviewTable({ label, columns, rows }: PreviewTableProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="max-h-96 overflow-auto">
      <table className="min-w-full border-collapse text-sm">
        <thead>
          <tr>
            {columns.map(({ name, type }) => (
              <th
                key={name}
                scope="col"
                className={clsx(
                  'sticky top-0 z-10 border-b bg-panel px-3 py-1.5 align-bottom font-medium whitespace-nowrap first:pl-4',
                  numbers.test(type) ? 'text-right' : 'text-left',
                )}
              >
                <span className="block">{name}</span>
                <span className="block font-mono text-xs font-normal text-fg-muted">{type || '–'}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- rows of a preview have no identity
            <tr key={index} className="border-b last:border-b-0">
              {columns.map(({ name, type }, at) => (
                <td
                  key={name}
                  className={clsx(
                    'max-w-80 truncate px-3 py-1.5 tabular-nums first:pl-4 last:pr-4',
                    numbers.test(type) && 'text-right',
                  )}
                >
                  <Value text={row[at] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 ? <p className="px-4 py-6 text-center text-fg-muted">It has no rows.</p> : null}
    </section>
  )
}

function Value({ text }: { text: string | null }) {
  if (text === null) return <span className="text-fg-faint italic">NULL</span>
  if (text === '') return <span className="text-fg-faint italic">empty text</span>
  return <span title={text.length > 40 ? text : undefined}>{text}</span>
}
