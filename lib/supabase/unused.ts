/**
 * Stands in for the parts of supabase-js that no screen uses yet, so that browsers do not load them; storage comes by itself
 * with the first file (storage.ts). Whoever starts to use one removes its line from `turbopack.resolveAlias` in next.config.ts.
 */
class Unused {
  constructor() {
    // supabase-js makes one of each at its start; only using it is a mistake.
    // biome-ignore lint/correctness/noConstructorReturn: a stand-in that answers every use with what to do
    return new Proxy(this, {
      get(_target, name) {
        throw new Error(
          `${String(name)} is not in the site's bundle: see turbopack.resolveAlias in next.config.ts`,
        )
      },
    })
  }
}

export class StorageClient extends Unused {}
export class StorageApiError extends Error {}
export class FunctionsClient extends Unused {}
export class FunctionsError extends Error {}
export class FunctionsFetchError extends FunctionsError {}
export class FunctionsHttpError extends FunctionsError {}
export class FunctionsRelayError extends FunctionsError {}
export const FunctionRegion = {}
