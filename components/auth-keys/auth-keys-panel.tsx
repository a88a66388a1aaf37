'use client'

import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { type InstallFrom, keyLine } from '@/components/enrolment-links/install-line'
import { Button } from '@/components/ui/button'
import { CodeBlock } from '@/components/ui/code-block'
import { Panel } from '@/components/ui/panel'
import { SecretField } from '@/components/ui/secret-field'
import { revealAuthKeysAction } from '@/lib/auth-keys/actions'
import type { AuthKeyRow } from '@/lib/auth-keys/queries'
import { LastUse } from './last-use'
import { RegenerateKeyDialog } from './regenerate-key-dialog'

type AuthKeysPanelProps = {
  runtimeId: string
  keys: AuthKeyRow[]
  source: InstallFrom & { fingerprint: string | null }
  whyNot: { reveal: string | null; regenerate: string | null }
}

const words: Record<AuthKeyRow['name'], string> = {
  authKey1: 'Authentication key 1',
  authKey2: 'Authentication key 2',
}

/** The two keys of a runtime: hidden until asked, and asking is noted in the audit log. */
export function AuthKeysPanel({ runtimeId, keys, source, whyNot }: AuthKeysPanelProps) {
  const [asked, setAsked] = useState<AuthKeyRow | null>(null)
  return (
    <Panel
      title="Authentication keys"
      description="For automation: either key registers any number of nodes, and is good until it is regenerated. Each look at them is noted in the audit log."
    >
      <div className="flex flex-col gap-4">
        {keys.map((key) => (
          <div key={key.name} className="grid gap-1.5">
            <p className="text-sm font-medium">{words[key.name]}</p>
            {/* A new key is a new field: the old one must not stay revealed. */}
            <div className="grid items-center gap-2 sm:grid-cols-[minmax(0,1fr)_auto]">
              <SecretField
                key={key.createdAt.toISOString()}
                label={words[key.name]}
                load={() => reveal(runtimeId, key.name)}
                disabledReason={whyNot.reveal}
              />
              <Button
                icon={<RefreshCw aria-hidden />}
                disabledReason={whyNot.regenerate}
                onClick={() => setAsked(key)}
              >
                Regenerate <span className="sr-only">{words[key.name].toLowerCase()}</span>
              </Button>
            </div>
            <p className="text-sm text-fg-muted">
              <LastUse row={key} />
            </p>
          </div>
        ))}
        <div className="grid gap-1.5">
          <p className="text-sm">
            With a key in the file <code>key.txt</code>, this line installs a node without anybody watching:
          </p>
          <CodeBlock label="Install line with a key" code={keyLine(source)} wrap tall />
        </div>
      </div>
      <RegenerateKeyDialog
        runtimeId={runtimeId}
        row={asked}
        label={asked ? words[asked.name] : ''}
        onClose={() => setAsked(null)}
      />
    </Panel>
  )
}

async function reveal(runtimeId: string, name: AuthKeyRow['name']): Promise<string> {
  const result = await revealAuthKeysAction({ runtimeId })
  if (!result.ok) throw new Error(result.error.message)
  const found = result.data.find((key) => key.name === name)
  if (!found) throw new Error('The key was deleted meanwhile. Load the page again')
  return found.authKey
}
