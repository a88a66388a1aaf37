import type { CopyActivity } from '@/lib/pipelines/schemas'
import { CopySpec } from '@/lib/protocol/copy-plan'
import {
  cannot,
  type Definitions,
  type LoadedLinkedService,
  resolveEnd,
} from '@/lib/runs/resolve/resolve-end'
import { resolveSink } from '@/lib/runs/resolve/resolve-sink'
import { resolveSource } from '@/lib/runs/resolve/resolve-source'

export type ResolvedCopy = { runtimeId: string; spec: CopySpec }

/** Pipeline activity → datasets → linked services → what a node is told. Pure; every error names the thing and the remedy. */
export function resolveCopy(
  activity: CopyActivity,
  definitions: Definitions,
  ids: { pipelineRunId: string; activityRunId: string },
): ResolvedCopy {
  const source = resolveEnd(activity, definitions, 'inputs')
  const sink = resolveEnd(activity, definitions, 'outputs')
  requireSameRuntime(activity, source.service, sink.service)
  const { typeProperties } = activity
  const { translator, parallelCopies, verification } = typeProperties
  const isBinary = typeProperties.source.type === 'BinarySource'
  if (isBinary !== (typeProperties.sink.type === 'BinarySink'))
    throw cannot(activity.name, 'a binary source needs a binary sink, and the other way round')
  if (isBinary && translator)
    throw cannot(activity.name, 'a binary copy has no columns: remove the mapping (translator)')
  const spec = CopySpec.parse({
    ...ids,
    activityName: activity.name,
    source: resolveSource(typeProperties.source, source.end),
    sink: resolveSink(typeProperties.sink, sink.end),
    options: { verification, ...(parallelCopies ? { parallelCopies } : {}) },
    ...(translator ? { mapping: translator.mappings.map(toColumnMapping) } : {}),
  })
  return { runtimeId: source.service.runtimeId, spec }
}

/** One node does a whole part, so both ends must be reachable from the same runtime (adf-and-shir.md, row 4). */
function requireSameRuntime(
  activity: CopyActivity,
  source: LoadedLinkedService,
  sink: LoadedLinkedService,
): void {
  if (source.runtimeId === sink.runtimeId) return
  throw cannot(
    activity.name,
    `its source "${source.name}" connects via the integration runtime "${source.runtimeName}", its sink "${sink.name}" via "${sink.runtimeName}". A copy runs on one runtime: let both connect via the same one`,
  )
}

type Mapping = NonNullable<CopyActivity['typeProperties']['translator']>['mappings'][number]
function toColumnMapping({ source, sink }: Mapping) {
  return { source: source.name, sink: sink.name, ...(sink.type ? { sinkType: sink.type } : {}) }
}
