{#- Kaplan and Meier's curve: the share to whom it has not yet happened, by time.

    `spells` has one row a thing: columns of `together` (one curve each; [] for one in all),
    `duration`, and `is_event`, false for what was still waiting when it was last seen. Rows
    without a duration are left out. One row per (together, duration) that was seen: at_risk_count,
    event_count, survival_rate, survival_error_rate (Greenwood) and the log-log 95 % interval, which
    is null where the rate is 1 or 0: there it says nothing. -#}
{% macro kaplan_meier(spells, duration, is_event, together=[]) -%}
    {%- set keys = together | map('string') | join(', ') -%}
    {%- set listed = keys ~ ', ' if together else '' -%}
    {%- set family = 'partition by ' ~ keys if together else '' -%}
    {%- set so_far = '(' ~ family ~ ' order by ' ~ duration ~ ')' -%}
    with

    leaving as (

        select
            {{ listed }}{{ duration }},
            count(*) as leaving_count,
            count(*) filter (where {{ is_event }}) as event_count
        from {{ spells }}
        where {{ duration }} is not null
        group by {{ listed }}{{ duration }}

    ),

    at_risk as (

        select
            {{ listed }}{{ duration }},
            event_count,
            -- Who leaves on a day without the event is still at risk on that day.
            sum(leaving_count) over ({{ family }} order by {{ duration }} desc)::bigint
                as at_risk_count
        from leaving

    ),

    summed as (

        select
            *,
            min(at_risk_count - event_count) over {{ so_far }} = 0 as is_over,
            {{ exact_sum(
                'ln(nullif(at_risk_count - event_count, 0)::double / at_risk_count)', 30
            ) }} over {{ so_far }} as log_survival,
            {{ exact_sum(
                'event_count::double / nullif(at_risk_count - event_count, 0) / at_risk_count', 30
            ) }} over {{ so_far }} as log_variance
        from at_risk

    ),

    rated as (

        select
            *,
            -- Rounded, so that one half is one half: the median hangs on it.
            case when is_over then 0.0 else round(exp(log_survival::double), 12) end::double
                as survival_rate,
            case when not is_over and log_survival < 0 then log_survival::double end as log_rate,
            case when not is_over then sqrt(log_variance::double) end as log_error
        from summed

    )

    select
        {{ listed }}{{ duration }},
        at_risk_count,
        event_count,
        survival_rate,
        survival_rate * log_error as survival_error_rate,
        exp(log_rate * exp({{ z95() }} * log_error / -log_rate)) as survival_low_rate,
        exp(log_rate * exp(-{{ z95() }} * log_error / -log_rate)) as survival_high_rate
    from rated
{%- endmacro %}

{#- What a curve says: the median time, and the share to whom it has happened by these times.

    `curve` holds the rows of kaplan_meier. Columns: spell_count, event_count, longest_duration,
    median_duration (null where fewer than half had it) and, of each time, by_<time>_rate with
    by_<time>_low_rate and by_<time>_high_rate; null beyond the longest time seen, unless it has
    happened to all. -#}
{% macro kaplan_meier_times(curve, duration, times, together=[]) -%}
    select
        {% for key in together %}{{ key }},
        {% endfor -%}
        max(at_risk_count) as spell_count,
        sum(event_count)::bigint as event_count,
        max({{ duration }}) as longest_duration,
        min({{ duration }}) filter (where survival_rate <= 0.5) as median_duration,
        {%- for time in times %}
        {%- set seen = 'max(' ~ duration ~ ') >= ' ~ time ~ ' or min(survival_rate) = 0' %}
        {%- set here = ' filter (where ' ~ duration ~ ' <= ' ~ time ~ ')' %}
        {%- set last = ', ' ~ duration ~ ')' ~ here %}
        case
            when {{ seen }} then 1 - coalesce(min(survival_rate){{ here }}, 1)
        end as by_{{ time }}_rate,
        case
            when {{ seen }} then 1 - arg_max_null(survival_high_rate{{ last }}
        end as by_{{ time }}_low_rate,
        case
            when {{ seen }} then 1 - arg_max_null(survival_low_rate{{ last }}
        end as by_{{ time }}_high_rate{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ curve }}
    {{ 'group by ' ~ together | join(', ') if together }}
{%- endmacro %}

{#- Aalen and Johansen's cumulative incidence: the share to whom each of several ends has come.

    What one end takes can no longer go to the other, which one curve an end would forget. `ending`
    is the end, null for what was still waiting. One row per (together, duration, end) at which that
    end came: event_count, incidence_rate. -#}
{% macro cumulative_incidence(spells, duration, ending, together=[]) -%}
    {%- set keys = together | map('string') | join(', ') -%}
    {%- set listed = keys ~ ', ' if together else '' -%}
    {%- set family = 'partition by ' ~ keys if together else '' -%}
    with

    curve as (

        {{ kaplan_meier(spells, duration, ending ~ ' is not null', together) }}

    ),

    before as (

        select
            *,
            coalesce(
                lag(survival_rate) over ({{ family }} order by {{ duration }}), 1
            ) as waiting_rate
        from curve

    ),

    ended as (

        select
            {{ listed }}{{ duration }},
            {{ ending }},
            count(*) as event_count
        from {{ spells }}
        where {{ duration }} is not null and {{ ending }} is not null
        group by {{ listed }}{{ duration }}, {{ ending }}

    )

    select
        ended.*,
        {{ exact_sum(
            'before.waiting_rate * ended.event_count / before.at_risk_count', 30
        ) }} over (
            partition by {% for key in together %}ended.{{ key }}, {% endfor %}ended.{{ ending }}
            order by ended.{{ duration }}
        )::double as incidence_rate
    from ended
    inner join before on {{ same_keys('ended', 'before', [duration] + together) }}
{%- endmacro %}
