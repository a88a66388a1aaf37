'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearchParams, useSelectedLayoutSegment } from 'next/navigation'
import { whyOf } from '@/components/nodes/node-state'
import type { Standing } from '@/components/ui/badge'
import { WhyPopover } from '@/components/ui/why-panel'
import type { RuntimeLive } from '@/lib/runtimes/queries'
import type { RuntimeState as State } from '@/lib/runtimes/status'
import { runtimeQuery, type RuntimeView } from './query-options'

const standings: Record<State, [standing: Standing, word: string]> = {
  NeedRegistration: ['off', 'Needs a node'],
  Online: ['ok', 'Online'],
  Limited: ['warn', 'Limited'],
  Offline: ['bad', 'Offline'],
}

/** Some tabs ask for more than the others: then the header asks the same, and one answer serves both. */
function useView(): RuntimeView {
  const tab = useSelectedLayoutSegment()
  const search = useSearchParams()
  if (tab === 'queue') return { queue: true }
  if (tab !== null) return {}
  return { q: search.get('q') ?? '', after: search.get('after') ?? undefined }
}

/** How a runtime stands at this moment, with its reasons. */
export function RuntimeState({ runtimeId, initial }: { runtimeId: string; initial: RuntimeLive }) {
  const view = useView()
  const isPlain = !view.queue && !view.q && !view.after
  const { data } = useQuery({
    ...runtimeQuery(runtimeId, view),
    ...(isPlain ? { initialData: initial } : { placeholderData: keepPreviousData }),
  })
  const { state, reason } = (data ?? initial).status
  const [standing, word] = standings[state]
  return <WhyPopover standing={standing} word={word} why={whyOf(reason)} />
}
