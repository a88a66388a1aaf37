'use client'

import { useEffect, useState } from 'react'
import type { ReadResource } from './resource-json'

/** Reads the text of a definition; its schema costs 32 kB of script, which no page should wait for before anything was typed. */
export type Reader<Definition> = (text: string) => ReadResource<Definition>

/** The reader, from the moment that it is wanted and has come. `load` stays the same for the life of the page. */
export function useLateReader<Definition>(
  load: () => Promise<Reader<Definition>>,
  wanted: boolean,
): Reader<Definition> | null {
  const [reader, setReader] = useState<Reader<Definition> | null>(null)
  useEffect(() => {
    if (!wanted || reader) return
    let left = false
    void load().then((read) => {
      if (!left) setReader(() => read)
    })
    return () => {
      left = true
    }
  }, [load, wanted, reader])
  return reader
}
