{#- What newcomers and veterans are compared by: a row for each agent and measure. -#}
{% macro tenure_measures(agents) -%}
    {%- set measures = {
        'handling_time': ('handling_seconds', 'talk_count'),
        'conversion_rate': ('won_count', 'conversion_base_count'),
        'dials_per_agent_day': ('staffed_dial_count', 'staffed_day_count'),
        'deals_per_agent_day': ('staffed_won_count', 'staffed_day_count'),
    } -%}
    {%- for measure, (total, sample) in measures.items() %}
    select
        week_start_date,
        week_count,
        agent_id,
        tenure_band,
        '{{ measure }}' as measure,
        {{ total }} as agent_total,
        {{ sample }} as agent_sample
    from {{ agents }}
    where tenure_band is not null and {{ total }} is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
