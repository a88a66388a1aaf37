'use client'

import { useState } from 'react'
import type { RunDetail } from '@/lib/runs/read/run-detail'

/** Tells a screen reader how the run ended, once, where somebody was there to see it: the heading changes without a word. */
export function RunEnd({ run: { endedAt, sentence } }: { run: Pick<RunDetail, 'endedAt' | 'sentence'> }) {
  const [wasRunning, setWasRunning] = useState(false)
  if (endedAt === null && !wasRunning) setWasRunning(true)
  const told = wasRunning && endedAt !== null ? sentence.map(({ text }) => text).join('') : ''
  return <output className="sr-only">{told}</output>
}
