{#- Means over groups whose units come in clusters (calls of agents), as CTEs ending in `clustered`.

    Calls of one agent are alike: a thousand of three agents say as much of newcomers as three
    agents do. The ratio estimator's error is that of the clusters' totals about the group's mean,
    its interval Student's t with as many degrees of freedom as there are clusters, less one. -#}
{% macro clustered_means(clusters, key, total, sample) -%}
{%- set keys = key | join(', ') -%}
grouped as (

    select
        *,
        sum({{ total }}) over (partition by {{ keys }}) as total_value,
        sum({{ sample }}) over (partition by {{ keys }}) as sample_count
    from {{ clusters }}
    where {{ sample }} > 0

),

spread as (

    select
        {{ keys }},
        any_value(total_value)::bigint as total_value,
        any_value(sample_count)::bigint as sample_count,
        any_value({{ safe_rate('total_value', 'sample_count') }}) as mean_value,
        count(*)::integer as agent_count,
        sum(power(
            {{ total }} - {{ safe_rate('total_value', 'sample_count') }} * {{ sample }}, 2
        )) as square_sum
    from grouped
    group by all

),

erred as (

    select
        * exclude (square_sum),
        sqrt(
            {{ safe_rate('agent_count', 'agent_count - 1') }} * square_sum
        ) * {{ safe_rate(1, 'sample_count') }} as standard_error
    from spread

),

clustered as (

    select
        *,
        mean_value - {{ t_quantile('agent_count - 1') }} * standard_error as low_value,
        mean_value + {{ t_quantile('agent_count - 1') }} * standard_error as high_value
    from erred

)
{%- endmacro %}
