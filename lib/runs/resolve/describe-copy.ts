import type { CopySink, CopySource } from '@/lib/protocol/copy-plan'

/** What a copy reads, in as few words as name it: `public.flights`, `lake/raw/*.csv`. */
export function describeSource(source: CopySource): string {
  if (source.kind === 'table') return `${source.schema}.${source.table}`
  if (source.kind === 'query') return `a query on ${source.store.linkedServiceName}`
  return joinPath(source.container, source.folder, source.fileName)
}

/** What a copy writes: `public.flights`, `lake/flights/`. */
export function describeSink(sink: CopySink): string {
  if (sink.kind === 'table') return `${sink.schema}.${sink.table}`
  return `${joinPath(sink.container, sink.folder)}/`
}

function joinPath(...segments: (string | undefined)[]): string {
  return segments
    .map((segment) => segment?.replace(/^\/+|\/+$/g, ''))
    .filter(Boolean)
    .join('/')
}
