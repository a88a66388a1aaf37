'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button'
import { IconButton } from './icon-button'
import { toast } from './toast'

type CopyButtonProps = {
  /** What is put on the clipboard, or how to get it. */
  text: string | (() => Promise<string>)
  /** As a verb and a thing: "Copy install line". */
  label: string
  /** With words, for the one thing to do; otherwise an icon. */
  words?: boolean
  variant?: 'primary' | 'secondary'
}

const shownMs = 1_500

/** Copies a text and says so in its place. */
export function CopyButton({ text, label, words, variant = 'secondary' }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [copied])

  async function copy() {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text())
      setCopied(true)
    } catch {
      toast.bad('The browser did not allow copying', 'Select the text and copy it by hand.')
    }
  }

  const icon = copied ? <Check aria-hidden className="text-ok-text" /> : <Copy aria-hidden />
  return (
    <>
      {words ? (
        <Button variant={variant} icon={copied ? <Check aria-hidden /> : icon} onClick={() => void copy()}>
          {copied ? 'Copied' : label}
        </Button>
      ) : (
        <IconButton size="sm" label={copied ? 'Copied' : label} icon={icon} onClick={() => void copy()} />
      )}
      <output className="sr-only">{copied ? 'Copied' : ''}</output>
    </>
  )
}
