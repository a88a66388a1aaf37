import { expect, test } from 'vitest'
import { reviewSentences } from '@/lib/copy-wizard/sentences'
import { aDraft, lake, orders } from '@/lib/copy-wizard/test-draft'

test('reviewSentences() says in words what will happen', () => {
  expect(reviewSentences(aDraft(), { source: orders, sink: lake }, {})).toEqual([
    'Copies the table public.flights of orders-db to lake/lake/raw/flights as Parquet, compressed with zstd.',
    'Append: files are added; one of the same name stops the copy before it begins.',
    'Every column goes by its name, with its natural type.',
    'Verification stream: as counts, and every row as read equals the row as handed to the sink, by digest. Costs a few percent.',
    'As many parts at once as the nodes of plant-7 have free slots.',
  ])
})
