'use client'

import { useQuery } from '@tanstack/react-query'
import { useSelectedLayoutSegment } from 'next/navigation'
import { whyOf } from '@/components/nodes/node-state'
import type { Standing } from '@/components/ui/badge'
import { WhyPopover } from '@/components/ui/why-panel'
import type { RuntimeLive } from '@/lib/runtimes/queries'
import type { RuntimeState as State } from '@/lib/runtimes/status'
import { runtimeQuery } from './query-options'

const standings: Record<State, [standing: Standing, word: string]> = {
  NeedRegistration: ['off', 'Needs a node'],
  Online: ['ok', 'Online'],
  Limited: ['warn', 'Limited'],
  Offline: ['bad', 'Offline'],
}

/** How a runtime stands at this moment, with its reasons. */
export function RuntimeState({ runtimeId, initial }: { runtimeId: string; initial: RuntimeLive }) {
  // The queue's tab asks for the queue too: then this asks the same, and one answer serves both.
  const queue = useSelectedLayoutSegment() === 'queue'
  const { data } = useQuery({ ...runtimeQuery(runtimeId, { queue }), initialData: initial })
  const { state, reason } = data.status
  const [standing, word] = standings[state]
  return <WhyPopover standing={standing} word={word} why={whyOf(reason)} />
}
