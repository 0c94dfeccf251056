-- Grain: one row per lead_id that has tags of the profile.
with

states as (

    select * from {{ ref('int_lead_tags__states') }}

),

profile as (

    select * from {{ source('scope', 'match_profile') }}

),

needed as (

    select sum(weight_rate) as weight_rate
    from profile

),

newest as (

    select *
    from states
    qualify
        row_number() over (
            partition by source_system, lead_id, tag order by since_at desc
        ) = 1

),

-- Of several tags of one kind the best counts; a tag without a weight is there in full.
best as (

    select
        newest.lead_id,
        profile.tag,
        max(profile.weight_rate * coalesce(newest.weight_rate, 1)) as weight_rate
    from newest
    inner join profile on newest.tag = profile.tag or newest.tag_type = profile.tag
    where not newest.is_deleted and newest.ended_at is null
    group by all

)

select
    best.lead_id,
    {{ safe_rate('sum(best.weight_rate)', 'max(needed.weight_rate)') }} as match_rate
from best
cross join needed
group by all
