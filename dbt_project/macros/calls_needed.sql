{#- How many things on either side it takes to show, with 80 % power at 5 %, that a share is this
    many times as high: 4,607 for .05 and 1.27. Null where the share is 0, unknown or would pass 1. -#}
{% macro calls_needed(share, lift) -%}
    case
        when {{ share }} > 0 and {{ share }} * {{ lift }} <= 1
            then ceil(
                pow({{ z95() }} + 0.8416212335729143, 2)
                * (
                    {{ share }} * (1 - {{ share }})
                    + {{ lift }} * {{ share }} * (1 - {{ lift }} * {{ share }})
                )
                / pow({{ share }} * ({{ lift }} - 1), 2)
            )::bigint
    end
{%- endmacro %}
