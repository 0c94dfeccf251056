{#- Calls whose words and outcome are both known: dial_id, lead_id, agent_id, channel_id, moment and
    is_won; of the last weeks that were reported. -#}
{% macro spoken_contacts(week_count) -%}
    select
        dials.dial_id,
        dials.lead_id,
        dials.agent_id,
        dials.is_won,
        coalesce(dials.channel_id, contexts.lead_channel_id) as channel_id,
        -- What has no clock time is judged as things stood when its day was over.
        coalesce(
            dials.originated_at,
            {{ local_midnight('dials.dial_date + 1', 'company.timezone') }}
        ) as moment
    from {{ ref('fct_dials') }} as dials
    semi join (
        select analysed.dial_id
        from {{ ref('fct_analysed_calls') }} as analysed
        where analysed.is_analysable
    ) as spoken on dials.dial_id = spoken.dial_id
    left join {{ ref('fct_dial_contexts') }} as contexts on dials.dial_id = contexts.dial_id
    cross join {{ source('scope', 'company') }} as company
    where
        dials.is_handled
        and dials.is_won is not null
        and {{ is_in_reported_weeks('dials.dial_date', week_count) }}
{%- endmacro %}

{#- Those calls by what their leads were tagged with when called: tag_set, tag_count, dial_id,
    agent_id, channel_id, is_won.

    A set is one tag, or two tags that speak of different things, such as an industry and a pain; a
    call is in all of its sets, and in the set * of every call. -#}
{% macro tagged_calls(week_count) -%}
    with

    tags as (

        {{ states_by_key(ref('dim_lead_tags_history'), 'lead_id') }}

    ),

    calls as (

        {{ spoken_contacts(week_count) }}

    ),

    carried as (

        select
            calls.* exclude (moment, lead_id),
            tags.tag,
            tags.tag_type
        from calls
        inner join tags
            on
                calls.lead_id = tags.lead_id
                and calls.moment >= tags.valid_from
                and (tags.valid_to is null or calls.moment < tags.valid_to)
        where not tags.is_deleted

    )

    select
        * exclude (moment, lead_id),
        '*' as tag_set,
        0 as tag_count
    from calls

    union all by name

    select
        * exclude (tag, tag_type),
        tag as tag_set,
        1 as tag_count
    from carried

    union all by name

    select
        carried.* exclude (tag, tag_type),
        carried.tag || '+' || further.tag as tag_set,
        2 as tag_count
    from carried
    inner join carried as further
        on
            carried.dial_id = further.dial_id
            and carried.tag < further.tag
            and carried.tag_type is distinct from further.tag_type
{%- endmacro %}
