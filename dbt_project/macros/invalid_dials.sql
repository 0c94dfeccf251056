{#- Why a dial was not worth making, in a fixed order: the flags of `judged_dials`. -#}
{% macro invalid_dial_reasons() -%}
    {{ return(['invalid_number', 'do_not_call', 'outside_hours', 'too_soon', 'closed_lead']) }}
{%- endmacro %}

{#- The counts of fct_invalid_dials_daily; a dial with several reasons is one invalid dial. -#}
{% macro invalid_dial_counts() -%}
    count(*)::integer as dial_count,
    {{ count_where('is_' ~ invalid_dial_reasons() | join(' or is_')) }} as invalid_count,
    {%- for reason in invalid_dial_reasons() %}
    {{ count_where('is_' ~ reason) }} as {{ reason }}_count,
    {%- endfor %}
    sum(cost_amount)::decimal(18, 4) as cost_amount,
    (sum(cost_amount) filter (where {{ 'is_' ~ invalid_dial_reasons() | join(' or is_') }}))::decimal(18, 4)
        as invalid_cost_amount
{%- endmacro %}

{#- Dials of the run's dates, with the dial to the same number before: `dials`. Those of the days
    before are looked at too, as far back as a gap between two dials may reach. -#}
{% macro dials_in_turn() -%}
gaps as (

    select coalesce(max(ceil({{ safe_rate('gap_seconds', '86400') }})), 0)::integer as gap_days
    from {{ source('scope', 'dial_gaps') }}

),

near as (

    select
        facts.*,
        coalesce(
            facts.originated_at, {{ local_midnight('facts.dial_date', 'company.timezone') }}
        ) as moment,
        case
            when facts.phone_hash is not null and facts.originated_at is not null
                then lag(facts.originated_at) over (
                    partition by facts.phone_hash order by facts.originated_at, facts.dial_id
                )
        end as dialled_before_at
    from {{ ref('fct_dials') }} as facts
    cross join {{ source('scope', 'company') }} as company
    cross join gaps
    where
        facts.is_dial
        {%- if is_incremental() %}
        and exists (
            select 1
            from {{ source('scope', 'touched_dates') }} as touched
            where touched.event_date between facts.dial_date and facts.dial_date + gaps.gap_days
        )
        {%- endif %}

),

dials as (

    select * from near
    where {{ is_touched_date('near.dial_date') }}

)
{%- endmacro %}

{#- For each reason the dials that have it, as things stood before they were made: a chain of CTEs
    that ends in `judged_dials`; needs `dials`, `numbers`, `told`, `leads` and `seen`. -#}
{% macro judged_dials() -%}
dead as (

    select
        dials.dial_id,
        dials.phone_hash,
        dials.moment,
        numbers.valid_from
    from dials
    inner join numbers
        on
            dials.phone_hash = numbers.phone_hash
            and dials.moment > numbers.valid_from
            and (numbers.valid_to is null or dials.moment <= numbers.valid_to)

),

{#- A number that nothing has been heard of for so long may be tried again. -#}
invalid_number as (

    select dead.dial_id
    from dead
    left join {{ ref('int_numbers__evidence') }} as evidence
        on dead.phone_hash = evidence.phone_hash and dead.moment > evidence.seen_at
    cross join seen
    group by dead.dial_id, dead.moment, dead.valid_from, seen.number_recheck_days
    having
        dead.moment < greatest(dead.valid_from, max(evidence.seen_at))
        + to_days(seen.number_recheck_days)

),

do_not_call as (

    select dials.dial_id
    from dials
    inner join told
        on
            dials.phone_hash = told.phone_hash
            and dials.moment > told.requested_at
            and (told.until_at is null or dials.moment < told.until_at)
    group by all

),

{#- A clock is read once for each zone of a region: that takes longer than all the rest. -#}
clocks as (

    select
        dials.dial_id,
        dials.dial_date,
        zones.phone_region,
        zones.timezone,
        timezone(zones.timezone, dials.originated_at)::time as told
    from dials
    inner join (
        select
            phone_region,
            timezone
        from {{ source('scope', 'closed_hours') }}
        group by all
    ) as zones
        on dials.phone_region = zones.phone_region

),

outside_hours as (

    select clocks.dial_id
    from clocks
    inner join {{ source('scope', 'closed_hours') }} as closed
        on
            clocks.phone_region = closed.phone_region
            and clocks.timezone = closed.timezone
            and clocks.dial_date >= closed.effective_from
            and (closed.effective_until is null or clocks.dial_date <= closed.effective_until)
    where
        60 * hour(clocks.told) + minute(clocks.told)
        between closed.begin_minute and closed.end_minute - 1
    group by all

),

too_soon as (

    select dials.dial_id
    from dials
    inner join {{ source('scope', 'dial_gaps') }} as least_gaps
        on
            dials.phone_region = least_gaps.phone_region
            and dials.dial_date >= least_gaps.effective_from
            and (least_gaps.effective_until is null or dials.dial_date <= least_gaps.effective_until)
    where epoch(dials.originated_at - dials.dialled_before_at) < least_gaps.gap_seconds
    group by all

),

{#- After a deal a dial to the customer is service; one to the lead it was is for nothing. -#}
closed_lead as (

    select dials.dial_id
    from dials
    inner join leads on dials.lead_id = leads.lead_id
    inner join leads as living on leads.surviving_lead_id = living.lead_id
    where
        dials.customer_id is null
        and dials.moment > least(living.lost_at, living.won_at)
    group by all

),

judged_dials as (

    select
        dials.*,
        {%- for reason in invalid_dial_reasons() %}
        {{ reason }}.dial_id is not null as is_{{ reason }}{{ "," if not loop.last }}
        {%- endfor %}
    from dials
    {%- for reason in invalid_dial_reasons() %}
    left join {{ reason }} on dials.dial_id = {{ reason }}.dial_id
    {%- endfor %}

)
{%- endmacro %}
