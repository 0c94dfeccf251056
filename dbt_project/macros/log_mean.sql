{#- What a factor of a product did to its change, exactly (LMDI, Ang 2004): log-mean of the product
    times the log of how the factor changed. The effects of all factors add up to the change. Null
    where the product or the factor was 0 or unknown. -#}
{% macro log_mean_effect(factor_now, factor_before, product_now, product_before) -%}
    case
        when least({{ factor_now }}, {{ factor_before }}, {{ product_now }}, {{ product_before }}) > 0
            then
                ln(({{ factor_now }}) / ({{ factor_before }}))
                * case
                    when ({{ product_now }}) = ({{ product_before }}) then {{ product_now }}
                    else
                        (({{ product_now }}) - ({{ product_before }}))
                        / ln(({{ product_now }}) / ({{ product_before }}))
                end
    end
{%- endmacro %}

{#- Deals a staffed agent-day of each week beside those of the week before, and what each lever did. -#}
{% macro deals_split(levels, levers) -%}
    select
        later.week_start_date,
        later.agent_day_count,
        later.dial_count,
        later.contact_count,
        later.won_count,
        later.deals_ratio as deals_per_agent_day_ratio,
        earlier.deals_ratio as previous_deals_per_agent_day_ratio,
        later.deals_ratio - earlier.deals_ratio as change_ratio,
        {%- for lever in levers %}
        {{ log_mean_effect(
            'later.' ~ lever ~ '_ratio', 'earlier.' ~ lever ~ '_ratio',
            'later.deals_ratio', 'earlier.deals_ratio'
        ) }} as {{ lever }}_effect_ratio,
        {%- endfor %}
        -- Nobody drew lots: what moved together need not have moved the deals.
        false as is_identified
    from {{ levels }} as later
    inner join {{ levels }} as earlier
        on later.week_start_date = earlier.week_start_date + 7
{%- endmacro %}
