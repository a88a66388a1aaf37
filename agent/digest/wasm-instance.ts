import type { RowDigest } from './row-digest.ts'
import { wasmBinaries } from './wasm-binaries.ts'

type Binary = keyof typeof wasmBinaries
const compiled = new Map<Binary, WebAssembly.Module>()

/** Compiled once per thread; every reader and writer has an instance with memory of its own. */
export function wasmInstance<Exports>(name: Binary): Exports & { memory: WebAssembly.Memory } {
  const code = compiled.get(name) ?? new WebAssembly.Module(Buffer.from(wasmBinaries[name], 'base64'))
  compiled.set(name, code)
  // What a module exports is fixed by the source it was compiled from; TypeScript cannot see into it.
  return new WebAssembly.Instance(code).exports as Exports & { memory: WebAssembly.Memory }
}

/** Globals are exported by reference. */
export type WasmU64 = { readonly value: bigint }
export type WasmU32 = { readonly value: number }

/** What every module says of the rows it has seen (row-hash.wasm.ts). */
export type DigestExports = { rowCount: WasmU64; byteCount: WasmU64; sumLow: WasmU64; sumHigh: WasmU64 }

export function digestFrom({ rowCount, byteCount, sumLow, sumHigh }: DigestExports): RowDigest {
  return {
    rows: BigInt.asUintN(64, rowCount.value),
    bytes: BigInt.asUintN(64, byteCount.value),
    low: BigInt.asUintN(64, sumLow.value),
    high: BigInt.asUintN(64, sumHigh.value),
  }
}
