'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useId, useState } from 'react'
import { FormError } from '@/components/form/form-error'
import { callAction } from '@/components/form/call-action'
import { runtimeQuery } from '@/components/runtimes/query-options'
import { Button } from '@/components/ui/button'
import { Panel } from '@/components/ui/panel'
import { Select } from '@/components/ui/select'
import type { ActionError } from '@/lib/action-result'
import { createEnrolmentLinkAction } from '@/lib/enrolment-links/actions'
import type { InstallSource } from '@/lib/enrolment-links/queries'
import type { RuntimeLive } from '@/lib/runtimes/queries'
import { ListenForNode } from './listen-for-node'
import { type MadeLink, NewLink } from './new-link'

type InstallPanelProps = {
  factory: string
  runtime: { id: string; name: string }
  source: InstallSource
  initial: RuntimeLive
  disabledReason: string | null
}

const lifetimes = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: '1 hour' },
  { value: '480', label: '8 hours' },
  { value: '1440', label: '1 day' },
]

/** Makes an enrolment link in this browser, shows its line once, and waits for the node. */
export function InstallPanel({ factory, runtime, source, initial, disabledReason }: InstallPanelProps) {
  const { link, pending, failure, make } = useMakeLink(runtime.id, source.fingerprint)
  const [minutes, setMinutes] = useState('60')
  const lifetimeId = useId()
  return (
    <Panel
      title="Install a node"
      description="Paste one line on a machine next to your data. It needs Node.js 22.15 or later and a way out to this portal over HTTPS; nothing has to be opened towards it."
    >
      <div className="flex flex-col gap-4">
        {link ? <NewLink link={link} source={source} /> : null}
        <div className="flex flex-wrap items-center gap-2">
          <label htmlFor={lifetimeId} className="text-sm text-fg-muted">
            Valid for
          </label>
          <Select
            id={lifetimeId}
            options={lifetimes}
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
            className="w-36!"
          />
          <Button
            variant={link ? 'secondary' : 'primary'}
            pending={pending}
            disabledReason={disabledReason}
            onClick={() => void make(Number(minutes))}
          >
            {link ? 'Make another link' : 'Make an enrolment link'}
          </Button>
        </div>
        <FormError failure={failure} />
        <ListenForNode factory={factory} runtime={runtime} initial={initial} expecting={link !== null} />
      </div>
    </Panel>
  )
}

/** Both halves are made here; the portal learns a hash of one, and the other only sealed for the vault. */
function useMakeLink(runtimeId: string, fingerprint: string | null) {
  const client = useQueryClient()
  const router = useRouter()
  const [link, setLink] = useState<MadeLink | null>(null)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<ActionError | null>(null)

  async function make(expiresInMinutes: number) {
    setPending(true)
    setFailure(null)
    const result = await callAction(async () => {
      // As it is now: a node may have founded or turned over the vault since the page was read.
      const { vault } = await client.fetchQuery({ ...runtimeQuery(runtimeId), staleTime: 0 })
      const { makeEnrolmentLink } = await import('@/lib/protocol/enrolment-link')
      const { token, record } = await makeEnrolmentLink(runtimeId, vault, fingerprint)
      const answer = await createEnrolmentLinkAction({ ...record, expiresInMinutes })
      return answer.ok ? { ok: true, data: { token, ...answer.data } } : answer
    }, undefined)
    setPending(false)
    if (!result.ok) return setFailure(result.error)
    setLink({ id: result.data.linkId, token: result.data.token, expiresAt: result.data.expiresAt })
    router.refresh()
  }
  return { link, pending, failure, make }
}
