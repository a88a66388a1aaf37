'use client'

import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { CopyButton } from './copy-button'
import { IconButton, iconButtonClass } from './icon-button'
import { RefusedButton } from './refused-button'
import { toast } from './toast'

type SecretFieldProps = {
  /** What it is: "Authentication key 1". */
  label: string
  /** Fetches it when it is asked for; it is not in the page before. A rejection's message is shown. */
  load: () => Promise<string>
  /** Why this person may not see it. */
  disabledReason?: string | null | undefined
}

/** Shown for a secret of any length, so that the mask says nothing. */
const mask = '•'.repeat(32)

/** A secret that can be revealed and copied; hidden until asked. */
export function SecretField({ label, load, disabledReason }: SecretFieldProps) {
  const [secret, setSecret] = useState<string | null>(null)
  const [pending, setPending] = useState(false)

  async function reveal() {
    setPending(true)
    try {
      setSecret(await load())
    } catch (error) {
      toast.bad(`Cannot show ${label}`, error instanceof Error ? error.message : undefined)
    }
    setPending(false)
  }

  return (
    <div className="flex min-w-0 items-center rounded-md border bg-canvas">
      <input
        readOnly
        aria-label={secret === null ? `${label}, hidden` : label}
        value={secret ?? mask}
        onFocus={(event) => event.target.select()}
        className="min-w-0 flex-1 rounded-md bg-transparent px-3 py-2 font-mono text-xs leading-5"
      />
      <div className="flex shrink-0 p-1">
        {disabledReason ? (
          <RefusedButton
            reason={disabledReason}
            label={`Reveal ${label}`}
            className={iconButtonClass({ variant: 'ghost', size: 'sm' })}
          >
            <Eye aria-hidden />
          </RefusedButton>
        ) : (
          <>
            <IconButton
              size="sm"
              pending={pending}
              label={secret === null ? `Reveal ${label}` : `Hide ${label}`}
              icon={secret === null ? <Eye aria-hidden /> : <EyeOff aria-hidden />}
              onClick={() => (secret === null ? void reveal() : setSecret(null))}
            />
            <CopyButton text={async () => secret ?? load()} label={`Copy ${label}`} />
          </>
        )}
      </div>
    </div>
  )
}
