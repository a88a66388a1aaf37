'use client'

import { useState } from 'react'
import { Callout } from '@/components/ui/callout'
import { CodeBlock } from '@/components/ui/code-block'
import { CopyButton } from '@/components/ui/copy-button'
import { Time } from '@/components/ui/time'
import type { InstallSource } from '@/lib/enrolment-links/queries'
import { installLine, type Platform, platformNames, platforms } from './install-line'

export type MadeLink = { id: string; token: string; expiresAt: Date }

/** The one time that a link is shown. */
export function NewLink({ link, source }: { link: MadeLink; source: InstallSource }) {
  const [platform, setPlatform] = useState<Platform>('unix')
  const line = installLine(source, link.token, platform)
  return (
    <section aria-label="Install line" className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <fieldset className="flex gap-1">
          <legend className="sr-only">Platform of the machine</legend>
          {platforms.map((each) => (
            <label
              key={each}
              className="flex h-8 cursor-pointer items-center rounded-md border border-transparent px-2.5 text-sm text-fg-muted hover:bg-hover has-checked:border-neutral-7 has-checked:bg-hover has-checked:font-medium has-checked:text-fg has-focus-visible:outline-2 pointer-coarse:h-10"
            >
              <input
                type="radio"
                name="platform"
                value={each}
                checked={platform === each}
                onChange={() => setPlatform(each)}
                className="sr-only"
              />
              {platformNames[each]}
            </label>
          ))}
        </fieldset>
        <span className="flex-1" />
        <CopyButton words variant="primary" text={line} label="Copy install line" />
      </div>
      <CodeBlock label="Install line" code={line} wrap tall />
      <Callout tone="info" title="Shown only now">
        The portal keeps no copy: half of the link never leaves this page except in this line. It works once,
        and expires <Time value={link.expiresAt} />.
      </Callout>
    </section>
  )
}
