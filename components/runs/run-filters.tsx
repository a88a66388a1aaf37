'use client'

import { useState } from 'react'
import { FilterBox } from '@/components/table/filter-box'
import { type AddressChange, useAddress } from '@/components/table/use-address'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'
import { Select } from '@/components/ui/select'
import type { RunFilters, RunRange } from '@/lib/runs/schemas'
import { statusWords } from './run-status'

const statusOptions = [{ value: 'any', label: 'Any status' }, ...statusWords]
const rangeWords: Record<RunRange, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}
const rangeOptions = [
  { value: 'any', label: 'Any time' },
  ...Object.entries(rangeWords).map(([value, label]) => ({ value, label })),
  { value: 'custom', label: 'From … to …' },
]

type RunFiltersBarProps = {
  filters: RunFilters
  /** No box for the pipeline's name. */ ofOnePipeline?: boolean
}

/** Filters of a list of runs; they live in the address, so that a filtered list can be shared. */
export function RunFiltersBar({ filters, ofOnePipeline }: RunFiltersBarProps) {
  const { change, pending } = useAddress()
  const isCustom = Boolean(filters.from ?? filters.to)
  const [custom, setCustom] = useState(isCustom)
  const anySet = Boolean(filters.status ?? filters.range ?? filters.pipeline ?? filters.from ?? filters.to)

  function handleRange(value: string) {
    setCustom(value === 'custom')
    if (value !== 'custom') change({ range: value === 'any' ? null : value, from: null, to: null })
  }

  return (
    <>
      {ofOnePipeline ? null : (
        <FilterBox label="Filter by pipeline" param="pipeline" placeholder="Filter by pipeline" />
      )}
      <Select
        aria-label="Status"
        className="w-auto! min-w-36"
        options={statusOptions}
        value={filters.status ?? 'any'}
        onChange={(event) => change({ status: event.target.value === 'any' ? null : event.target.value })}
      />
      <Select
        aria-label="Time range"
        className="w-auto! min-w-40"
        options={rangeOptions}
        value={custom ? 'custom' : (filters.range ?? 'any')}
        onChange={(event) => handleRange(event.target.value)}
      />
      {custom ? <CustomRange filters={filters} change={change} /> : null}
      {anySet ? (
        <Button
          variant="ghost"
          pending={pending}
          onClick={() => {
            setCustom(false)
            change({ status: null, range: null, from: null, to: null, pipeline: null })
          }}
        >
          Clear filters
        </Button>
      ) : null}
    </>
  )
}

function CustomRange({ filters, change }: { filters: RunFilters; change: AddressChange }) {
  const handle = (end: 'from' | 'to') => (event: React.ChangeEvent<HTMLInputElement>) => {
    const { value } = event.target
    change({ range: null, [end]: value ? new Date(value).toISOString() : null })
  }
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Input
        type="datetime-local"
        aria-label="Started from"
        className="w-auto!"
        defaultValue={localText(filters.from)}
        onChange={handle('from')}
      />
      <span className="text-fg-muted">to</span>
      <Input
        type="datetime-local"
        aria-label="Started before"
        className="w-auto!"
        defaultValue={localText(filters.to)}
        onChange={handle('to')}
      />
    </span>
  )
}

/** What a datetime-local field takes: the reader's own time without zone. */
function localText(iso: string | undefined): string {
  return iso ? new Date(iso).toLocaleString('sv-SE').slice(0, 16).replace(' ', 'T') : ''
}
