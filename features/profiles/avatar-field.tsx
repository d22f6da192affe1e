'use client'

import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Avatar } from '@/ui/avatar'
import { PictureField } from '@/ui/picture-field'
import { updateProfile } from './mutations'
import type { Person } from './schema'

type Props = { me: Person; onSaved(me: Person): void }

const BUCKET = 'avatars'

/** My picture as everybody sees it. */
export function AvatarField({ me, onSaved }: Props) {
  const errorText = useErrorText()
  const change = async (picture: Blob | null) => {
    const client = await getSupabase()
    const { removeOtherPictures, uploadPicture } = await import('@/lib/supabase/public-picture')
    const address = picture && (await uploadPicture(client, BUCKET, me.id, picture))
    onSaved(await updateProfile(client, me.id, { avatar_url: address }))
    await removeOtherPictures(client, BUCKET, me.id, address)
  }
  return (
    <PictureField
      round
      has={Boolean(me.avatar_url)}
      onPicture={change}
      onRemove={() => change(null)}
      errorText={errorText}
    >
      <Avatar name={me.display_name} colorKey={me.id} src={me.avatar_url} size={64} />
    </PictureField>
  )
}
