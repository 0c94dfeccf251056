{#- What fct_agents_daily tells of an agent's day, added up over queues and directions. -#}
{% macro agent_day_counts() -%}
    {{ return([
        'row_count', 'dial_count', 'connected_count', 'connect_base_count', 'contact_count',
        'won_count', 'conversion_base_count', 'talk_count', 'talk_seconds',
        'handling_seconds', 'handling_square_sum',
    ]) }}
{%- endmacro %}

{#- Everything that is added up of an agent's day: counts, seconds, surveys. -#}
{% macro agent_day_names() -%}
    {{ return(agent_day_counts() + [
        'ready_seconds', 'talking_seconds', 'hold_seconds', 'after_call_seconds',
        'break_seconds', 'training_seconds', 'other_seconds', 'logged_in_seconds',
        'open_logged_in_seconds', 'busy_seconds', 'available_seconds', 'rostered_seconds', 'scheduled_seconds',
        'adherent_seconds', 'paid_seconds', 'survey_offered_count',
        'survey_answered_count', 'csat_base_count', 'satisfied_count',
    ]) }}
{%- endmacro %}

{#- The rates that follow; `hours` are those logged in. -#}
{% macro agent_day_rates() -%}
    {{ safe_rate('connected_count', 'connect_base_count') }} as connect_rate,
    {{ safe_rate('won_count', 'conversion_base_count') }} as conversion_rate,
    ({{ safe_rate('handling_seconds', 'talk_count') }})::decimal(18, 3)
        as mean_handling_seconds,
    {{ safe_rate('busy_seconds', 'available_seconds') }} as occupancy_rate,
    {{ safe_rate('busy_seconds', 'paid_seconds') }} as utilisation_rate,
    {{ safe_rate('adherent_seconds', 'scheduled_seconds') }} as adherence_rate,
    ({{ safe_rate('won_count', safe_rate('logged_in_seconds', 3600)) }})::decimal(18, 6)
        as hourly_won_count,
    {{ safe_rate('satisfied_count', 'csat_base_count') }} as csat_rate,
    {{ safe_rate('survey_answered_count', 'survey_offered_count') }} as response_rate
{%- endmacro %}

{#- Columns of the seconds of each state; a state of an agent seen at all is 0, not null. -#}
{% macro agent_state_names() -%}
    {{ return({
        'ready': 'ready_seconds', 'talking': 'talking_seconds', 'hold': 'hold_seconds',
        'acw': 'after_call_seconds', 'break': 'break_seconds',
        'training': 'training_seconds', 'other': 'other_seconds',
    }) }}
{%- endmacro %}

{% macro agent_state_sums(rows) -%}
    {%- for state, name in agent_state_names().items() %}
    coalesce(
        sum({{ rows }}.state_seconds) filter (where {{ rows }}.state = '{{ state }}'), 0
    )::bigint as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Sums of columns over rows that each hold some of them. -#}
{% macro sums_of(rows, names) -%}
    {%- for name in names %}
    sum({{ rows }}.{{ name }})::bigint as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
