import { expect, test } from 'vitest'
import { formatMark } from '../../../lib/protocol/conversions.ts'
import { planParquetColumn } from './plan-column.ts'
import { typeOids } from './pg-type.ts'

const numerics = ['', '(9,2)', '(38,38)', '(39,2)', '(5,-2)', '(38,-2)', '(2,4)', '(20,38)', '(20,39)']
const others = ['interval', 'inet', 'name', 'xml', 'int4range', 'public.mood', 'time with time zone', 'money']
const types = [...Object.keys(typeOids), ...numerics.map((modifiers) => `numeric${modifiers}`), ...others]

test.each(types.flatMap((type) => [type, `${type}[]`]))(
  'the wizard marks %s exactly where Parquet gets text in its stead',
  (type) => {
    const becomesText = planParquetColumn({ type, dimensions: 1 }).castTo?.startsWith('text') === true
    expect(formatMark(type, 'parquet')?.level === 'note').toBe(becomesText)
  },
)
