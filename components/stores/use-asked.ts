'use client'

import { type QueryKey, useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { NodeFailure } from '@/components/stores/ask-node'
import { progressOptions } from '@/components/stores/query-options'

export type Asked<Data> = {
  data: Data | undefined
  /** What is being asked and of whom, while it is. */
  progress: string | null
  failure: NodeFailure | null
  askAgain: () => void
}

/** A question to a node, with its progress and its failure in words. `what` ends the line: "for tables". */
export function useAsked<Data, Key extends QueryKey>(
  options: UseQueryOptions<Data, Error, Data, Key>,
  what: string,
): Asked<Data> {
  const { data, error, isFetching, refetch } = useQuery(options)
  const { data: line } = useQuery(progressOptions(options.queryKey))
  return {
    data,
    progress: isFetching ? progressText(line, what) : null,
    failure: isFetching ? null : asFailure(error),
    askAgain: () => void refetch(),
  }
}

function progressText(line: string, what: string): string {
  if (!line) return `Asking ${what}…`
  return line.startsWith('Asking') ? `${line} ${what}…` : `${line}…`
}

export function asFailure(error: Error | null): NodeFailure | null {
  if (error === null) return null
  if (error instanceof NodeFailure) return error
  const message = 'The answer could not be read in this browser. Try again'
  return new NodeFailure(message, { remedy: error.message })
}
