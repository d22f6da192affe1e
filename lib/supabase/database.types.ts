// Made by npm run types from supabase/migrations.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  public: {
    Tables: {
      attachments: {
        Row: {
          alt: string | null
          channel_id: string
          created_at: string
          duration: number | null
          height: number | null
          id: string
          kind: string
          message_id: string | null
          name: string
          path: string
          sent_at: string | null
          size: number
          type: string
          user_id: string | null
          waveform: number[] | null
          width: number | null
        }
        ComputedFields: never
        Insert: {
          alt?: string | null
          channel_id: string
          created_at?: string
          duration?: number | null
          height?: number | null
          id: string
          kind?: never
          message_id?: string | null
          name: string
          path?: never
          sent_at?: string | null
          size: number
          type: string
          user_id?: string | null
          waveform?: number[] | null
          width?: number | null
        }
        Update: {
          alt?: string | null
          channel_id?: string
          created_at?: string
          duration?: number | null
          height?: number | null
          id?: string
          kind?: never
          message_id?: string | null
          name?: string
          path?: never
          sent_at?: string | null
          size?: number
          type?: string
          user_id?: string | null
          waveform?: number[] | null
          width?: number | null
        }
        Relationships: [
          {
            foreignKeyName: 'attachments_channel_id_fkey'
            columns: ['channel_id']
            isOneToOne: false
            referencedRelation: 'channels'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'attachments_message_id_fkey'
            columns: ['message_id']
            isOneToOne: false
            referencedRelation: 'messages'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'attachments_user_id_fkey'
            columns: ['user_id']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
        ]
      }
      channel_heads: {
        Row: {
          channel_id: string
          last_message_at: string | null
          last_rev: number
          last_seq: number
          member_count: number
          min_rev: number
        }
        ComputedFields: never
        Insert: {
          channel_id: string
          last_message_at?: string | null
          last_rev?: number
          last_seq?: number
          member_count?: number
          min_rev?: number
        }
        Update: {
          channel_id?: string
          last_message_at?: string | null
          last_rev?: number
          last_seq?: number
          member_count?: number
          min_rev?: number
        }
        Relationships: [
          {
            foreignKeyName: 'channel_heads_channel_id_fkey'
            columns: ['channel_id']
            isOneToOne: true
            referencedRelation: 'channels'
            referencedColumns: ['id']
          },
        ]
      }
      channel_members: {
        Row: {
          channel_id: string
          joined_at: string
          muted_at: string | null
          starred_at: string | null
          user_id: string
          workspace_id: string
        }
        ComputedFields: never
        Insert: {
          channel_id: string
          joined_at?: string
          muted_at?: string | null
          starred_at?: string | null
          user_id: string
          workspace_id: string
        }
        Update: {
          channel_id?: string
          joined_at?: string
          muted_at?: string | null
          starred_at?: string | null
          user_id?: string
          workspace_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'channel_members_workspace_id_channel_id_fkey'
            columns: ['workspace_id', 'channel_id']
            isOneToOne: false
            referencedRelation: 'channels'
            referencedColumns: ['workspace_id', 'id']
          },
          {
            foreignKeyName: 'channel_members_workspace_id_user_id_fkey'
            columns: ['workspace_id', 'user_id']
            isOneToOne: false
            referencedRelation: 'workspace_members'
            referencedColumns: ['workspace_id', 'user_id']
          },
        ]
      }
      channels: {
        Row: {
          archived_at: string | null
          created_at: string
          created_by: string | null
          default_at: string | null
          id: string
          kind: Database['public']['Enums']['channel_kind']
          name: string | null
          purpose: string
          topic: string
          updated_at: string
          workspace_id: string
        }
        ComputedFields: never
        Insert: {
          archived_at?: string | null
          created_at?: string
          created_by?: string | null
          default_at?: string | null
          id?: string
          kind: Database['public']['Enums']['channel_kind']
          name?: string | null
          purpose?: string
          topic?: string
          updated_at?: string
          workspace_id: string
        }
        Update: {
          archived_at?: string | null
          created_at?: string
          created_by?: string | null
          default_at?: string | null
          id?: string
          kind?: Database['public']['Enums']['channel_kind']
          name?: string | null
          purpose?: string
          topic?: string
          updated_at?: string
          workspace_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'channels_created_by_fkey'
            columns: ['created_by']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'channels_workspace_id_fkey'
            columns: ['workspace_id']
            isOneToOne: false
            referencedRelation: 'workspaces'
            referencedColumns: ['id']
          },
        ]
      }
      drafts: {
        Row: {
          body: string
          channel_id: string
          id: string
          thread_id: string | null
          updated_at: string
          user_id: string
        }
        ComputedFields: never
        Insert: {
          body?: string
          channel_id: string
          id?: string
          thread_id?: string | null
          updated_at?: string
          user_id?: string
        }
        Update: {
          body?: string
          channel_id?: string
          id?: string
          thread_id?: string | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'drafts_channel_id_user_id_fkey'
            columns: ['channel_id', 'user_id']
            isOneToOne: false
            referencedRelation: 'channel_members'
            referencedColumns: ['channel_id', 'user_id']
          },
        ]
      }
      invitations: {
        Row: {
          created_at: string
          created_by: string | null
          email: string | null
          expires_at: string
          id: string
          max_uses: number | null
          revoked_at: string | null
          role: Database['public']['Enums']['workspace_role']
          uses: number
          workspace_id: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          created_by?: string | null
          email?: string | null
          expires_at: string
          id?: string
          max_uses?: number | null
          revoked_at?: string | null
          role?: Database['public']['Enums']['workspace_role']
          uses?: number
          workspace_id: string
        }
        Update: {
          created_at?: string
          created_by?: string | null
          email?: string | null
          expires_at?: string
          id?: string
          max_uses?: number | null
          revoked_at?: string | null
          role?: Database['public']['Enums']['workspace_role']
          uses?: number
          workspace_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'invitations_created_by_fkey'
            columns: ['created_by']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'invitations_workspace_id_fkey'
            columns: ['workspace_id']
            isOneToOne: false
            referencedRelation: 'workspaces'
            referencedColumns: ['id']
          },
        ]
      }
      messages: {
        Row: {
          attachments: NonNullable<Json>
          body: string
          channel_id: string
          created_at: string
          deleted_at: string | null
          edited_at: string | null
          id: string
          last_replier_ids: string[]
          last_reply_at: string | null
          last_thread_seq: number
          mentions: string[]
          mentions_all: boolean
          reactions: NonNullable<Json>
          reply_count: number
          rev: number
          seq: number | null
          thread_id: string | null
          thread_seq: number | null
          user_id: string | null
        }
        ComputedFields: never
        Insert: {
          attachments?: NonNullable<Json>
          body: string
          channel_id: string
          created_at?: string
          deleted_at?: string | null
          edited_at?: string | null
          id: string
          last_replier_ids?: string[]
          last_reply_at?: string | null
          last_thread_seq?: number
          mentions?: string[]
          mentions_all?: boolean
          reactions?: NonNullable<Json>
          reply_count?: number
          rev?: number
          seq?: number | null
          thread_id?: string | null
          thread_seq?: number | null
          user_id?: string | null
        }
        Update: {
          attachments?: NonNullable<Json>
          body?: string
          channel_id?: string
          created_at?: string
          deleted_at?: string | null
          edited_at?: string | null
          id?: string
          last_replier_ids?: string[]
          last_reply_at?: string | null
          last_thread_seq?: number
          mentions?: string[]
          mentions_all?: boolean
          reactions?: NonNullable<Json>
          reply_count?: number
          rev?: number
          seq?: number | null
          thread_id?: string | null
          thread_seq?: number | null
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: 'messages_channel_id_fkey'
            columns: ['channel_id']
            isOneToOne: false
            referencedRelation: 'channels'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'messages_thread_id_fkey'
            columns: ['thread_id']
            isOneToOne: false
            referencedRelation: 'messages'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'messages_user_id_fkey'
            columns: ['user_id']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
        ]
      }
      profiles: {
        Row: {
          avatar_url: string | null
          created_at: string
          display_name: string
          handle: string
          id: string
          locale: string
          status_emoji: string | null
          status_expires_at: string | null
          status_text: string | null
          time_zone: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          avatar_url?: string | null
          created_at?: string
          display_name: string
          handle: string
          id: string
          locale?: string
          status_emoji?: string | null
          status_expires_at?: string | null
          status_text?: string | null
          time_zone?: string
          updated_at?: string
        }
        Update: {
          avatar_url?: string | null
          created_at?: string
          display_name?: string
          handle?: string
          id?: string
          locale?: string
          status_emoji?: string | null
          status_expires_at?: string | null
          status_text?: string | null
          time_zone?: string
          updated_at?: string
        }
        Relationships: []
      }
      reactions: {
        Row: {
          channel_id: string
          created_at: string
          emoji: string
          message_id: string
          user_id: string
        }
        ComputedFields: never
        Insert: {
          channel_id?: string
          created_at?: string
          emoji: string
          message_id: string
          user_id?: string
        }
        Update: {
          channel_id?: string
          created_at?: string
          emoji?: string
          message_id?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'reactions_channel_id_fkey'
            columns: ['channel_id']
            isOneToOne: false
            referencedRelation: 'channels'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'reactions_message_id_fkey'
            columns: ['message_id']
            isOneToOne: false
            referencedRelation: 'messages'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'reactions_user_id_fkey'
            columns: ['user_id']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
        ]
      }
      read_states: {
        Row: {
          channel_id: string
          last_read_seq: number
          unread_from_seq: number | null
          updated_at: string
          user_id: string
        }
        ComputedFields: never
        Insert: {
          channel_id: string
          last_read_seq?: number
          unread_from_seq?: number | null
          updated_at?: string
          user_id: string
        }
        Update: {
          channel_id?: string
          last_read_seq?: number
          unread_from_seq?: number | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'read_states_channel_id_user_id_fkey'
            columns: ['channel_id', 'user_id']
            isOneToOne: false
            referencedRelation: 'channel_members'
            referencedColumns: ['channel_id', 'user_id']
          },
        ]
      }
      sso_connections: {
        Row: {
          created_at: string
          default_role: Database['public']['Enums']['workspace_role']
          domains: string[]
          id: string
          kind: string
          name: string
          provider: string
          workspace_id: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          default_role?: Database['public']['Enums']['workspace_role']
          domains: string[]
          id?: string
          kind: string
          name: string
          provider: string
          workspace_id: string
        }
        Update: {
          created_at?: string
          default_role?: Database['public']['Enums']['workspace_role']
          domains?: string[]
          id?: string
          kind?: string
          name?: string
          provider?: string
          workspace_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'sso_connections_workspace_id_fkey'
            columns: ['workspace_id']
            isOneToOne: false
            referencedRelation: 'workspaces'
            referencedColumns: ['id']
          },
        ]
      }
      workspace_members: {
        Row: {
          deactivated_at: string | null
          joined_at: string
          role: Database['public']['Enums']['workspace_role']
          user_id: string
          workspace_id: string
        }
        ComputedFields: never
        Insert: {
          deactivated_at?: string | null
          joined_at?: string
          role?: Database['public']['Enums']['workspace_role']
          user_id: string
          workspace_id: string
        }
        Update: {
          deactivated_at?: string | null
          joined_at?: string
          role?: Database['public']['Enums']['workspace_role']
          user_id?: string
          workspace_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'workspace_members_user_id_fkey'
            columns: ['user_id']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'workspace_members_workspace_id_fkey'
            columns: ['workspace_id']
            isOneToOne: false
            referencedRelation: 'workspaces'
            referencedColumns: ['id']
          },
        ]
      }
      workspace_security: {
        Row: {
          require_sso: boolean
          require_two_factor: boolean
          updated_at: string
          updated_by: string | null
          workspace_id: string
        }
        ComputedFields: never
        Insert: {
          require_sso?: boolean
          require_two_factor?: boolean
          updated_at?: string
          updated_by?: string | null
          workspace_id: string
        }
        Update: {
          require_sso?: boolean
          require_two_factor?: boolean
          updated_at?: string
          updated_by?: string | null
          workspace_id?: string
        }
        Relationships: [
          {
            foreignKeyName: 'workspace_security_updated_by_fkey'
            columns: ['updated_by']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
          {
            foreignKeyName: 'workspace_security_workspace_id_fkey'
            columns: ['workspace_id']
            isOneToOne: true
            referencedRelation: 'workspaces'
            referencedColumns: ['id']
          },
        ]
      }
      workspaces: {
        Row: {
          created_at: string
          created_by: string | null
          icon: string | null
          icon_url: string | null
          id: string
          name: string
          slug: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          created_by?: string | null
          icon?: string | null
          icon_url?: string | null
          id?: string
          name: string
          slug: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          created_by?: string | null
          icon?: string | null
          icon_url?: string | null
          id?: string
          name?: string
          slug?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: 'workspaces_created_by_fkey'
            columns: ['created_by']
            isOneToOne: false
            referencedRelation: 'profiles'
            referencedColumns: ['id']
          },
        ]
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      accept_invitation: { Args: { code: string }; Returns: Json }
      add_channel_members: { Args: { channel_id: string; user_ids: string[] }; Returns: Json }
      archive_channel: { Args: { channel_id: string }; Returns: Json }
      bootstrap: { Args: { since?: string; workspace_slug?: string }; Returns: Json }
      browse_channels: {
        Args: { after_name?: string; page_size?: number; query?: string; workspace_id: string }
        Returns: Json
      }
      channel_changes: { Args: { channel_id: string; page_size?: number; since_rev: number }; Returns: Json }
      channel_member_list: {
        Args: { after_handle?: string; channel_id: string; page_size?: number; query?: string }
        Returns: Json
      }
      channel_page: {
        Args: {
          after_seq?: number
          around_seq?: number
          before_seq?: number
          channel_id: string
          page_size?: number
        }
        Returns: Json
      }
      create_channel: {
        Args: {
          kind: Database['public']['Enums']['channel_kind']
          member_ids?: string[]
          name: string
          purpose?: string
          topic?: string
          workspace_id: string
        }
        Returns: Json
      }
      create_invitation: {
        Args: {
          email?: string
          expires_in?: string
          max_uses?: number
          role?: Database['public']['Enums']['workspace_role']
          workspace_id: string
        }
        Returns: Json
      }
      create_recovery_codes: { Args: Record<PropertyKey, never>; Returns: Json }
      create_workspace: { Args: { icon?: string; name: string; slug?: string }; Returns: Json }
      deactivate_member: { Args: { user_id: string; workspace_id: string }; Returns: Json }
      delete_message: { Args: { message_id: string }; Returns: Json }
      end_other_sessions: { Args: Record<PropertyKey, never>; Returns: Json }
      end_session: { Args: { session_id: string }; Returns: Json }
      join_channel: { Args: { channel_id: string }; Returns: Json }
      leave_channel: { Args: { channel_id: string }; Returns: Json }
      leave_workspace: { Args: { workspace_id: string }; Returns: Json }
      link_sso_members: { Args: { connection_id: string }; Returns: Json }
      list_members: {
        Args: { after_handle?: string; page_size?: number; query?: string; workspace_id: string }
        Returns: Json
      }
      list_sessions: { Args: Record<PropertyKey, never>; Returns: Json }
      mark_read: { Args: { channel_id: string; seq: number }; Returns: Json }
      mark_unread: { Args: { channel_id: string; seq: number }; Returns: Json }
      may_manage_sso: { Args: { workspace_id: string }; Returns: boolean }
      may_reset_password: { Args: { user_id: string }; Returns: boolean }
      message_context: { Args: { message_id: string }; Returns: Json }
      open_direct: { Args: { user_ids: string[]; workspace_id: string }; Returns: Json }
      preview_invitation: { Args: { code: string }; Returns: Json }
      reactivate_member: { Args: { user_id: string; workspace_id: string }; Returns: Json }
      recovery_codes_left: { Args: Record<PropertyKey, never>; Returns: number }
      remove_channel_member: { Args: { channel_id: string; user_id: string }; Returns: Json }
      remove_workspace_member: { Args: { user_id: string; workspace_id: string }; Returns: Json }
      revoke_invitation: { Args: { invitation_id: string }; Returns: Json }
      search_messages: {
        Args: {
          before_at?: string
          before_id?: string
          from_handles?: string[]
          has?: string[]
          has_not?: string[]
          in_places?: string[]
          in_thread?: boolean
          not_from_handles?: string[]
          not_in_places?: string[]
          page_size?: number
          since?: string
          terms?: Json
          until?: string
          workspace_id: string
        }
        Returns: Json
      }
      session_requirements: { Args: Record<PropertyKey, never>; Returns: Json }
      set_member_role: {
        Args: { role: Database['public']['Enums']['workspace_role']; user_id: string; workspace_id: string }
        Returns: Json
      }
      set_workspace_security: {
        Args: { require_sso?: boolean; require_two_factor?: boolean; workspace_id: string }
        Returns: Json
      }
      sign_in_methods: { Args: { email: string }; Returns: Json }
      thread_page: { Args: { before_seq?: number; page_size?: number; root_id: string }; Returns: Json }
      unarchive_channel: { Args: { channel_id: string }; Returns: Json }
      use_recovery_code: { Args: { code: string }; Returns: Json }
    }
    Enums: {
      channel_kind: 'public' | 'private' | 'direct'
      workspace_role: 'owner' | 'admin' | 'member' | 'guest'
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R
      }
      ? R
      : never
    : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I
      }
      ? I
      : never
    : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U
      }
      ? U
      : never
    : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema['Enums']
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema['CompositeTypes']
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never

export const Constants = {
  public: {
    Enums: {
      channel_kind: ['public', 'private', 'direct'],
      workspace_role: ['owner', 'admin', 'member', 'guest'],
    },
  },
} as const
