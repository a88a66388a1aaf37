'use client'

import { useQueries, useQuery } from '@tanstack/react-query'
import type { WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { NodeFailure } from '@/components/stores/ask-node'
import type { Item } from '@/components/stores/items'
import { describeOptions, progressOptions } from '@/components/stores/query-options'
import { sampleFileOptions } from '@/components/stores/sample-file'
import { asFailure } from '@/components/stores/use-asked'
import { maxCopies } from '@/lib/copy-wizard/checks'
import { isBinaryCopy, isUnfilled, type PlannedCopy, sourceItem, trimSlashes } from '@/lib/copy-wizard/copies'
import type { CopyDraft } from '@/lib/copy-wizard/draft'
import {
  mappingLines,
  type MappingLine,
  type MappingSink,
  proposedKeys,
  reconcileMapping,
} from '@/lib/copy-wizard/mapping'
import type { StoreColumn } from '@/lib/protocol/copy-plan'

/** What is known about one copy's columns. */
export type CopyMapping = {
  /** Null until both sides are known. */
  known: { lines: MappingLine[]; sink: MappingSink; source: readonly StoreColumn[]; keys: string[] } | null
  /** The item that the source's columns were read from: for its rows. */
  item: Item | null
  progress: string | null
  failure: NodeFailure | null
  askAgain: () => void
}

type MappingInput = {
  draft: CopyDraft
  source: WizardStoreView | undefined
  sink: WizardStoreView | undefined
  copies: readonly PlannedCopy[]
  /** False while nobody needs to know yet: asking costs the nodes' time. */
  wanted: boolean
}

const nowhere = { id: '', name: '', version: '' }
const nothing: Item = { kind: 'table', schema: '', table: '' }

/** Reads the columns of both sides of every copy from the nodes, and pairs them. */
export function useMappings(input: MappingInput): Record<string, CopyMapping> {
  const { draft, source, sink, copies } = input
  const wanted = input.wanted && source !== undefined && sink !== undefined && !isBinaryCopy(draft)
  const asked = copies.slice(0, maxCopies)
  const sample = useSample(draft, source ?? nowhere, wanted)
  const items = asked.map((copy) => sourceItem(draft, copy, sample.path))
  const sources = useQueries({
    queries: items.map((item) => ({
      ...describeOptions(source ?? nowhere, item ?? nothing),
      enabled: wanted && item !== null,
    })),
  })
  const sinks = useQueries({
    queries: asked.map((copy) => ({
      ...describeOptions(sink ?? nowhere, sinkTable(copy, draft) ?? nothing),
      enabled: wanted && sinkTable(copy, draft) !== null,
    })),
  })
  const lines = useProgress(asked, { items, source: source ?? nowhere })

  const entries = asked.map((copy, index): [string, CopyMapping] => {
    const [from, to] = [sources[index], sinks[index]]
    const columns = from?.data?.output.result.columns
    const failure = failureOf(from) ?? sinkFailure(to) ?? sample.failure
    const pairing = columns && sinkOf(copy, draft, to)
    const mapping: CopyMapping = {
      known: columns && pairing ? pair(columns, pairing, draft.mappings[copy.key]) : null,
      item: items[index] ?? null,
      progress: lines[index] ?? sample.progress,
      failure,
      askAgain: () => {
        if (sample.failure) sample.askAgain()
        else if (failureOf(from)) void from?.refetch()
        else void to?.refetch()
      },
    }
    return [copy.key, mapping]
  })
  return Object.fromEntries(entries)
}

type Described = {
  data?: { output: { result: { columns: StoreColumn[] } } } | undefined
  error: Error | null
  isFetching: boolean
}

function failureOf(described: Described | undefined): NodeFailure | null {
  return described && !described.isFetching ? asFailure(described.error) : null
}

/** That the table is missing is no failure: the copy makes it. */
function sinkFailure(described: Described | undefined): NodeFailure | null {
  const failure = failureOf(described)
  return failure?.code === 'not_found' ? null : failure
}

/** A table that is not there yet is made from the mapping; null while nobody knows. */
function sinkOf(copy: PlannedCopy, draft: CopyDraft, to: Described | undefined): MappingSink | null {
  if (copy.sink.kind === 'files') return { kind: 'files', format: draft.sink.format }
  if (!to || to.isFetching) return null
  if (to.data) return { kind: 'existing', columns: to.data.output.result.columns }
  return to.error && !sinkFailure(to) ? { kind: 'new' } : null
}

function pair(
  source: readonly StoreColumn[],
  sink: MappingSink,
  edited: CopyDraft['mappings'][string] | undefined,
): NonNullable<CopyMapping['known']> {
  const lines = mappingLines(reconcileMapping(edited, source, sink), source, sink)
  return { lines, sink, source, keys: proposedKeys(lines, sink) }
}

function sinkTable({ sink }: PlannedCopy, draft: CopyDraft): Item | null {
  if (sink.kind === 'files' || !sink.table || isUnfilled(draft.sink.table, draft)) return null
  return { kind: 'table', schema: sink.schema, table: sink.table }
}

const noFile = new NodeFailure('No file was found there whose columns could be read', {
  remedy: 'Check the container, the folder, the file name and the format in the first step.',
})

/** The file that stands for a folder or a wildcard; for tables and queries there is nothing to look for. */
function useSample(draft: CopyDraft, source: { id: string; name: string; version: string }, wanted: boolean) {
  const { kind, container, folder, fileName, recursive, format } = draft.source
  const options = sampleFileOptions(source, {
    container: container.trim(),
    folder: trimSlashes(folder),
    fileName: fileName.trim(),
    recursive,
    format,
  })
  const { data, error, isFetching, refetch } = useQuery({ ...options, enabled: wanted && kind === 'files' })
  const { data: line } = useQuery(progressOptions(options.queryKey))
  const none = data && data.path === null
  return {
    path: data?.path ?? null,
    progress: isFetching ? `${line || 'Asking'} for a file to read the columns from…` : null,
    failure: none ? noFile : isFetching ? null : asFailure(error),
    askAgain: () => void refetch(),
  }
}

function useProgress(
  copies: readonly PlannedCopy[],
  {
    items,
    source,
  }: { items: readonly (Item | null)[]; source: { id: string; name: string; version: string } },
): (string | null)[] {
  const lines = useQueries({
    queries: copies.map((_, index) =>
      progressOptions(describeOptions(source, items[index] ?? nothing).queryKey),
    ),
  })
  return copies.map((copy, index) => `${lines[index]?.data || 'Asking'} for the columns of ${copy.label}…`)
}
