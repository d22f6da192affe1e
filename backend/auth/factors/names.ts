import { ApiError } from '../../errors'
import { validationFailed } from '../auth-error'
import type { FactorRow } from '../user-row'

/** The names are a part of what every request for the person's account answers. */
const MAX_LENGTH = 120

/** Throws unless a factor or a passkey may be called this. */
export function checkName(name: string): void {
  if ([...name].length > MAX_LENGTH) {
    throw validationFailed(`friendly_name must be ${MAX_LENGTH} characters or less`)
  }
}

/** As in GoTrue only one factor may go without a name, too. */
export function isNameTaken(factors: Pick<FactorRow, 'friendly_name'>[], name: string): boolean {
  return factors.some((factor) => (factor.friendly_name ?? '') === name)
}

/** The refusal of a name that another factor of the person has. */
export function nameConflict(name: string): ApiError {
  const message = `A factor with the friendly name ${JSON.stringify(name)} for this user already exists`
  return new ApiError(422, 'mfa_factor_name_conflict', message)
}
