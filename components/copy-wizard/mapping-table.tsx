'use client'

import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { MappingRowEditor } from '@/components/copy-wizard/mapping-row'
import type { CopyMapping } from '@/components/copy-wizard/use-mappings'
import { useWizard } from '@/components/copy-wizard/wizard-context'
import { Button } from '@/components/ui/button'
import { Panel } from '@/components/ui/panel'
import type { PlannedCopy } from '@/lib/copy-wizard/copies'
import type { MappingRow } from '@/lib/copy-wizard/draft'
import type { MappingLine, MappingSink } from '@/lib/copy-wizard/mapping'
import { formatQuantity } from '@/lib/format'

type Known = NonNullable<CopyMapping['known']>
type MappingTableProps = { copy: PlannedCopy; known: Known }

/** So many columns are drawn before somebody asks for all. */
const firstShown = 150

/** The columns of one copy, each with its counterpart, its type there, and what is lost on the way. */
export function MappingTable({ copy, known }: MappingTableProps) {
  const { draft, change } = useWizard()
  const [all, setAll] = useState(false)
  const { lines, sink } = known
  const shown = all ? lines : lines.slice(0, firstShown)
  const edited = draft.mappings[copy.key] !== undefined

  function handleChange(source: string, values: Partial<MappingRow>) {
    const rows = lines.map((line) => ({ ...toRow(line), ...(line.source === source ? values : {}) }))
    change((current) => ({ ...current, mappings: { ...current.mappings, [copy.key]: rows } }))
  }
  function handleReset() {
    change((current) => {
      const { [copy.key]: _dropped, ...mappings } = current.mappings
      return { ...current, mappings }
    })
  }

  return (
    <Panel
      flush
      title={`Columns of ${copy.label}`}
      description={describe(lines, sink)}
      actions={
        edited ? (
          <Button size="sm" variant="ghost" icon={<RotateCcw aria-hidden />} onClick={handleReset}>
            Map by name again
          </Button>
        ) : null
      }
    >
      <ul aria-label={`Mapping of ${copy.label}`}>
        {shown.map((line, index) => (
          <MappingRowEditor
            // oxlint-disable-next-line react/no-array-index-key -- a file may name two columns alike, and their order stays
            key={index}
            line={line}
            sink={sink}
            onChange={(values) => handleChange(line.source, values)}
          />
        ))}
      </ul>
      {shown.length < lines.length ? (
        <p className="border-t p-3 text-center">
          <Button size="sm" onClick={() => setAll(true)}>
            Show all {formatQuantity(lines.length, 'column')}
          </Button>
        </p>
      ) : null}
    </Panel>
  )
}

function describe(lines: readonly MappingLine[], sink: MappingSink): string {
  const copied = lines.filter(({ include }) => include).length
  const losing = lines.filter(({ mark, include }) => include && mark?.level === 'loses').length
  const where = {
    existing: 'The table is there: columns pair by name, and its types stay.',
    new: 'The table will be made with these columns.',
    files: 'The files will have these columns.',
  }[sink.kind]
  const lost = losing > 0 ? ` ${formatQuantity(losing, 'column loses', 'columns lose')} something.` : ''
  const are = copied === 1 ? 'is' : 'are'
  return `${copied} of ${formatQuantity(lines.length, 'column')} ${are} copied. ${where}${lost}`
}

function toRow({ source, include, sink, sinkType }: MappingLine): MappingRow {
  return { source, include, sink, sinkType }
}
