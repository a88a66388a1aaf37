import { queryOptions } from '@tanstack/react-query'
import { readJson } from '@/components/live/read-json'
import { paths } from '@/lib/paths'

/** Whether a pipeline has this name, and the datasets whose names begin as those would that are made with it. */
export type TakenNames = { isPipeline: boolean; datasets: string[] }

export function takenNamesOptions(factory: string, pipeline: string) {
  return queryOptions({
    queryKey: ['taken-names', factory, pipeline],
    queryFn: ({ signal }) => readJson<TakenNames>(paths.takenNames(factory, pipeline), signal),
  })
}
