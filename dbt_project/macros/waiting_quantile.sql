{#- A quantile of waiting times in which those still waiting wait longest: null where it is theirs.

    Without them the slower leads are answered, the quicker the answer looks. -#}
{% macro waiting_quantile(seconds, share) -%}
    case
        when count({{ seconds }}) >= {{ share }} * count(*)
            then quantile_disc(
                coalesce({{ seconds }}, 9223372036854775807), {{ share }}
            )::bigint
    end
{%- endmacro %}
