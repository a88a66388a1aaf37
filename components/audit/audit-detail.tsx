'use client'

import { Eye } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { CodeBlock } from '@/components/ui/code-block'
import { Dialog } from '@/components/ui/dialog'
import { IconButton } from '@/components/ui/icon-button'
import { Facts } from '@/components/ui/panel'
import { Time } from '@/components/ui/time'
import type { AuditRow } from '@/lib/audit/queries'
import { AuditActor } from './audit-actor'

/** One entry in full: what it was before and after, and the hash that chains it. */
export function AuditDetail({ row, words }: { row: AuditRow; words: string }) {
  const [open, setOpen] = useState(false)
  const { seq, action, entityName, entityId, actor, at, before, after, hash } = row
  return (
    <>
      <IconButton
        size="sm"
        label={`Show entry ${seq}`}
        icon={<Eye aria-hidden />}
        onClick={() => setOpen(true)}
      />
      <Dialog
        open={open}
        onOpenChange={setOpen}
        size="lg"
        title={
          <>
            {words}: <em>{entityName}</em>
          </>
        }
        footer={<Button onClick={() => setOpen(false)}>Close</Button>}
      >
        <div className="flex flex-col gap-4">
          <Facts
            rows={[
              ['Who', <AuditActor key="who" actor={actor} />],
              ['When', <Time key="when" value={at} show="date" />],
              ['Action', <code key="action">{action}</code>],
              [
                'Of',
                <code key="of" className="wrap-anywhere">
                  {entityId}
                </code>,
              ],
              ['Entry', seq],
              [
                'Hash',
                <code key="hash" className="text-xs wrap-anywhere">
                  {hash}
                </code>,
              ],
            ]}
          />
          <State label="Before" value={before} />
          <State label="After" value={after} />
        </div>
      </Dialog>
    </>
  )
}

function State({ label, value }: { label: string; value: unknown }) {
  if (value === null || value === undefined) return null
  return (
    <div>
      <p className="mb-1 text-sm font-medium">{label}</p>
      <CodeBlock label={label} code={JSON.stringify(value, null, 2)} wrap />
    </div>
  )
}
