-- A third to a half of the time of a page went into planning its queries again for every call: PostgreSQL thought that a
-- plan for these very values would be worth it. All of them go by keys, so one plan serves every call.

alter function private.channel_page(uuid, bigint, bigint, bigint, int) set plan_cache_mode = 'force_generic_plan';
alter function private.thread_page(uuid, bigint, int) set plan_cache_mode = 'force_generic_plan';
alter function private.channel_changes(uuid, bigint, int) set plan_cache_mode = 'force_generic_plan';
