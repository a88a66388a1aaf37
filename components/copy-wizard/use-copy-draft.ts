'use client'

import { useCallback, useEffect, useState } from 'react'
import { type CopyDraft, emptyDraft } from '@/lib/copy-wizard/draft'

export type KeptDraft = {
  /** Null until the browser has read what it kept. */
  draft: CopyDraft | null
  change: (update: (draft: CopyDraft) => CopyDraft) => void
  /** Keeps nothing for the next time; the page stays as it is while it is left. */
  forget: () => void
}

/**
 * The wizard's draft, kept in the browser's session storage: it survives going back, reloading and errors, and ends with
 * the tab. It never holds a secret. `prepare` may change what was kept before it is first shown.
 */
export function useCopyDraft(factoryId: string, prepare: (kept: CopyDraft) => Promise<CopyDraft>): KeptDraft {
  const key = `sallyport.copy.${factoryId}`
  const [draft, setDraft] = useState<CopyDraft | null>(null)

  useEffect(() => {
    let left = false
    void readKept(key)
      .then(prepare)
      .then((prepared) => {
        if (!left) setDraft(prepared)
      })
    return () => {
      left = true
    }
    // Only the first look counts: afterwards the draft is what somebody made of it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key])
  useEffect(() => {
    if (draft) keep(key, draft)
  }, [key, draft])

  const change = useCallback((update: (draft: CopyDraft) => CopyDraft) => {
    setDraft((current) => update(current ?? emptyDraft()))
  }, [])
  const forget = useCallback(() => sessionStorage.removeItem(key), [key])
  return { draft, change, forget }
}

/** The schema is fetched only where there is something to read. */
async function readKept(key: string): Promise<CopyDraft> {
  try {
    const kept = sessionStorage.getItem(key)
    if (!kept) return emptyDraft()
    const { CopyDraft } = await import('@/lib/copy-wizard/draft-schema')
    return CopyDraft.parse(JSON.parse(kept))
  } catch {
    return emptyDraft()
  }
}

/** A full or forbidden storage must not stop the wizard: the draft then lives as long as the page. */
function keep(key: string, draft: CopyDraft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    return
  }
}
