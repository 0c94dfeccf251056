{#- What follows from cost, leads, deals, revenue and margin.

    ROI has two names: in finance (margin - cost) / cost; the "ROI 1:8" of a Chinese media plan is
    revenue / cost, which others call ROAS. -#}
{% macro money_rates(sums) -%}
    {{ safe_rate(sums ~ '.mature_deal_count', sums ~ '.mature_lead_count') }} as deal_rate,
    {{ safe_rate('coalesce(' ~ sums ~ '.mature_lead_count, 0)', sums ~ '.lead_count') }}
        as maturity_rate,
    ({{ safe_rate(sums ~ '.cost_amount', sums ~ '.lead_count') }})::decimal(18, 4)
        as cost_per_lead_amount,
    ({{ safe_rate(sums ~ '.cost_amount', sums ~ '.deal_count') }})::decimal(18, 4)
        as cost_per_deal_amount,
    {{ safe_rate(sums ~ '.net_amount', sums ~ '.cost_amount') }} as roi_cn_rate,
    {{ safe_rate(
        sums ~ '.margin_amount - ' ~ sums ~ '.cost_amount', sums ~ '.cost_amount'
    ) }} as roi_finance_rate
{%- endmacro %}
