import { TaskFailure } from '../../../copy/failure.ts'

/**
 * Values of a page without NULLs, as they lie in the file: words of 4 bytes (`lanes` per value, low word first; booleans are 0
 * and 1), or byte strings within `view`.
 */
export type DenseValues =
  | { kind: 'words'; words: Int32Array; lanes: 1 | 2 | 3 }
  | { kind: 'bytes'; view: DataView; starts: Int32Array; lengths: Int32Array }

/** Replaces dictionary entry numbers by the entries. */
export function lookUp(dictionary: DenseValues, indices: Int32Array): DenseValues {
  if (dictionary.kind === 'words') return { ...dictionary, words: lookUpWords(dictionary, indices) }
  const { view } = dictionary
  const starts = new Int32Array(indices.length)
  const lengths = new Int32Array(indices.length)
  for (let index = 0; index < indices.length; index++) {
    const entry = indices[index] ?? 0
    // An entry that does not exist gets a length that no view holds, and fails when it is read.
    starts[index] = dictionary.starts[entry] ?? 0x7fffffff
    lengths[index] = dictionary.lengths[entry] ?? 0
  }
  return { kind: 'bytes', view, starts, lengths }
}

function lookUpWords(
  { words, lanes }: { words: Int32Array; lanes: 1 | 2 | 3 },
  indices: Int32Array,
): Int32Array {
  const found = new Int32Array(indices.length * lanes)
  let last = -1
  for (let index = 0; index < indices.length; index++) last = Math.max(last, (indices[index] ?? 0) >>> 0)
  if (last >= words.length / lanes)
    throw new TaskFailure('invalid_data', 'a Parquet page names an entry that its dictionary does not have')
  if (lanes === 1) {
    for (let index = 0; index < indices.length; index++) found[index] = words[indices[index] ?? 0] ?? 0
    return found
  }
  for (let index = 0; index < indices.length; index++) {
    const entry = (indices[index] ?? 0) * lanes
    const to = index * lanes
    for (let lane = 0; lane < lanes; lane++) found[to + lane] = words[entry + lane] ?? 0
  }
  return found
}
