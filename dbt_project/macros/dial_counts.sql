{#- The counts of a group of dials, defined once.

    A flag is null where the source cannot tell, and a sum over nothing but nulls is null: a
    count that has no base is not available, never 0. -#}
{% macro dial_counts(dials) -%}
    {%- set counts = [
        ('dial_count', 'is_dial'),
        ('answered_count', 'is_answered'),
        ('connected_count', 'is_connected'),
        ('offered_count', 'is_offered'),
        ('served_count', 'is_served'),
        ('abandoned_count', 'is_abandoned'),
        ('contact_count', 'is_handled'),
        ('won_count', 'is_won'),
        ('short_talk_count', 'is_short_talk'),
        ('short_talk_inclusive_count', 'is_short_talk_inclusive'),
    ] -%}
    count(*)::bigint as row_count,
    {%- for name, flag in counts %}
    sum({{ dials }}.{{ flag }}::integer)::bigint as {{ name }},
    {%- endfor %}
    nullif(count({{ dials }}.is_connected), 0)::bigint as connect_base_count,
    nullif(count(*) filter (where {{ dials }}.is_handled and {{ dials }}.is_won is not null), 0)::bigint
        as conversion_base_count,
    nullif(count({{ dials }}.talk_seconds), 0)::bigint as talk_count,
    sum({{ dials }}.talk_seconds)::bigint as talk_seconds,
    sum({{ dials }}.talk_seconds::bigint * {{ dials }}.talk_seconds)::bigint as talk_square_sum,
    sum({{ dials }}.handling_seconds)::bigint as handling_seconds,
    sum({{ dials }}.handling_seconds::bigint * {{ dials }}.handling_seconds)::bigint
        as handling_square_sum
{%- endmacro %}

{#- Names of the counts above, for models that add them up again. -#}
{% macro dial_count_names() -%}
    {{ return([
        'row_count', 'dial_count', 'answered_count', 'connected_count', 'offered_count',
        'served_count', 'abandoned_count', 'contact_count', 'won_count', 'short_talk_count',
        'short_talk_inclusive_count', 'connect_base_count', 'conversion_base_count', 'talk_count',
        'talk_seconds', 'talk_square_sum', 'handling_seconds', 'handling_square_sum',
    ]) }}
{%- endmacro %}

{#- The counts above, added up from rows that hold them. -#}
{% macro dial_count_sums(rows) -%}
    {%- for name in dial_count_names() %}
    sum({{ rows }}.{{ name }})::bigint as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The rates that follow from the counts. -#}
{% macro dial_rates() -%}
    {{ safe_rate('connected_count', 'connect_base_count') }} as connect_rate,
    {{ safe_rate('served_count', 'offered_count') }} as served_rate,
    {{ safe_rate('short_talk_count', 'talk_count') }} as short_talk_rate,
    {{ safe_rate('won_count', 'conversion_base_count') }} as conversion_rate
{%- endmacro %}
