import type { Leaf } from '../leaf.ts'
import { BytesValues } from './bytes-values.ts'
import { BooleanValues, WideDecimalValues } from './other-values.ts'
import type { ColumnValues } from './values.ts'
import { wordReaderFor } from './word-readers.ts'
import { WordValues } from './word-values.ts'

export function createValues(leaf: Leaf): ColumnValues {
  switch (leaf.physical) {
    case 'BOOLEAN':
      return new BooleanValues()
    case 'INT32':
      return new WordValues({ read: wordReaderFor(leaf), lanes: 1, order: 'int32' })
    case 'INT64':
      return new WordValues({ read: wordReaderFor(leaf), lanes: 2, order: 'int64' })
    case 'FLOAT':
      return new WordValues({ read: wordReaderFor(leaf), lanes: 1, order: 'float' })
    case 'DOUBLE':
      return new WordValues({ read: wordReaderFor(leaf), lanes: 2, order: 'double' })
    case 'BYTE_ARRAY':
      return new BytesValues({ skip: leaf.wire === 'jsonb' ? 1 : 0, isSigned: false })
    case 'FIXED_LEN_BYTE_ARRAY':
      return fixedValues(leaf)
  }
}

function fixedValues({ typeLength, logical }: Leaf): ColumnValues {
  if (typeLength === undefined) throw new Error('a fixed type has a length')
  if (logical?.kind === 'DECIMAL') return new WideDecimalValues({ scale: logical.scale, typeLength })
  return new BytesValues({ fixedLength: typeLength, skip: 0, isSigned: false })
}
