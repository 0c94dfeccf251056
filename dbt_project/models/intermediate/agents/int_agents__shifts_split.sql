-- Grain: one row per part of a planned shift that lies on one local day.
with

rosters as (

    select * from {{ ref('int_rosters__newest_kept') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

-- Who is away has no shift; what two plans both say is planned once.
shifts as (

    select
        rosters.agent_id,
        greatest(
            rosters.shift_start, max(rosters.shift_end) over before
        ) as started_at,
        rosters.shift_end as ended_at,
        coalesce(rosters.planned_break_s, 0) as break_seconds
    from rosters
    where
        not rosters.is_deleted
        and rosters.absence_code is null
        and rosters.shift_end > rosters.shift_start
    window before as (
        partition by rosters.agent_id
        order by rosters.shift_start, rosters.source_system
        rows between unbounded preceding and 1 preceding
    )

),

shift_days as (

    select
        shifts.*,
        company.timezone as zone,
        {{ local_days('shifts.started_at', 'shifts.ended_at', 'company.timezone') }}
            as work_date
    from shifts
    cross join company
    where shifts.ended_at > shifts.started_at

),

parts as (

    select
        work_date,
        agent_id,
        break_seconds,
        epoch(ended_at - started_at) as shift_seconds,
        greatest(started_at, {{ local_midnight('work_date', 'zone') }}) as begin_at,
        least(ended_at, {{ local_midnight('work_date + 1', 'zone') }}) as end_at
    from shift_days

)

select
    work_date,
    agent_id,
    begin_at as started_at,
    end_at as ended_at,
    epoch(end_at - begin_at)::bigint as shift_seconds,
    -- A break has no time of day: each part of the shift has its share of it.
    (
        epoch(end_at - begin_at)
        * greatest(1 - {{ safe_rate('break_seconds', 'shift_seconds') }}, 0)
    )::bigint as scheduled_seconds
from parts
