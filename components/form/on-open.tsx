'use client'

import { Suspense, useState, type ReactNode } from 'react'

/** Draws, and so fetches, a lazy form only from its first opening on: `<OnOpen open={open}><FactorySheet open={open} … /></OnOpen>`. */
export function OnOpen({ open, children }: { open: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(open)
  if (open && !opened) setOpened(true)
  return opened ? <Suspense fallback={null}>{children}</Suspense> : null
}
