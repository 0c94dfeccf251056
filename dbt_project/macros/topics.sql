{#- Whether a day is in the last months that were reported. -#}
{% macro is_in_reported_months(column, month_count) -%}
    {{ column }} >= (
        select max(periods.period_start_date) - to_months({{ month_count - 1 }})
        from {{ source('scope', 'reported_periods') }} as periods
        where periods.cycle = 'monthly'
    ) and {{ column }} < (
        select max(periods.period_start_date) + to_months(1)
        from {{ source('scope', 'reported_periods') }} as periods
        where periods.cycle = 'monthly'
    )
{%- endmacro %}

{#- Topics by month, each month against the three before it together. -#}
{% macro topics_tested(counted) -%}
    , before as (

        select
            later.*,
            coalesce(sum(earlier.call_count), 0)::integer as previous_call_count,
            coalesce(sum(earlier.voiced_call_count), 0)::integer as previous_voiced_call_count
        from {{ counted }} as later
        left join {{ counted }} as earlier
            on
                later.kind = earlier.kind
                and later.label = earlier.label
                and earlier.call_month < later.call_month
                and earlier.call_month >= later.call_month - to_months(3)
        group by all

    ),

    scored as (

        select
            before.*,
            concerns.label is not null as is_concern,
            {{ safe_rate('voiced_call_count', 'call_count') }} as voiced_rate,
            {{ safe_rate('previous_voiced_call_count', 'previous_call_count') }}
                as previous_voiced_rate,
            {{ two_proportions_score(
                'voiced_call_count', 'call_count',
                'previous_voiced_call_count', 'previous_call_count'
            ) }} as growth_score
        from before
        left join {{ source('scope', 'concerns') }} as concerns
            on concerns.label
            = case when before.kind = 'intent' then before.label else before.kind end

    ),

    tested as (

        select
            *,
            -- With fewer, one call more is already growth.
            case
                when voiced_call_count + previous_voiced_call_count >= 10
                    then {{ two_sided_probability('growth_score') }}
            end as probability
        from scored

    ),

    adjusted as (

        {{ benjamini_hochberg('tested', 'probability', 'adjusted_probability', ['call_month']) }}

    )

    select
        *,
        case
            when probability is null then 'too_few'
            when adjusted_probability >= 0.05 then 'as_before'
            when growth_score > 0 then 'grows'
            else 'falls'
        end as verdict
    from adjusted
{%- endmacro %}
