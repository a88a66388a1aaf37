'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { readJson } from '@/components/live/read-json'
import type { StoreChoice, StoreChoices } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'

export type ShownStores = ShownChoices<StoreChoice>
export type ShownChoices<Row> = {
  text: string
  setText: (text: string) => void
  rows: readonly Row[]
  total: number
  isFetching: boolean
  isError: boolean
  /** So many that a filter helps. */
  isLong: boolean
}

/** As many as one sees at a glance. */
const fewStores = 12

/** The linked services to choose from: what the page brought, and of more than that what a filter finds. */
export function useStoreChoices(factory: string, first: StoreChoices): ShownStores {
  const [text, setText] = useState('')
  const q = useDeferredValue(text.trim())
  const isWhole = first.rows.length >= first.total
  const { data, isFetching, isError } = useQuery({
    queryKey: ['store-choices', factory, q],
    enabled: !isWhole && q !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => readJson<StoreChoices>(paths.storesData(factory, { q }), signal),
  })
  const { rows, total } = q === '' ? first : isWhole ? filtered(first.rows, q) : (data ?? first)
  return { text, setText, rows, total, isFetching, isError, isLong: first.total > fewStores }
}

/** Those of these names that the page did not bring. */
export async function findStores(
  factory: string,
  first: StoreChoices,
  names: readonly string[],
): Promise<StoreChoice[]> {
  const isKnown = (name: string) => first.rows.some((row) => row.name.toLowerCase() === name.toLowerCase())
  const missing = names.filter((name) => name !== '' && !isKnown(name))
  if (missing.length === 0 || first.rows.length >= first.total) return []
  const query = missing.map((name) => `name=${encodeURIComponent(name)}`).join('&')
  const { rows } = await readJson<StoreChoices>(`${paths.storesData(factory)}?${query}`)
  return rows.filter(({ name }) => !isKnown(name))
}

function filtered(rows: readonly StoreChoice[], q: string): StoreChoices {
  const text = q.toLowerCase()
  const fitting = rows.filter(({ name, address }) => `${name}\n${address}`.toLowerCase().includes(text))
  return { rows: fitting, total: fitting.length }
}
