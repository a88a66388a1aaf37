'use client'

import { useMutation } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { readJson } from '@/components/live/read-json'
import { Button } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'
import type { ChainCheck } from '@/lib/audit/queries'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'

/** Has the portal compute every hash again, and says what it found. */
export function VerifyChainPanel() {
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => readJson<ChainCheck>(paths.auditCheck()),
  })
  return (
    <div className="flex flex-col gap-3">
      <div>
        <Button icon={<ShieldCheck aria-hidden />} pending={isPending} onClick={() => mutate()}>
          Verify the chain
        </Button>
      </div>
      {error ? (
        <Callout tone="bad" title="The log could not be verified" live>
          {error.message}
        </Callout>
      ) : null}
      {data ? <Verdict check={data} /> : null}
    </div>
  )
}

function Verdict({ check }: { check: ChainCheck }) {
  const { ok, checked, headHash, problem } = check
  if (ok)
    return (
      <Callout tone="ok" title={`${formatQuantity(checked, 'entry', 'entries')} verified`} live>
        None was removed, added or altered. Keep the hash of the newest elsewhere to prove it later:{' '}
        <code className="text-xs wrap-anywhere">{headHash}</code>
      </Callout>
    )
  return (
    <Callout tone="bad" title="The log was tampered with" live>
      {problem?.reason}. What comes before it is intact. Compare it with a backup, and find out who may write
      to the portal’s database.
    </Callout>
  )
}
