{#- Leads to be worked out anew, with the one that lives on: CTEs `living` and `folded`.

    `known` has (lead_id, surviving_lead_id) of the CRM's leads; what it does not know lives on as
    itself. In a day's run only leads that something new tells of are taken, and those that were
    merged with them. -#}
{% macro folded_leads() -%}
living as (

    select
        lead_id,
        surviving_lead_id
    from {{ ref('dim_leads') }}
    qualify source_system = min(source_system) over (partition by lead_id)

),

told as (

    select lead_id from {{ ref('int_leads__dial_days') }}
    where {{ is_touched_date('dial_date') }}
    union
    select lead_id from {{ ref('fct_orders') }}
    where lead_id is not null and {{ is_touched_date('order_date') }}
    union
    select lead_id from {{ ref('int_leads__pending') }}
    {%- if is_incremental() %}
    union
    -- An order that moved to another lead leaves this one.
    select kept.lead_id
    from {{ this }} as kept
    semi join {{ source('scope', 'touched_dates') }} as touched
        on touched.event_date between kept.first_order_date and kept.last_order_date
    {%- endif %}

),

told_living as (

    select coalesce(living.surviving_lead_id, told.lead_id) as surviving_lead_id
    from told
    left join living using (lead_id)
    group by all

),

folded as (

    select
        lead_id,
        surviving_lead_id
    from living
    semi join told_living using (surviving_lead_id)
    union
    select
        told_living.surviving_lead_id as lead_id,
        told_living.surviving_lead_id
    from told_living

)
{%- endmacro %}

{#- A stage reached once its own moment and the stage before it are both past.

    What came before the stage before it counts from there: a lead may bring its interest along. -#}
{% macro reached_after(own_at, before_at) -%}
    case
        when {{ own_at }} is not null and {{ before_at }} is not null
            then greatest({{ own_at }}, {{ before_at }})
    end
{%- endmacro %}

{#- What dials, the CRM's stages, orders and the history of each folded lead say: a chain of CTEs
    that ends in `milestones`, one row per folded lead. -#}
{% macro lead_milestones() -%}
dialled as (

    select
        folded.surviving_lead_id as lead_id,
        sum(days.dial_count)::integer as dial_count,
        sum(days.connected_count)::integer as connected_count,
        min(days.first_dial_at) as dialled_at,
        min(days.first_connected_at) as connected_at,
        max(days.last_two_way_at) as last_two_way_at,
        min(days.intent_at) as intent_at,
        min(days.quoted_at) as quoted_at,
        min(days.won_at) as won_at,
        arg_min(days.channel_id, days.dial_date) as channel_id,
        arg_min(days.campaign_id, days.dial_date) as campaign_id,
        arg_min(days.phone_hash, days.dial_date) as phone_hash,
        sum(days.cost_amount)::decimal(18, 4) as call_cost_amount
    from {{ ref('int_leads__dial_days') }} as days
    inner join folded using (lead_id)
    group by all

),

staged as (

    select
        folded.surviving_lead_id as lead_id,
        {%- for stage in ['intent', 'quoted', 'won', 'paid'] %}
        min(events.occurred_at) filter (where words.stage = '{{ stage }}')
            as {{ stage }}_at{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('int_funnel_events__newest_kept') }} as events
    inner join folded on events.entity_id = folded.lead_id
    inner join {{ source('scope', 'funnel_words') }} as words
        on words.kind = 'event' and events.stage = words.word
    where
        events.entity_type = 'lead'
        and not events.is_deleted
        and events.reversed_by is null
    group by all

),

ordered as (

    select
        folded.surviving_lead_id as lead_id,
        count(*)::integer as order_count,
        min(orders.order_date) as first_order_date,
        max(orders.order_date) as last_order_date,
        min(orders.placed_at) as won_at,
        min(orders.paid_at) as paid_at,
        sum(orders.order_amount) filter (where orders.is_paid) as paid_amount,
        sum(orders.margin_amount) filter (where orders.is_paid) as margin_amount
    from {{ ref('fct_orders') }} as orders
    inner join folded using (lead_id)
    group by all

),

lost as (

    select
        states.lead_id,
        min(states.valid_from) as lost_at
    from {{ ref('dim_leads_history') }} as states
    semi join folded using (lead_id)
    where states.lost_reason is not null and not states.is_first_known
    group by all

),

described as (

    select *
    from {{ ref('dim_leads') }}
    qualify source_system = min(source_system) over (partition by lead_id)

),

-- What is reached later was reached before it at the latest: a deal without a quote had interest.
milestones as (

    select
        folded.lead_id,
        folded.surviving_lead_id,
        described.* exclude (
            lead_id, surviving_lead_id, channel_id, campaign_id, phone_hash, stage
        ),
        dialled.* exclude (
            lead_id, channel_id, campaign_id, phone_hash, intent_at, quoted_at, won_at
        ),
        ordered.* exclude (lead_id, won_at, paid_at),
        lost.lost_at,
        coalesce(described.channel_id, dialled.channel_id) as channel_id,
        coalesce(described.campaign_id, dialled.campaign_id) as campaign_id,
        coalesce(described.phone_hash, dialled.phone_hash) as phone_hash,
        least(staged.paid_at, ordered.paid_at) as told_paid_at,
        least(
            staged.won_at, ordered.won_at, dialled.won_at, described.converted_at, told_paid_at
        ) as told_won_at,
        least(staged.quoted_at, dialled.quoted_at) as told_quoted_at,
        least(staged.intent_at, dialled.intent_at) as told_intent_at
    from folded
    left join described on folded.lead_id = described.lead_id
    left join dialled on folded.lead_id = dialled.lead_id
    left join staged on folded.lead_id = staged.lead_id
    left join ordered on folded.lead_id = ordered.lead_id
    left join lost on folded.lead_id = lost.lead_id

)
{%- endmacro %}

{#- Leads that shares are of: merged and withdrawn ones and customers known before are none. -#}
{% macro is_countable_lead(leads) -%}
    not {{ leads }}.is_merged
    and not {{ leads }}.is_withdrawn
    and not {{ leads }}.is_known_customer
{%- endmacro %}
