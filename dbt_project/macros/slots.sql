{#- How firmly cells of a level follow the cell above: the prior strength by the method of moments,
    how many dials the rate above is worth. The less cells of one parent differ beyond chance, the
    more; between 3 and 5000. `cells` has k, n and parent_k, parent_n. -#}
{% macro prior_dials(cells) -%}
    select
        case
            when variance > 0
                then least(greatest({{ safe_rate('mean * (1 - mean)', 'variance') }} - 1, 3), 5000)
            else 5000
        end as prior_dial_count
    from (
        select
            {{ safe_rate('sum(all_k)', 'sum(all_n)') }} as mean,
            {{ safe_rate('sum(spread) - ' ~ exact_sum('by_chance'), exact_sum('base')) }}
                as variance
        from (
            select
                sum(k) as all_k,
                sum(n) as all_n,
                {{ exact_sum('n * pow(' ~ safe_rate('k', 'n') ~ ' - '
                    ~ safe_rate('parent_k', 'parent_n') ~ ', 2)') }} as spread,
                (count(*) - 1) * any_value(
                    {{ safe_rate('parent_k * (parent_n - parent_k)', 'parent_n * parent_n') }}
                ) as by_chance,
                sum(n) - {{ safe_rate('sum(n * n)', 'sum(n)') }} as base
            from {{ cells }}
            group by parent
        ) as parents
    ) as moments
{%- endmacro %}

{#- A rate drawn towards another, which counts as so many dials. -#}
{% macro drawn_towards(k, n, rate, dials) -%}
    {{ safe_rate(k ~ ' + ' ~ dials ~ ' * ' ~ rate, n ~ ' + ' ~ dials) }}
{%- endmacro %}

{#- Hours of the week from the coarsest level down, each drawn towards the one above: all dials,
    hours, hours by weekday, those by region. A chain of CTEs that ends in `slots`: `cells` (dials n
    and connects k by hour, weekday and region) with the rate and strength of the prior. -#}
{% macro slot_levels() -%}
regions as (

    select
        *,
        (dial_hour, weekday) as parent,
        sum(n) over slot as parent_n,
        sum(k) over slot as parent_k,
        sum(n) over (partition by dial_hour) as hour_n,
        sum(k) over (partition by dial_hour) as hour_k,
        sum(n) over () as all_n,
        sum(k) over () as all_k
    from cells
    window slot as (partition by dial_hour, weekday)

),

weekdays as (

    select
        dial_hour,
        weekday,
        dial_hour as parent,
        parent_n as n,
        parent_k as k,
        hour_n as parent_n,
        hour_k as parent_k
    from regions
    group by all

),

hours as (

    select
        dial_hour,
        0 as parent,
        hour_n as n,
        hour_k as k,
        all_n as parent_n,
        all_k as parent_k
    from regions
    group by all

),

hour_prior as (

    {{ prior_dials('hours') }}

),

weekday_prior as (

    {{ prior_dials('weekdays') }}

),

region_prior as (

    {{ prior_dials('regions') }}

),

hour_rates as (

    select
        hours.dial_hour,
        {{ drawn_towards(
            'hours.k', 'hours.n', safe_rate('hours.parent_k', 'hours.parent_n'),
            'hour_prior.prior_dial_count'
        ) }} as rate
    from hours
    cross join hour_prior

),

weekday_rates as (

    select
        weekdays.dial_hour,
        weekdays.weekday,
        {{ drawn_towards(
            'weekdays.k', 'weekdays.n', 'hour_rates.rate', 'weekday_prior.prior_dial_count'
        ) }} as rate
    from weekdays
    cross join weekday_prior
    inner join hour_rates on weekdays.dial_hour = hour_rates.dial_hour

),

slots as (

    select
        regions.*,
        weekday_rates.rate as prior_rate,
        region_prior.prior_dial_count
    from regions
    cross join region_prior
    inner join weekday_rates
        on
            regions.dial_hour = weekday_rates.dial_hour
            and regions.weekday = weekday_rates.weekday

)
{%- endmacro %}
