'use client'

import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSignInOptions } from '@/features/auth/sign-in-options'
import { SsoConnections } from '@/features/sso/sso-connections'
import type { Workspace } from '@/features/workspaces/schema'
import { getSecurityRules, mayManageSso, type SecurityRules } from '@/features/workspaces/security'
import { SecurityRule } from '@/features/workspaces/security-rule'
import { getSupabase } from '@/lib/supabase/client'
import { Block } from './block'
import { ListFailed } from './list-failed'
import { ListSkeleton } from './list-skeleton'

type Loaded = { rules: SecurityRules; mayManage: boolean }

/** How members have to sign in. For owners. */
export default function SecuritySettings({ workspace }: { workspace: Workspace }) {
  const t = useTranslations('security')
  const options = useSignInOptions()
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another run
  useEffect(() => {
    let current = true
    setError(null)
    getSupabase()
      .then((client) =>
        Promise.all([getSecurityRules(client, workspace.id), mayManageSso(client, workspace.id)]),
      )
      .then(
        ([rules, mayManage]) => current && setLoaded({ rules, mayManage }),
        (reason: unknown) => current && setError(reason),
      )
    return () => {
      current = false
    }
  }, [workspace.id, attempt])

  if (error !== null) {
    return <ListFailed error={error} retry={() => setAttempt(attempt + 1)} />
  }
  if (!loaded) return <ListSkeleton />
  const changed = (rules: SecurityRules) => setLoaded({ ...loaded, rules })
  return (
    <>
      <Block title={t('signIn')} text={t('signInText')}>
        <SecurityRule
          workspaceId={workspace.id}
          rule="require_two_factor"
          on={loaded.rules.require_two_factor}
          onChanged={changed}
        />
        <SecurityRule
          workspaceId={workspace.id}
          rule="require_sso"
          on={loaded.rules.require_sso}
          onChanged={changed}
        />
      </Block>
      {loaded.mayManage && (
        <Block title={t('connections')} text={t('connectionsText')}>
          <SsoConnections workspaceId={workspace.id} saml={options?.saml === true} />
        </Block>
      )}
    </>
  )
}
